"""What telling the CRM needs, and messages whose fate nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATES = "state IN ('queued', 'sent', 'delivered', 'failed', {}'blocked')"
_DEAD = sa.text("state IN ('failed', 'unknown')")


def upgrade() -> None:
    """Make the step."""
    op.add_column("messages", sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True))
    _states(_STATES.format("'unknown', "))
    op.create_index("ix_messages_dead", "messages", ["id"], postgresql_where=_DEAD)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_messages_dead", table_name="messages", postgresql_where=_DEAD)
    op.execute("UPDATE messages SET state = 'failed' WHERE state = 'unknown'")
    _states(_STATES.format(""))
    op.drop_column("messages", "handed_at")


def _states(rule: str) -> None:
    op.drop_constraint("ck_messages_state", "messages", type_="check")
    op.create_check_constraint("ck_messages_state", "messages", rule)
