"""What calls from customers need."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.drop_constraint("uq_calls_lead_id_attempt", "calls", type_="unique")
    op.create_index(
        "ix_calls_one_attempt", "calls", ["lead_id", "attempt"], unique=True, postgresql_where="direction = 'out'"
    )
    op.create_index("ix_calls_lead_id", "calls", ["lead_id"])


def downgrade() -> None:
    """Take the step back: with them go the calls it was made for."""
    op.execute("DELETE FROM calls WHERE direction = 'in'")
    op.drop_index("ix_calls_lead_id", "calls")
    op.drop_index("ix_calls_one_attempt", "calls")
    op.create_unique_constraint("uq_calls_lead_id_attempt", "calls", ["lead_id", "attempt"])
