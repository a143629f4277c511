"""What survives a crash in the middle of a call: nothing new, a turn has a unique place in its call since 0002."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No change."""


def downgrade() -> None:
    """No change."""
