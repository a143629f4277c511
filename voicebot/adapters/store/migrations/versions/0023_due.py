"""Periodic work finds what is due by an index: what retention clears, leads that may be over, lists to sign."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_calls_recorded": ("calls", ["dialled_at"], "recording <> ''", []),
    "ix_calls_with_words": ("calls", ["dialled_at"], "words_cleared_at IS NULL AND ended_at IS NOT NULL", []),
    "ix_crm_updates_told": ("crm_updates", ["created_at"], "state = 'sent' AND payload <> '{}'", []),
    "ix_leads_open": (
        "leads",
        ["campaign_id", "updated_at"],
        "state IN ('unreleased', 'queued', 'scheduled')",
        ["customer_id", "created_at", "state"],
    ),
    "ix_leads_to_sign": (
        "leads",
        ["campaign_id", "id"],
        "release_id IS NULL AND state IN ('unreleased', 'queued')",
        [],
    ),
    "ix_stop_list_since": ("stop_list", ["since"], None, []),
}


def upgrade() -> None:
    """Make the step."""
    op.add_column("calls", sa.Column("words_cleared_at", sa.DateTime(timezone=True), nullable=True))
    for name, (table, columns, only, included) in _INDEXES.items():
        where = sa.text(only) if only else None
        op.create_index(name, table, columns, postgresql_where=where, postgresql_include=included or None)


def downgrade() -> None:
    """Take the step back."""
    for name, (table, *_) in _INDEXES.items():
        op.drop_index(name, table_name=table)
    op.drop_column("calls", "words_cleared_at")
