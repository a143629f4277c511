"""How much each caller of the API has asked is counted over all web processes."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "api_rates",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", name=op.f("pk_api_rates")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("api_rates")
