"""Campaigns, leads, calls, promo codes, messages, escalations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DISPOSITIONS = (
    "IN ('accepted', 'declined', 'complaint', 'wants_human', 'callback', 'stop', 'wrong_person', "
    "'voicemail', 'silent', 'unclear', 'hung_up', 'informed', 'busy', 'no_answer', 'rejected', "
    "'unreachable', 'unallocated', 'failed', 'interrupted')"
)
CAUSES = "IN ('answered', 'busy', 'no_answer', 'rejected', 'unreachable', 'unallocated', 'failed', 'interrupted')"


def upgrade() -> None:
    """Make the step."""
    _create_campaigns()
    _create_leads()
    _create_promo_codes()
    _create_calls()
    _create_call_tags()
    _create_customer_tags()
    _create_escalations()
    _create_messages()
    _create_turns()


def _create_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("dialplan", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("standard_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("offer_days", sa.Integer(), nullable=False),
        sa.Column("floor_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("ceiling_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("min_margin_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("acquisition_cost", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("released_by", sa.Text(), server_default="", nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(released_by = '') = (released_at IS NULL)", name="ck_campaigns_release"),
        sa.CheckConstraint("kind IN ('advertising', 'service')", name="ck_campaigns_kind"),
        sa.CheckConstraint(
            "status IN ('draft', 'awaiting_release', 'running', 'paused', 'finished')", name="ck_campaigns_status"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sa.UniqueConstraint("name", name="uq_campaigns_name"),
    )


def _create_leads() -> None:
    op.create_table(
        "leads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("lease_owner", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("outcome_group", sa.Text(), nullable=True),
        sa.Column("verdict", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="ck_leads_lease"),
        sa.CheckConstraint(
            f"disposition {DISPOSITIONS}",
            name="ck_leads_disposition",
        ),
        sa.CheckConstraint(
            "outcome_group IN ('interested', 'neutral', 'negative', 'none')", name="ck_leads_outcome_group"
        ),
        sa.CheckConstraint("state IN ('queued', 'claimed', 'scheduled', 'done', 'blocked')", name="ck_leads_state"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_leads_campaign_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_leads_customer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sa.UniqueConstraint("campaign_id", "customer_id", name="uq_leads_campaign_id_customer_id"),
    )
    op.create_index("ix_leads_customer_id", "leads", ["customer_id"], unique=False)
    op.create_index(
        "ix_leads_due",
        "leads",
        [sa.literal_column("callback DESC"), "next_attempt_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'scheduled')"),
    )
    op.create_index(
        "ix_leads_lease_until", "leads", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'claimed'")
    )
    op.create_index(
        "ix_leads_one_live_call", "leads", ["customer_id"], unique=True, postgresql_where=sa.text("state = 'claimed'")
    )


def _create_promo_codes() -> None:
    op.create_table(
        "promo_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="ck_promo_codes_percent"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_promo_codes_campaign_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_promo_codes_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_promo_codes"),
        sa.UniqueConstraint("code", name="uq_promo_codes_code"),
        sa.UniqueConstraint("customer_id", "campaign_id", name="uq_promo_codes_customer_id_campaign_id"),
    )


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("verdict", postgresql.JSONB(), nullable=False),
        sa.Column("offers", postgresql.JSONB(), nullable=False),
        sa.Column("dialled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("sip_code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hung_up_by", sa.Text(), nullable=True),
        sa.Column("recording", sa.Text(), server_default="", nullable=False),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("outcome_group", sa.Text(), nullable=True),
        sa.Column("hangup_state", sa.Text(), server_default="", nullable=False),
        sa.Column("nps", sa.Integer(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("actions", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.CheckConstraint(
            f"cause {CAUSES}",
            name="ck_calls_cause",
        ),
        sa.CheckConstraint(
            f"disposition {DISPOSITIONS}",
            name="ck_calls_disposition",
        ),
        sa.CheckConstraint("hung_up_by IN ('bot', 'customer', 'network')", name="ck_calls_hung_up_by"),
        sa.CheckConstraint(
            "outcome_group IN ('interested', 'neutral', 'negative', 'none')", name="ck_calls_outcome_group"
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (cause IS NULL)", name="ck_calls_ended"),
        sa.CheckConstraint("nps BETWEEN 0 AND 10", name="ck_calls_nps"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_calls_customer_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_calls_lead_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.UniqueConstraint("lead_id", "attempt", name="uq_calls_lead_id_attempt"),
    )
    op.create_index("ix_calls_customer_id_dialled_at", "calls", ["customer_id", "dialled_at"], unique=False)
    op.create_index("ix_calls_dialled_at", "calls", ["dialled_at"], unique=False)
    op.create_index(
        "ix_calls_one_live_call", "calls", ["phone"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )


def _create_call_tags() -> None:
    op.create_table(
        "call_tags",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_tags_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_call_tags"),
        sa.UniqueConstraint("call_id", "tag", name="uq_call_tags_call_id_tag"),
    )


def _create_customer_tags() -> None:
    op.create_table(
        "customer_tags",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_customer_tags_call_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_tags_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer_tags"),
        sa.UniqueConstraint("customer_id", "tag", name="uq_customer_tags_customer_id_tag"),
    )
    op.create_index("ix_customer_tags_tag_customer_id", "customer_tags", ["tag", "customer_id"], unique=False)


def _create_escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('manager', 'review', 'callback')", name="ck_escalations_kind"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_escalations_call_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_escalations_campaign_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_escalations_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
        sa.UniqueConstraint("call_id", "kind", name="uq_escalations_call_id_kind"),
    )
    op.create_index(
        "ix_escalations_open",
        "escalations",
        [sa.literal_column("urgent DESC"), "created_at"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('call', 'sms', 'email', 'messenger')", name="ck_messages_channel"),
        sa.CheckConstraint("state IN ('queued', 'sent', 'delivered', 'failed', 'blocked')", name="ck_messages_state"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_messages_call_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_messages_campaign_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_messages_customer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("key", name="uq_messages_key"),
    )
    op.create_index("ix_messages_call_id", "messages", ["call_id"], unique=False)
    op.create_index("ix_messages_customer_id", "messages", ["customer_id"], unique=False)
    op.create_index("ix_messages_gateway_id", "messages", ["gateway_id"], unique=False)


def _create_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reply_gap_ms", sa.Integer(), nullable=True),
        sa.Column("interrupted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("speaker IN ('bot', 'customer', 'manager')", name="ck_turns_speaker"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_turns_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("call_id", "position", name="uq_turns_call_id_position"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("turns")
    op.drop_table("messages")
    op.drop_table("escalations")
    op.drop_table("customer_tags")
    op.drop_table("call_tags")
    op.drop_table("calls")
    op.drop_table("promo_codes")
    op.drop_table("leads")
    op.drop_table("campaigns")
