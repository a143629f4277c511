"""Tables of the campaign engine: events, write-back, seasons, trunks and processes."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment, one_of
from voicebot.domain.crm_update import UpdateState

crm_events = Table(
    # What happened to a customer, as the company's CRM told us.
    "crm_events",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),  # the CRM's own name for the event: told twice, it is one
    belongs_to("customers"),
    Column("kind", Text, nullable=False),  # abandoned_cart, registration, paid ...: the CRM's words
    moment("at"),
    moment("received_at"),
    Column("details", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index(None, "customer_id", "at"),
    Index(None, "received_at"),
)

crm_updates = Table(
    # What the company's CRM is told; each row has a job until it is sent or failed for good (a dead letter).
    "crm_updates",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),  # idempotency key: one per call and kind
    belongs_to("customers"),
    belongs_to("calls", nullable=True, ondelete="SET NULL"),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),  # without personal data
    moment("created_at"),
    moment("sent_at", nullable=True),
    one_of("state", UpdateState),
    Index(None, "customer_id"),
)
Index("ix_crm_updates_failed", crm_updates.c.id, postgresql_where=crm_updates.c.state == UpdateState.FAILED.value)

seasonal_list = Table(
    # Lost for now: called again on a reason only (DOMAIN.md, The win-back call).
    "seasonal_list",
    metadata,
    key(),
    belongs_to("customers"),
    moment("since"),
    Column("reason", Text, nullable=False),  # why they were lost: a disposition or a word of the rules
    belongs_to("calls", nullable=True, ondelete="SET NULL"),
    UniqueConstraint("customer_id"),
)

trunks = Table(
    # What all processes must agree on about a trunk; made when it is first dialled over.
    "trunks",
    metadata,
    Column("name", Text, primary_key=True),
    moment("next_call_at"),  # calls per second: no INVITE leaves before this moment
    moment("paused_until", nullable=True),  # the circuit breaker is open
    Column("trips", Integer, nullable=False, server_default="0"),  # times in a row it has opened
    Column("reason", Text, nullable=False, server_default=""),
    Column("results", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # of the last calls: the breaker's
)

processes = Table(
    # Who works on this database: each process tells every few seconds that it is alive.
    "processes",
    metadata,
    Column("id", Text, primary_key=True),  # host:pid:number, unique over restarts
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("kind", Text, nullable=False),  # line, jobs, web
    Column("name", Text, nullable=False),
    Column("lines", Integer, nullable=False, server_default="0"),
    Column("version", Text, nullable=False),
    moment("started_at"),
    moment("seen_at"),
    CheckConstraint("lines >= 0", name="lines"),
)
