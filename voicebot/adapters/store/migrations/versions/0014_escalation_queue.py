"""The managers' queue: first taken, last active, the choice at its end; call-backs by a click."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Make the step."""
    op.add_column("escalations", sa.Column("first_taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalations", sa.Column("active_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalations", sa.Column("resolution", sa.Text(), nullable=True))
    op.create_check_constraint(
        "ck_escalations_resolution",
        "escalations",
        "resolution IN ('won_back', 'promised', 'refused', 'unreachable', 'wrong')",
    )
    op.create_index(
        "ix_escalations_resolved",
        "escalations",
        [sa.text("resolved_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index(
        "ix_escalations_taken",
        "escalations",
        ["first_taken_at"],
        postgresql_where=sa.text("first_taken_at IS NOT NULL"),
    )
    op.create_table(
        "click_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("escalation_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("manager_address", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manager_trunk", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_trunk", sa.Text(), server_default="", nullable=False),
        sa.Column("manager_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "result IN ('talked', 'manager_away', 'gave_up', 'busy', 'no_answer', 'stopped', 'in_a_call', 'no_phone',"
            " 'no_way', 'expired', 'interrupted')",
            name="ck_click_calls_result",
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name="fk_click_calls_escalation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_click_calls_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_click_calls"),
    )
    op.create_index("ix_click_calls_escalation_id", "click_calls", ["escalation_id"])
    for column in ("customer_id", "requested_by"):
        op.create_index(f"uq_click_calls_open_{column}", "click_calls", [column], unique=True, postgresql_where=_OPEN)


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("click_calls")
    op.drop_index("ix_escalations_taken", table_name="escalations")
    op.drop_index("ix_escalations_resolved", table_name="escalations")
    op.drop_constraint("ck_escalations_resolution", "escalations")
    op.drop_column("escalations", "resolution")
    op.drop_column("escalations", "active_at")
    op.drop_column("escalations", "first_taken_at")
