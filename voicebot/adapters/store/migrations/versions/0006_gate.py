"""What the gate and the redial rules need."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.create_index("ix_messages_campaign_id", "messages", ["campaign_id"])
    op.create_index("ix_promo_codes_campaign_id", "promo_codes", ["campaign_id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_promo_codes_campaign_id", table_name="promo_codes")
    op.drop_index("ix_messages_campaign_id", table_name="messages")
