"""Which version of a script each call spoke, which phrase decided about each utterance."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_BY_CUSTOMER = "speaker = 'customer'"


def upgrade() -> None:
    """Make the step."""
    op.add_column("calls", sa.Column("script_version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("turns", sa.Column("matched", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_turns_caught",
        "turns",
        ["id"],
        postgresql_include=["matched", "intent"],
        postgresql_where=sa.text(_BY_CUSTOMER),
    )
    op.create_index(
        "ix_turns_not_understood",
        "turns",
        ["id"],
        postgresql_where=sa.text(f"{_BY_CUSTOMER} AND intent = 'unknown'"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_turns_not_understood", table_name="turns")
    op.drop_index("ix_turns_caught", table_name="turns")
    op.drop_column("turns", "matched")
    op.drop_column("calls", "script_version")
