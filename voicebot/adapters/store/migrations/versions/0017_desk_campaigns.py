"""Campaigns at the desk: drafts, refused releases, figures at hand; trial calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_GROUPS = "'interested', 'neutral', 'negative', 'none'"
_DISPOSITIONS = (
    "'accepted', 'declined', 'complaint', 'wants_human', 'callback', 'stop', 'wrong_person', "
    "'voicemail', 'silent', 'unclear', 'hung_up', 'informed', 'busy', 'no_answer', 'rejected', "
    "'refused', 'unreachable', 'unallocated', 'failed', 'interrupted'"
)


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "campaign_drafts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        _of_campaign("campaign_drafts"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_drafts"),
    )
    op.create_index("ix_campaign_drafts_updated_at", "campaign_drafts", ["updated_at"])
    op.create_index("ix_campaign_drafts_campaign_id_id", "campaign_drafts", ["campaign_id", "id"])
    op.create_table(
        "release_refusals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("refused_by", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("leads >= 0", name="ck_release_refusals_leads"),
        _of_campaign("release_refusals"),
        sa.PrimaryKeyConstraint("id", name="pk_release_refusals"),
    )
    op.create_index("ix_release_refusals_campaign_id_id", "release_refusals", ["campaign_id", "id"])
    op.create_table(
        "campaign_figures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        _of_campaign("campaign_figures"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_figures"),
        sa.UniqueConstraint("campaign_id", name="uq_campaign_figures_campaign_id"),
    )
    _make_trial_calls()


def downgrade() -> None:
    """Take the step back."""
    for table in ("trial_calls", "campaign_figures", "release_refusals", "campaign_drafts"):
        op.drop_table(table)


def _make_trial_calls() -> None:
    op.create_table(
        "trial_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("dialplan", sa.Text(), server_default="", nullable=False),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trunk", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("turns", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("outcome_group", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "result IN ('talked', 'away', 'busy', 'no_way', 'no_script', 'expired', 'interrupted')",
            name="ck_trial_calls_result",
        ),
        sa.CheckConstraint(f"outcome_group IN ({_GROUPS})", name="ck_trial_calls_outcome_group"),
        sa.CheckConstraint(f"disposition IN ({_DISPOSITIONS})", name="ck_trial_calls_disposition"),
        sa.PrimaryKeyConstraint("id", name="pk_trial_calls"),
    )
    op.create_index("ix_trial_calls_requested_by_id", "trial_calls", ["requested_by", "id"])
    op.create_index(
        "uq_trial_calls_open_requested_by",
        "trial_calls",
        ["requested_by"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _of_campaign(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["campaign_id"], ["campaigns.id"], name=f"fk_{table}_campaign_id", ondelete="CASCADE"
    )
