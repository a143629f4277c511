"""What is left of people who were forgotten: their numbers as hashes, and rules that keep them forgotten."""

from typing import Final

from sqlalchemy import DDL, Boolean, CheckConstraint, Column, Index, Table, Text, event, func, text

from voicebot.adapters.store.crm_tables import customer_phones, customers, stop_list
from voicebot.adapters.store.desk_tables import erasures
from voicebot.adapters.store.engine_tables import crm_events
from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment

NAME_WORDS: Final = (
    "to_tsvector('simple'::regconfig, translate(lower("
    "(((last_name || ' '::text) || first_name) || ' '::text) || patronymic), 'ё'::text, 'е'::text))"
)
"""Words of a name as the search finds them: by their beginnings, ё and е alike."""

Index("ix_customers_names", text(NAME_WORDS), postgresql_using="gin", _table=customers)
Index("ix_customers_email", func.lower(customers.c.email), postgresql_where=customers.c.email != "")
Index("ix_customers_erased", customers.c.id, postgresql_where=customers.c.erased_at.is_not(None))
Index("ix_erasures_customer_id", erasures.c.customer_id)

erasure_salt = Table(
    # One row: what the hashes of this company's numbers begin with. Ready-made tables of hashes do not fit them; but
    # whoever holds the whole database can try every number there is, so it is a pseudonym, and as such declared.
    "erasure_salt",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("salt", Text, nullable=False),
    CheckConstraint("one", name="one"),
)

erased_numbers = Table(
    # Numbers of people who were forgotten: nobody may call them, should they ever come back with an import.
    "erased_numbers",
    metadata,
    Column("hash", Text, primary_key=True),  # SHA-256 of the salt and the number, hexadecimal
    moment("since"),
    Column("source", Text, nullable=False),  # of the stop; `erasure` for people who were not stopped before
)

lifted_stops = Table(
    # Stops that somebody took off again, and why.
    "lifted_stops",
    metadata,
    key(),
    belongs_to("customers"),
    moment("since"),
    Column("source", Text, nullable=False),
    Column("lifted_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("at"),
    Index(None, "customer_id"),
)

_HEED_ERASURES: Final = """
    CREATE FUNCTION heed_erasures() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE grain text;
    BEGIN
        IF EXISTS (SELECT FROM customers WHERE erased_at IS NOT NULL) THEN
            DELETE FROM customer_phones USING added, customers
            WHERE customer_phones.id = added.id AND customers.id = added.customer_id
                AND customers.erased_at IS NOT NULL;
        END IF;
        IF EXISTS (SELECT FROM erased_numbers) THEN
            SELECT salt INTO grain FROM erasure_salt;
            INSERT INTO stop_list (phone, since, reason, source)
            SELECT DISTINCT ON (added.phone) added.phone, erased.since, '', erased.source
            FROM added JOIN customers ON customers.id = added.customer_id AND customers.erased_at IS NULL
                 JOIN erased_numbers erased
                     ON erased.hash = encode(sha256(convert_to(grain || added.phone, 'UTF8')), 'hex')
            ON CONFLICT (phone) DO UPDATE SET since = excluded.since, reason = '', source = excluded.source
            WHERE stop_list.source = 'operator' AND excluded.source <> 'operator';
        END IF;
        RETURN NULL;
    END
    $$
    """
_STAY_ERASED: Final = """
    CREATE FUNCTION stay_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.last_name := '';
        NEW.first_name := '';
        NEW.patronymic := '';
        NEW.email := '';
        NEW.time_zone := '';
        NEW.preferred_channel := NULL;
        NEW.erased_at := OLD.erased_at;
        RETURN NEW;
    END
    $$
    """
_TELL_NOTHING: Final = """
    CREATE FUNCTION tell_nothing_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM customers WHERE id = NEW.customer_id AND erased_at IS NOT NULL) THEN
            NEW.details := '{}';
        END IF;
        RETURN NEW;
    END
    $$
    """
ERASURE_RULES: Final = (
    _HEED_ERASURES,
    _STAY_ERASED,
    _TELL_NOTHING,
    "CREATE TRIGGER heed_erasures AFTER INSERT ON customer_phones REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION heed_erasures()",
    "CREATE TRIGGER stay_erased BEFORE UPDATE ON customers FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL)"
    " EXECUTE FUNCTION stay_erased()",
    "CREATE TRIGGER tell_nothing_of_erased BEFORE INSERT ON crm_events"
    " FOR EACH ROW EXECUTE FUNCTION tell_nothing_of_erased()",
)
"""Whoever writes, by whatever way: a CRM that has not yet forgotten a person brings them back with its next import."""
for _table in (customer_phones, stop_list, crm_events):
    erased_numbers.add_is_dependent_on(_table)  # the triggers stand on them
for _statement in ERASURE_RULES:
    _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
    event.listen(erased_numbers, "after_create", _ddl)
