"""Tokens of the API may expire; events of the last hour are found for /metrics."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.add_column("api_tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_crm_events_received_at", "crm_events", ["received_at"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_crm_events_received_at", "crm_events")
    op.drop_column("api_tokens", "expires_at")
