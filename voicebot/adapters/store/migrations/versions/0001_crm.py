"""Customers, orders, consents, stop-list, audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
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
)


def upgrade() -> None:
    """Make the step."""
    _create_customers()
    _create_customer_phones()
    _create_orders()
    _create_order_lines()
    _create_customer_events()
    _create_consents()
    _create_stop_list()
    _create_audit_log()
    for statement in APPEND_ONLY:
        op.execute(statement)


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("patronymic", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="", nullable=False),
        sa.Column("value_class", sa.Text(), nullable=True),
        sa.Column("preferred_channel", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "preferred_channel IN ('call', 'sms', 'email', 'messenger')", name="ck_customers_preferred_channel"
        ),
        sa.CheckConstraint("value_class IN ('A', 'B', 'C', 'D')", name="ck_customers_value_class"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("external_id", name="uq_customers_external_id"),
    )


def _create_customer_phones() -> None:
    op.create_table(
        "customer_phones",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("wrong_number_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("phone ~ '^\\+[1-9][0-9]{6,14}$'", name="ck_customer_phones_e164"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_phones_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer_phones"),
        sa.UniqueConstraint("customer_id", "phone", name="uq_customer_phones_customer_id_phone"),
    )
    op.create_index(
        "ix_customer_phones_dialable",
        "customer_phones",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("wrong_number_at IS NULL"),
    )
    op.create_index("ix_customer_phones_phone", "customer_phones", ["phone"], unique=False)
    op.create_index(
        "ix_customer_phones_primary",
        "customer_phones",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
    )


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="RUB", nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_orders_customer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("external_id", name="uq_orders_external_id"),
    )
    op.create_index("ix_orders_customer_id_placed_at", "orders", ["customer_id", "placed_at"], unique=False)


def _create_order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("margin", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.CheckConstraint("quantity > 0", name="ck_order_lines_quantity"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_lines_order_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_order_lines"),
        sa.UniqueConstraint("order_id", "position", name="uq_order_lines_order_id_position"),
    )
    op.create_index("ix_order_lines_category_order_id", "order_lines", ["category", "order_id"], unique=False)


def _create_customer_events() -> None:
    op.create_table(
        "customer_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('price_request', 'offer_opened', 'visit')", name="ck_customer_events_kind"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_events_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer_events"),
        sa.UniqueConstraint("customer_id", "at", "kind", name="uq_customer_events_customer_id_at_kind"),
    )


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wording_version", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proof", sa.Text(), server_default="", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('advertising', 'service')", name="ck_consents_kind"),
        sa.CheckConstraint("scope IN ('processing', 'call', 'sms', 'email', 'messenger')", name="ck_consents_scope"),
        sa.CheckConstraint("withdrawn_at >= given_at", name="ck_consents_withdrawn_later"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consents_customer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.UniqueConstraint(
            "customer_id", "scope", "kind", "given_at", name="uq_consents_customer_id_scope_kind_given_at"
        ),
    )
    op.create_index(
        "ix_consents_holding",
        "consents",
        ["scope", "kind", "customer_id", "given_at"],
        unique=False,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def _create_stop_list() -> None:
    op.create_table(
        "stop_list",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("phone ~ '^\\+[1-9][0-9]{6,14}$'", name="ck_stop_list_e164"),
        sa.CheckConstraint("num_nonnulls(phone, customer_id) = 1", name="ck_stop_list_phone_or_customer"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_stop_list_customer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_stop_list"),
        sa.UniqueConstraint("customer_id", name="uq_stop_list_customer_id"),
        sa.UniqueConstraint("phone", name="uq_stop_list_phone"),
    )


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("audit_log")
    op.drop_table("stop_list")
    op.drop_table("consents")
    op.drop_table("customer_events")
    op.drop_table("order_lines")
    op.drop_table("orders")
    op.drop_table("customer_phones")
    op.drop_table("customers")
    op.execute("DROP FUNCTION refuse_change")
