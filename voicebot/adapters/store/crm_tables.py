"""Tables of customers, purchases, consents and refusals."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment, money, one_of
from voicebot.domain.consent import ConsentKind, ConsentScope
from voicebot.domain.customer import Channel, InterestSignal, ValueClass

customers = Table(
    "customers",
    metadata,
    key(),
    Column("external_id", Text, nullable=False, unique=True),
    Column("last_name", Text, nullable=False, server_default=""),
    Column("first_name", Text, nullable=False, server_default=""),
    Column("patronymic", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("time_zone", Text, nullable=False, server_default=""),
    Column("value_class", Text, nullable=True),
    Column("preferred_channel", Text, nullable=True),
    moment("created_at", default_now=True),
    moment("updated_at", default_now=True),
    moment("erased_at", nullable=True),  # forgotten on request: see erasure_tables
    one_of("value_class", ValueClass),
    one_of("preferred_channel", Channel),
)

customer_phones = Table(
    "customer_phones",
    metadata,
    key(),
    belongs_to("customers"),
    Column("phone", Text, nullable=False, index=True),
    Column("is_primary", Boolean, nullable=False, server_default=text("false")),
    moment("wrong_number_at", nullable=True),
    UniqueConstraint("customer_id", "phone"),
    CheckConstraint(r"phone ~ '^\+[1-9][0-9]{6,14}$'", name="e164"),
)
Index(
    "ix_customer_phones_primary",
    customer_phones.c.customer_id,
    unique=True,
    postgresql_where=customer_phones.c.is_primary,
)
Index(
    # Who can be dialled at all: read as an index-only scan by the selection.
    "ix_customer_phones_dialable",
    customer_phones.c.customer_id,
    postgresql_where=customer_phones.c.wrong_number_at.is_(None),
)

orders = Table(
    "orders",
    metadata,
    key(),
    Column("external_id", Text, nullable=False, unique=True),
    belongs_to("customers"),
    moment("placed_at"),
    money("total"),
    Column("currency", String(3), nullable=False, server_default="RUB"),
    Column("promo_code", Text, nullable=False, server_default=""),  # that was used; empty for none
    # The selection's anti-join runs on this index alone (FACTS: 1.0 s for 1 million customers / 5 million orders).
    Index(None, "customer_id", "placed_at"),
)

order_lines = Table(
    "order_lines",
    metadata,
    key(),
    belongs_to("orders"),
    Column("position", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("category", Text, nullable=False, server_default=""),
    Column("quantity", Numeric(12, 3), nullable=False),
    money("price"),
    money("margin", nullable=True),
    UniqueConstraint("order_id", "position"),
    Index(None, "category", "order_id"),
    CheckConstraint("quantity > 0", name="quantity"),
)

customer_events = Table(
    "customer_events",
    metadata,
    key(),
    belongs_to("customers"),
    Column("kind", Text, nullable=False),
    moment("at"),
    one_of("kind", InterestSignal),
    UniqueConstraint("customer_id", "at", "kind"),
)

consents = Table(
    "consents",
    metadata,
    key(),
    belongs_to("customers"),
    Column("scope", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("wording_version", Text, nullable=False),
    moment("given_at"),
    Column("proof", Text, nullable=False, server_default=""),
    moment("withdrawn_at", nullable=True),
    one_of("scope", ConsentScope),
    one_of("kind", ConsentKind),
    CheckConstraint("withdrawn_at >= given_at", name="withdrawn_later"),
    UniqueConstraint("customer_id", "scope", "kind", "given_at"),
)
Index(
    # Every question the contact gate and the selection ask is about consents that hold.
    "ix_consents_holding",
    consents.c.scope,
    consents.c.kind,
    consents.c.customer_id,
    consents.c.given_at,
    postgresql_where=consents.c.withdrawn_at.is_(None),
)

stop_list = Table(
    "stop_list",
    metadata,
    key(),
    # One of the two: a person is stopped by a row of their own and one for each of their numbers.
    Column("phone", Text, nullable=True, unique=True),
    belongs_to("customers", nullable=True),
    moment("since", default_now=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False),
    UniqueConstraint("customer_id"),
    Index(None, "since"),
    CheckConstraint("num_nonnulls(phone, customer_id) = 1", name="phone_or_customer"),
    CheckConstraint(r"phone ~ '^\+[1-9][0-9]{6,14}$'", name="e164"),
)

audit_log = Table(
    "audit_log",
    metadata,
    # Counted by the writers under their lock, not by a sequence: a number that is missing is an entry that was deleted.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    moment("at", default_now=True),
    Column("actor", Text, nullable=False),  # who: a named person, or the part of the program
    Column("action", Text, nullable=False),  # stable word: customers.imported, campaign.released ...
    Column("subject", Text, nullable=False, server_default=""),  # what it was done to: campaign:7
    Column("details", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # no personal data
    Column("prev_hash", Text, nullable=False, unique=True),  # nothing follows one entry twice: see domain.audit
    Column("hash", Text, nullable=False),
    Index(None, "subject", "id"),
    # The page of the log, narrowed by one thing at a time, newest first.
    Index(None, "at", "id"),
    Index(None, "actor", "at", "id"),
    Index(None, "action", "at", "id"),
)

AUDIT_RULES = (
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'table "%" is append-only', TG_TABLE_NAME;
    END
    $$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE FUNCTION refuse_fork() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE head record;
    BEGIN
        SELECT id, hash INTO head FROM audit_log ORDER BY id DESC LIMIT 1;
        IF NEW.id <> coalesce(head.id, 0) + 1 OR NEW.prev_hash <> coalesce(head.hash, repeat('0', 64)) THEN
            RAISE EXCEPTION USING MESSAGE = 'audit entry ' || NEW.id || ' does not follow the last one';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER chained BEFORE INSERT ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_fork()
    """,
    # Locks the chain's end ('audi', of the two-number kind that no phone's lock can meet), then looks for it: each
    # statement of a function sees what was committed before it. A machine that freezes before its COMMIT loses the
    # transaction after a while: the others must go on.
    """
    CREATE FUNCTION append_audit(entries jsonb) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE head record; entry jsonb; number bigint; previous text; digest text;
    BEGIN
        PERFORM set_config('idle_in_transaction_session_timeout', '10s', true);
        PERFORM pg_advisory_xact_lock(1635083369, 0);
        SELECT id, hash INTO head FROM audit_log ORDER BY id DESC LIMIT 1;
        number := coalesce(head.id, 0);
        previous := coalesce(head.hash, repeat('0', 64));
        FOR entry IN SELECT value FROM jsonb_array_elements(entries) WITH ORDINALITY ORDER BY ordinality LOOP
            number := number + 1;
            digest := encode(sha256(convert_to(previous || E'\\n' || (entry ->> 'canonical'), 'UTF8')), 'hex');
            INSERT INTO audit_log (id, at, actor, action, subject, details, prev_hash, hash)
            VALUES (number, CAST(entry ->> 'at' AS timestamptz), entry ->> 'actor', entry ->> 'action',
                    entry ->> 'subject', entry -> 'details', previous, digest);
            previous := digest;
        END LOOP;
    END
    $$
    """,
)
"""The audit log is only ever written to the end of its chain; the database itself sees to that."""
for _statement in AUDIT_RULES:
    _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
    event.listen(audit_log, "after_create", _ddl)
