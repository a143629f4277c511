"""Indexes of the hopper and of the trunks."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""


def downgrade() -> None:
    """Take the step back."""
