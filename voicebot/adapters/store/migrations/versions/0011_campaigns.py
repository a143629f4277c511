"""What scheduled campaigns need."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "release_leads",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_release_leads_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name="fk_release_leads_release_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "lead_id", name="pk_release_leads"),
    )
    op.create_index("ix_release_leads_lead_id", "release_leads", ["lead_id"])
    op.execute("INSERT INTO release_leads SELECT release_id, id FROM leads WHERE release_id IS NOT NULL")
    op.create_index(
        "ix_leads_unreleased", "leads", ["campaign_id", "id"], postgresql_where=sa.text("state = 'unreleased'")
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_leads_unreleased", table_name="leads", postgresql_where=sa.text("state = 'unreleased'"))
    op.drop_table("release_leads")
