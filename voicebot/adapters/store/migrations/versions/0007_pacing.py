"""Indexes of the hopper and of the trunks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WAITING = "state IN ('queued', 'scheduled')"
_RANKS = {
    "ix_leads_due_callback": "callback",
    "ix_leads_due_front": "front AND NOT callback",
    "ix_leads_due_queue": "NOT front AND NOT callback",
}


def upgrade() -> None:
    """Make the step."""
    op.drop_index("ix_leads_due", table_name="leads")
    for name, rank in _RANKS.items():
        op.create_index(
            name,
            "leads",
            ["campaign_id", "next_attempt_at", "id"],
            postgresql_where=sa.text(f"{rank} AND {_WAITING}"),
        )
    op.create_index("ix_campaigns_running", "campaigns", ["id"], postgresql_where=sa.text("status = 'running'"))
    op.create_index("ix_calls_live_trunk", "calls", ["trunk"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("ix_calls_live_customer", "calls", ["customer_id"], postgresql_where=sa.text("ended_at IS NULL"))
    op.add_column(
        "trunks",
        sa.Column("results", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("trunks", "results")
    op.drop_index("ix_calls_live_customer", table_name="calls")
    op.drop_index("ix_calls_live_trunk", table_name="calls")
    op.drop_index("ix_campaigns_running", table_name="campaigns")
    for name in _RANKS:
        op.drop_index(name, table_name="leads")
    op.create_index(
        "ix_leads_due",
        "leads",
        [sa.literal_column("callback DESC"), "next_attempt_at", "id"],
        postgresql_where=sa.text(_WAITING),
    )
