"""Reports: sums by day, cohorts, groups of campaigns; subscriptions and their mails."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_COUNTS = (
    "dialled",
    "answered",
    "machines",
    "rang_back",
    "talks",
    "interested",
    "neutral",
    "negative",
    "stops",
    "hang_ups",
    "people_dialled",
    "people_reached",
    "talk_seconds",
    "call_cost",
    "messages",
    "codes",
    "redeemed",
    "revenue",
    "reminded",
    "reminded_redeemed",
    "missed",
    "missed_redeemed",
    "scores",
    "promoters",
    "detractors",
)
_MONEY = ("call_cost", "revenue")
_GRAIN = ("day", "campaign_id", "script", "script_version", "variant", "value_class")


def upgrade() -> None:
    """Make the step."""
    counts = [
        sa.Column(name, sa.Numeric(precision=16, scale=2) if name in _MONEY else sa.BigInteger(), nullable=False)
        for name in _COUNTS
    ]
    _create_sums("report_days", counts, _GRAIN)
    split: list[sa.Column[Any]] = [
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
    ]
    _create_sums("report_splits", split, (*_GRAIN, "kind", "value"))
    op.create_table(
        "report_cohorts",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("value_class", sa.Text(), nullable=False),
        sa.Column("age", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("buyers", "repeaters", "orders")),
        sa.Column("revenue", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("month", "value_class", "age", name="pk_report_cohorts"),
    )
    op.create_table(
        "report_groups",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("people", "waiting", "buyers", "repeaters", "orders", "orders_squared")
        ),
        sa.Column("revenue", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("revenue_squared", sa.Numeric(precision=30, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_report_groups_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "month", "side", "days", name="pk_report_groups"),
    )
    op.create_table(
        "report_state",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("took_ms", sa.Integer(), server_default="0", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("before", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("part", name="pk_report_state"),
    )
    _create_mails()
    op.create_index("ix_promo_codes_issued_at", "promo_codes", ["issued_at"])
    op.create_index(
        "ix_promo_codes_redeemed_at",
        "promo_codes",
        ["redeemed_at"],
        postgresql_where=sa.text("redeemed_at IS NOT NULL"),
    )
    op.create_index("ix_messages_created_at", "messages", ["created_at"])
    op.create_index("ix_calls_scored", "calls", ["dialled_at"], postgresql_where=sa.text("nps IS NOT NULL"))


def _create_sums(table: str, sums: Sequence[sa.Column[Any]], key: tuple[str, ...]) -> None:
    op.create_table(
        table,
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("script_version", sa.Integer(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("value_class", sa.Text(), nullable=False),
        *sums,
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=f"fk_{table}_campaign_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_campaign_id_day", table, ["campaign_id", "day"])


def _create_mails() -> None:
    op.create_table(
        "report_subscriptions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("workbook", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("span IN ('day', 'week', 'month')", name="ck_report_subscriptions_span"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_report_subscriptions_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_subscriptions"),
    )
    op.create_table(
        "report_mails",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="ck_report_mails_sent"),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed', 'unknown')", name="ck_report_mails_state"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["report_subscriptions.id"],
            name="fk_report_mails_subscription_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_mails"),
        sa.UniqueConstraint("subscription_id", "due_at", name="uq_report_mails_subscription_id_due_at"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_calls_scored", "calls")
    op.drop_index("ix_messages_created_at", "messages")
    op.drop_index("ix_promo_codes_redeemed_at", "promo_codes")
    op.drop_index("ix_promo_codes_issued_at", "promo_codes")
    for table in ("report_mails", "report_subscriptions", "report_state"):
        op.drop_table(table)
    for table in ("report_groups", "report_cohorts", "report_splits", "report_days"):
        op.drop_table(table)
