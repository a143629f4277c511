"""The campaign engine: releases, control groups, events, write-back, seasons, trunks, processes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DISPOSITIONS = (
    "'accepted', 'declined', 'complaint', 'wants_human', 'callback', 'stop', 'wrong_person', 'voicemail', 'silent', "
    "'unclear', 'hung_up', 'informed', 'busy', 'no_answer', 'rejected', {}'unreachable', 'unallocated', 'failed', "
    "'interrupted'"
)
_CAUSES = "'answered', 'busy', 'no_answer', 'rejected', {}'unreachable', 'unallocated', 'failed', 'interrupted'"
_STATES = "'queued', 'claimed', 'scheduled', 'done', 'blocked'"


def _either(column: str, values: str, added: str) -> tuple[str, str]:
    return f"{column} IN ({values.format('')})", f"{column} IN ({values.format(added)})"


ADDED_CHECKS = (
    ("weight", "campaigns", "weight > 0"),
    ("window", "campaigns", "ends_on >= starts_on"),
    ("errand", "leads", "errand IN ('offer', 'reminder')"),
    ("errand", "calls", "errand IN ('offer', 'reminder')"),
    ("direction", "calls", "direction IN ('out', 'in')"),
)
"""Name, table, rule."""
CHANGED_CHECKS = (
    ("state", "leads", *_either("state", "{}" + _STATES, "'unreleased', ")),
    ("disposition", "leads", *_either("disposition", _DISPOSITIONS, "'refused', ")),
    ("disposition", "calls", *_either("disposition", _DISPOSITIONS, "'refused', ")),
    ("cause", "calls", *_either("cause", _CAUSES, "'refused', ")),
)
"""Name, table, rule before and after."""
_RELEASED_BEFORE = """
    INSERT INTO releases (campaign_id, released_by, released_at, leads, hash)
    SELECT campaigns.id, released_by, released_at, count(*), 'released before lists were hashed'
    FROM campaigns JOIN leads ON leads.campaign_id = campaigns.id
    WHERE released_at IS NOT NULL GROUP BY campaigns.id
"""
_OF_RELEASE = "UPDATE leads SET release_id = releases.id FROM releases WHERE releases.campaign_id = leads.campaign_id"
_UNRELEASED = """
    UPDATE leads SET state = 'unreleased' FROM campaigns
    WHERE campaigns.id = leads.campaign_id AND kind = 'advertising' AND release_id IS NULL AND state = 'queued'
"""


def upgrade() -> None:
    """Make the step."""
    _create_tables()
    _add_columns()
    for name, table, rule in ADDED_CHECKS:
        op.create_check_constraint(f"ck_{table}_{name}", table, rule)
    for name, table, _, rule in CHANGED_CHECKS:
        op.drop_constraint(f"ck_{table}_{name}", table, type_="check")
        op.create_check_constraint(f"ck_{table}_{name}", table, rule)
    for statement in (_RELEASED_BEFORE, _OF_RELEASE, _UNRELEASED):
        op.execute(statement)


def _create_tables() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lines >= 0", name="ck_processes_lines"),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    op.create_table(
        "trunks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_call_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trips", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_trunks"),
    )
    op.create_table(
        "campaign_controls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_controls_campaign_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_campaign_controls_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_controls"),
        sa.UniqueConstraint("campaign_id", "customer_id", name="uq_campaign_controls_campaign_id_customer_id"),
    )
    op.create_table(
        "crm_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_crm_events_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_crm_events"),
        sa.UniqueConstraint("key", name="uq_crm_events_key"),
    )
    op.create_index("ix_crm_events_customer_id_at", "crm_events", ["customer_id", "at"])
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("leads > 0", name="ck_releases_leads"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_releases_campaign_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
    )
    op.create_index("ix_releases_campaign_id", "releases", ["campaign_id"])
    op.create_table(
        "crm_updates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name="ck_crm_updates_state"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_crm_updates_call_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_crm_updates_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_crm_updates"),
        sa.UniqueConstraint("key", name="uq_crm_updates_key"),
    )
    op.create_index("ix_crm_updates_customer_id", "crm_updates", ["customer_id"])
    op.create_index("ix_crm_updates_failed", "crm_updates", ["id"], postgresql_where=sa.text("state = 'failed'"))
    op.create_table(
        "seasonal_list",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_seasonal_list_call_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_seasonal_list_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_seasonal_list"),
        sa.UniqueConstraint("customer_id", name="uq_seasonal_list_customer_id"),
    )


def _add_columns() -> None:
    op.add_column("calls", sa.Column("direction", sa.Text(), server_default="out", nullable=False))
    op.add_column("calls", sa.Column("trunk", sa.Text(), server_default="", nullable=False))
    op.add_column("calls", sa.Column("script", sa.Text(), server_default="", nullable=False))
    op.add_column("calls", sa.Column("variant", sa.Text(), server_default="", nullable=False))
    op.add_column("calls", sa.Column("errand", sa.Text(), server_default="offer", nullable=False))
    op.add_column("calls", sa.Column("wanted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("calls", sa.Column("offer_heard", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("calls", sa.Column("cost", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("campaigns", sa.Column("segment", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("campaigns", sa.Column("schedule", sa.Text(), server_default="", nullable=False))
    op.add_column("campaigns", sa.Column("selected_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaigns", sa.Column("starts_on", sa.Date(), nullable=True))
    op.add_column("campaigns", sa.Column("ends_on", sa.Date(), nullable=True))
    op.add_column("campaigns", sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("campaigns", sa.Column("max_calls", sa.Integer(), nullable=True))
    op.add_column("campaigns", sa.Column("max_money", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("campaigns", sa.Column("max_codes", sa.Integer(), nullable=True))
    op.add_column("campaigns", sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
    op.add_column("campaigns", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    op.add_column(
        "campaigns", sa.Column("control_share", sa.Numeric(precision=5, scale=4), server_default="0.05", nullable=False)
    )
    op.add_column("campaigns", sa.Column("quiet_days", sa.Integer(), server_default="14", nullable=False))
    op.add_column(
        "campaigns",
        sa.Column(
            "variants", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    op.add_column("campaigns", sa.Column("reminder_script", sa.Text(), server_default="", nullable=False))
    op.add_column("campaigns", sa.Column("reminder_days", sa.Integer(), nullable=True))
    op.add_column(
        "campaigns",
        sa.Column(
            "triggers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    op.add_column("campaigns", sa.Column("season", sa.Text(), server_default="", nullable=False))
    op.add_column("leads", sa.Column("release_id", sa.BigInteger(), nullable=True))
    op.add_column("leads", sa.Column("front", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("leads", sa.Column("errand", sa.Text(), server_default="offer", nullable=False))
    op.add_column("leads", sa.Column("variant", sa.Text(), server_default="", nullable=False))
    op.add_column("leads", sa.Column("ended_by", sa.Text(), server_default="", nullable=False))
    op.create_foreign_key("fk_leads_release_id", "leads", "releases", ["release_id"], ["id"], ondelete="RESTRICT")
    op.add_column("orders", sa.Column("promo_code", sa.Text(), server_default="", nullable=False))
    op.add_column("promo_codes", sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("promo_codes", sa.Column("order_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_promo_codes_order_id", "promo_codes", "orders", ["order_id"], ["id"], ondelete="SET NULL")


def downgrade() -> None:
    """Take the step back."""
    op.execute("UPDATE leads SET state = 'queued' WHERE state = 'unreleased'")
    op.execute("UPDATE leads SET disposition = 'rejected' WHERE disposition = 'refused'")
    op.execute("UPDATE calls SET disposition = 'rejected', cause = 'rejected' WHERE cause = 'refused'")
    for name, table, rule, _ in CHANGED_CHECKS:
        op.drop_constraint(f"ck_{table}_{name}", table, type_="check")
        op.create_check_constraint(f"ck_{table}_{name}", table, rule)

    op.drop_constraint("fk_promo_codes_order_id", "promo_codes", type_="foreignkey")
    op.drop_column("promo_codes", "order_id")
    op.drop_column("promo_codes", "redeemed_at")
    op.drop_column("orders", "promo_code")
    op.drop_constraint("fk_leads_release_id", "leads", type_="foreignkey")
    op.drop_column("leads", "ended_by")
    op.drop_column("leads", "variant")
    op.drop_column("leads", "errand")
    op.drop_column("leads", "front")
    op.drop_column("leads", "release_id")
    op.drop_column("campaigns", "season")
    op.drop_column("campaigns", "triggers")
    op.drop_column("campaigns", "reminder_days")
    op.drop_column("campaigns", "reminder_script")
    op.drop_column("campaigns", "variants")
    op.drop_column("campaigns", "quiet_days")
    op.drop_column("campaigns", "control_share")
    op.drop_column("campaigns", "weight")
    op.drop_column("campaigns", "priority")
    op.drop_column("campaigns", "max_codes")
    op.drop_column("campaigns", "max_money")
    op.drop_column("campaigns", "max_calls")
    op.drop_column("campaigns", "hours")
    op.drop_column("campaigns", "ends_on")
    op.drop_column("campaigns", "starts_on")
    op.drop_column("campaigns", "selected_at")
    op.drop_column("campaigns", "schedule")
    op.drop_column("campaigns", "segment")
    op.drop_column("calls", "cost")
    op.drop_column("calls", "offer_heard")
    op.drop_column("calls", "wanted")
    op.drop_column("calls", "errand")
    op.drop_column("calls", "variant")
    op.drop_column("calls", "script")
    op.drop_column("calls", "trunk")
    op.drop_column("calls", "direction")
    op.drop_table("seasonal_list")
    op.drop_index("ix_crm_updates_failed", table_name="crm_updates", postgresql_where=sa.text("state = 'failed'"))
    op.drop_index("ix_crm_updates_customer_id", table_name="crm_updates")
    op.drop_table("crm_updates")
    op.drop_index("ix_releases_campaign_id", table_name="releases")
    op.drop_table("releases")
    op.drop_index("ix_crm_events_customer_id_at", table_name="crm_events")
    op.drop_table("crm_events")
    op.drop_table("campaign_controls")
    op.drop_table("trunks")
    op.drop_table("processes")
