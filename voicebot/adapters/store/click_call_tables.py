"""The table of call-backs by a click."""

from sqlalchemy import Column, Index, Table, Text

from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment, one_of
from voicebot.domain.click_call import ClickResult

click_calls = Table(
    # A manager's phone, then the customer's, put through to each other. No recording: nobody was told of one.
    "click_calls",
    metadata,
    key(),
    belongs_to("escalations"),
    belongs_to("customers"),
    Column("requested_by", Text, nullable=False),  # login of the manager
    Column("manager_address", Text, nullable=False),  # E.164 or SIP
    moment("requested_at"),
    Column("owner", Text, nullable=False, server_default=""),  # the line that carries it out
    moment("lease_until", nullable=True),
    Column("manager_trunk", Text, nullable=False, server_default=""),
    Column("customer_trunk", Text, nullable=False, server_default=""),
    moment("manager_answered_at", nullable=True),
    moment("customer_answered_at", nullable=True),
    moment("ended_at", nullable=True),
    Column("result", Text, nullable=True),
    one_of("result", ClickResult),
    Index(None, "escalation_id"),
)
# One at a time for a customer, and for a manager: these also are the queue of the lines.
for _column in (click_calls.c.customer_id, click_calls.c.requested_by):
    Index(
        f"uq_click_calls_open_{_column.name}", _column, unique=True, postgresql_where=click_calls.c.ended_at.is_(None)
    )
