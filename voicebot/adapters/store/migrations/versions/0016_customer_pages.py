"""Customers are found by their names; people who were forgotten stay so."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAME_WORDS = (
    "to_tsvector('simple'::regconfig, translate(lower("
    "(((last_name || ' '::text) || first_name) || ' '::text) || patronymic), 'ё'::text, 'е'::text))"
)
_HEED_ERASURES = """
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
_STAY_ERASED = """
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
_TELL_NOTHING = """
    CREATE FUNCTION tell_nothing_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM customers WHERE id = NEW.customer_id AND erased_at IS NOT NULL) THEN
            NEW.details := '{}';
        END IF;
        RETURN NEW;
    END
    $$
    """


def upgrade() -> None:
    """Make the step."""
    op.add_column("customers", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_customers_names", "customers", [sa.text(_NAME_WORDS)], postgresql_using="gin")
    op.create_index(
        "ix_customers_email", "customers", [sa.text("lower(email)")], postgresql_where=sa.text("email <> ''")
    )
    op.create_index("ix_customers_erased", "customers", ["id"], postgresql_where=sa.text("erased_at IS NOT NULL"))
    op.create_index("ix_erasures_customer_id", "erasures", ["customer_id"])
    op.create_table(
        "erasure_salt",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.CheckConstraint("one", name="ck_erasure_salt_one"),
        sa.PrimaryKeyConstraint("one", name="pk_erasure_salt"),
    )
    op.create_table(
        "erased_numbers",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_erased_numbers"),
    )
    op.create_table(
        "lifted_stops",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_lifted_stops_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lifted_stops"),
    )
    op.create_index("ix_lifted_stops_customer_id", "lifted_stops", ["customer_id"])
    for statement in (_HEED_ERASURES, _STAY_ERASED, _TELL_NOTHING):
        op.execute(statement)
    op.execute(
        "CREATE TRIGGER heed_erasures AFTER INSERT ON customer_phones REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION heed_erasures()"
    )
    op.execute(
        "CREATE TRIGGER stay_erased BEFORE UPDATE ON customers FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL)"
        " EXECUTE FUNCTION stay_erased()"
    )
    op.execute(
        "CREATE TRIGGER tell_nothing_of_erased BEFORE INSERT ON crm_events"
        " FOR EACH ROW EXECUTE FUNCTION tell_nothing_of_erased()"
    )


def downgrade() -> None:
    """Take the step back."""
    op.execute("DROP TRIGGER tell_nothing_of_erased ON crm_events")
    op.execute("DROP TRIGGER stay_erased ON customers")
    op.execute("DROP TRIGGER heed_erasures ON customer_phones")
    for function in ("tell_nothing_of_erased", "stay_erased", "heed_erasures"):
        op.execute(f"DROP FUNCTION {function}")
    for table in ("lifted_stops", "erased_numbers", "erasure_salt"):
        op.drop_table(table)
    op.drop_index("ix_erasures_customer_id", "erasures")
    for index in ("ix_customers_erased", "ix_customers_email", "ix_customers_names"):
        op.drop_index(index, "customers")
    op.drop_column("customers", "erased_at")
