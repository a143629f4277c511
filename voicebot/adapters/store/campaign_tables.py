"""Tables of campaigns, leads, calls and what came of them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment, money, one_of
from voicebot.application.ports.messages import DeliveryState
from voicebot.domain.call import Cause, Direction, HungUpBy, Speaker
from voicebot.domain.campaign import CampaignKind, CampaignStatus
from voicebot.domain.customer import Channel
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.escalation_work import Resolution
from voicebot.domain.intent import Intent
from voicebot.domain.lead import WAITING, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group

campaigns = Table(
    "campaigns",
    metadata,
    key(),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("script", Text, nullable=False),
    Column("dialplan", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("standard_percent", Numeric(5, 2), nullable=False),
    Column("offer_days", Integer, nullable=False),
    Column("floor_percent", Numeric(5, 2), nullable=False),
    Column("ceiling_percent", Numeric(5, 2), nullable=False),
    Column("min_margin_percent", Numeric(5, 2), nullable=False),
    money("acquisition_cost"),
    Column("released_by", Text, nullable=False, server_default=""),
    moment("released_at", nullable=True),
    moment("created_at"),
    Column("segment", JSONB, nullable=True),  # whom the periodic selection adds; NULL: the list came from elsewhere
    Column("schedule", Text, nullable=False, server_default=""),  # cron of the selection; empty: once
    moment("selected_at", nullable=True),  # when the selection ran last
    Column("starts_on", Date, nullable=True),  # nobody is called before this day ...
    Column("ends_on", Date, nullable=True),  # ... or after this one, local to the customer
    Column("hours", JSONB, nullable=True),  # narrower than those of the dialplan
    Column("max_calls", Integer, nullable=True),
    money("max_money", nullable=True),  # RUB for calls and messages together
    Column("max_codes", Integer, nullable=True),
    Column("priority", Integer, nullable=False, server_default="0"),  # the higher goes first
    Column("weight", Integer, nullable=False, server_default="1"),  # share of the lines among equal priorities
    Column("control_share", Numeric(5, 4), nullable=False, server_default="0.05"),
    Column("quiet_days", Integer, nullable=False, server_default="14"),
    Column("variants", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # of the split test
    Column("reminder_script", Text, nullable=False, server_default=""),
    Column("reminder_days", Integer, nullable=True),  # after the promo code; NULL: no reminder call
    Column("triggers", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # kinds of CRM events that add leads
    Column("season", Text, nullable=False, server_default=""),  # the reason to call people of the seasonal list
    one_of("kind", CampaignKind),
    one_of("status", CampaignStatus),
    CheckConstraint("(released_by = '') = (released_at IS NULL)", name="release"),
    CheckConstraint("weight > 0", name="weight"),
    CheckConstraint("ends_on >= starts_on", name="window"),
)
Index(
    # The few a line chooses among, however many are paused or finished.
    "ix_campaigns_running",
    campaigns.c.id,
    postgresql_where=campaigns.c.status == CampaignStatus.RUNNING.value,
)

releases = Table(
    # What a named person answered for: the list as it stood, frozen by its hash.
    "releases",
    metadata,
    key(),
    belongs_to("campaigns"),
    Column("released_by", Text, nullable=False),
    moment("released_at"),
    Column("leads", Integer, nullable=False),  # how many people are on it
    Column("hash", Text, nullable=False),  # SHA-256 of the list, hexadecimal: see domain.release
    CheckConstraint("leads > 0", name="leads"),
    Index(None, "campaign_id"),
)

release_leads = Table(
    # The frozen list itself: a lead may be on several, one for each call somebody answered for.
    "release_leads",
    metadata,
    belongs_to("releases"),
    belongs_to("leads"),
    PrimaryKeyConstraint("release_id", "lead_id"),
    Index(None, "lead_id"),
)

campaign_controls = Table(
    # People of the segment who were left alone on purpose: what the called are compared with.
    "campaign_controls",
    metadata,
    key(),
    belongs_to("campaigns"),
    belongs_to("customers"),
    moment("at"),
    UniqueConstraint("campaign_id", "customer_id"),
)

leads = Table(
    "leads",
    metadata,
    key(),
    belongs_to("campaigns"),
    belongs_to("customers"),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment("next_attempt_at", nullable=True),
    Column("callback", Boolean, nullable=False, server_default=text("false")),
    Column("lease_owner", Text, nullable=False, server_default=""),
    moment("lease_until", nullable=True),
    Column("disposition", Text, nullable=True),
    Column("outcome_group", Text, nullable=True),
    Column("verdict", JSONB, nullable=True),  # the gate's last word; also of a contact it refused
    belongs_to("releases", nullable=True, ondelete="RESTRICT"),  # NULL: nobody has answered for this person yet
    Column("front", Boolean, nullable=False, server_default=text("false")),  # an event put it before the others
    Column("errand", Text, nullable=False, server_default=LeadErrand.OFFER.value),  # what the next call is about
    Column("variant", Text, nullable=False, server_default=""),  # of the split test; empty without one
    Column("ended_by", Text, nullable=False, server_default=""),  # what closed it other than a call: see LeadEnd
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("campaign_id", "customer_id"),
    one_of("errand", LeadErrand),
    one_of("state", LeadState),
    one_of("disposition", Disposition),
    one_of("outcome_group", Group),
    CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="lease"),
    Index(None, "customer_id"),
)
_WAITING = leads.c.state.in_([state.value for state in WAITING])
for _name, _rank in {
    # The hopper: what a free line looks through. Each waiting lead stands in one of the three (see claim_order.Rank),
    # in the order in which its campaign's leads are taken: the first entry is the lead to call.
    "ix_leads_due_callback": leads.c.callback,
    "ix_leads_due_front": and_(leads.c.front, ~leads.c.callback),
    "ix_leads_due_queue": and_(~leads.c.front, ~leads.c.callback),
}.items():
    Index(_name, leads.c.campaign_id, leads.c.next_attempt_at, leads.c.id, postgresql_where=and_(_rank, _WAITING))
Index(
    # Whom nobody has answered for yet: what a release is about.
    "ix_leads_unreleased",
    leads.c.campaign_id,
    leads.c.id,
    postgresql_where=leads.c.state == LeadState.UNRELEASED.value,
)
Index(
    # The list somebody is to answer for, page by page.
    "ix_leads_to_sign",
    leads.c.campaign_id,
    leads.c.id,
    postgresql_where=and_(
        leads.c.release_id.is_(None), leads.c.state.in_([LeadState.UNRELEASED.value, LeadState.QUEUED.value])
    ),
)
Index(
    # What may still be over without a call, by campaign, and what came to wait last: see lead_endings.
    "ix_leads_open",
    leads.c.campaign_id,
    leads.c.updated_at,
    postgresql_include=["customer_id", "created_at", "state"],
    postgresql_where=leads.c.state.in_([LeadState.UNRELEASED.value, *(state.value for state in WAITING)]),
)
Index("ix_leads_lease_until", leads.c.lease_until, postgresql_where=leads.c.state == LeadState.CLAIMED.value)
Index(
    # The last wall against two calls to one person at once; claim_next checks it first.
    "ix_leads_one_live_call",
    leads.c.customer_id,
    unique=True,
    postgresql_where=leads.c.state == LeadState.CLAIMED.value,
)

calls = Table(
    "calls",
    metadata,
    key(),
    belongs_to("leads"),
    belongs_to("customers"),
    Column("phone", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("verdict", JSONB, nullable=False),
    Column("offers", JSONB, nullable=False),  # what may be promised aloud in this call
    Column("direction", Text, nullable=False, server_default=Direction.OUT.value),
    Column("trunk", Text, nullable=False, server_default=""),  # that carries it; empty before it is dialled
    Column("script", Text, nullable=False, server_default=""),  # that was spoken
    Column("script_version", Integer, nullable=False, server_default="0"),  # as saved at the desk; 0: its file
    Column("variant", Text, nullable=False, server_default=""),  # of the split test
    Column("errand", Text, nullable=False, server_default=LeadErrand.OFFER.value),
    Column(
        "wanted", Boolean, nullable=False, server_default=text("false")
    ),  # asked for by the customer: burns no budget
    Column("offer_heard", Boolean, nullable=False, server_default=text("false")),
    money("cost", nullable=True),  # RUB, as the trunk charges
    moment("dialled_at"),
    moment("answered_at", nullable=True),
    moment("ended_at", nullable=True),
    Column("cause", Text, nullable=True),
    Column("sip_code", Integer, nullable=False, server_default="0"),
    Column("hung_up_by", Text, nullable=True),
    Column("recording", Text, nullable=False, server_default=""),
    Column("disposition", Text, nullable=True),
    Column("outcome_group", Text, nullable=True),
    Column("hangup_state", Text, nullable=False, server_default=""),
    Column("nps", Integer, nullable=True),
    Column("answers", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("actions", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    moment("words_cleared_at", nullable=True),  # nothing that was said in it is kept since
    one_of("direction", Direction),
    one_of("errand", LeadErrand),
    one_of("cause", Cause),
    one_of("hung_up_by", HungUpBy),
    one_of("disposition", Disposition),
    one_of("outcome_group", Group),
    CheckConstraint("nps BETWEEN 0 AND 10", name="nps"),
    CheckConstraint("(ended_at IS NULL) = (cause IS NULL)", name="ended"),
    Index(None, "customer_id", "dialled_at"),
    Index(None, "dialled_at"),
    Index(None, "lead_id"),
)
Index(
    # A call from the customer is no attempt of ours: it bears the number of those before it.
    "ix_calls_one_attempt",
    calls.c.lead_id,
    calls.c.attempt,
    unique=True,
    postgresql_where=calls.c.direction == Direction.OUT.value,
)
Index("ix_calls_live_trunk", calls.c.trunk, postgresql_where=calls.c.ended_at.is_(None))
Index("ix_calls_live_customer", calls.c.customer_id, postgresql_where=calls.c.ended_at.is_(None))
Index("ix_calls_one_live_call", calls.c.phone, unique=True, postgresql_where=calls.c.ended_at.is_(None))

turns = Table(
    "turns",
    metadata,
    key(),
    belongs_to("calls"),
    Column("position", Integer, nullable=False),
    Column("speaker", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("started_at", Float, nullable=False),  # seconds since the answer
    Column("ended_at", Float, nullable=False),
    Column("intent", Text, nullable=True),
    Column("confidence", Float, nullable=True),
    Column("score", Float, nullable=True),
    Column("matched", Text, nullable=False, server_default=""),  # phrase of the books that decided
    Column("reply_gap_ms", Integer, nullable=True),
    Column("interrupted", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("call_id", "position"),
    one_of("speaker", Speaker),
)
_BY_CUSTOMER = turns.c.speaker == Speaker.CUSTOMER.value
Index(
    # What phrases catch: the last so many utterances without a look into the rows.
    "ix_turns_caught",
    turns.c.id,
    postgresql_include=["matched", "intent"],
    postgresql_where=_BY_CUSTOMER,
)
Index(
    "ix_turns_not_understood",
    turns.c.id,
    postgresql_where=and_(_BY_CUSTOMER, turns.c.intent == Intent.UNKNOWN.value),
)

call_tags = Table(
    "call_tags",
    metadata,
    key(),
    belongs_to("calls"),
    Column("tag", Text, nullable=False),
    UniqueConstraint("call_id", "tag"),
)

customer_tags = Table(
    "customer_tags",
    metadata,
    key(),
    belongs_to("customers"),
    Column("tag", Text, nullable=False),
    belongs_to("calls", nullable=True, ondelete="SET NULL"),
    moment("at"),  # when it was last earned
    UniqueConstraint("customer_id", "tag"),
    Index(None, "tag", "customer_id"),
)

promo_codes = Table(
    "promo_codes",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    belongs_to("customers"),
    belongs_to("campaigns"),
    Column("percent", Numeric(5, 2), nullable=False),
    Column("days", Integer, nullable=False),
    moment("issued_at"),
    moment("valid_until"),
    moment("redeemed_at", nullable=True),
    belongs_to("orders", nullable=True, ondelete="SET NULL"),  # that redeemed it
    UniqueConstraint("customer_id", "campaign_id"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    Index(None, "campaign_id"),  # a campaign's budget counts them
)

messages = Table(
    "messages",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),  # the gateway's idempotency key
    belongs_to("customers"),
    belongs_to("campaigns"),
    belongs_to("calls", nullable=True, ondelete="SET NULL"),
    Column("channel", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("gateway_id", Text, nullable=True),
    Column("error", Text, nullable=False, server_default=""),  # without personal data
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment("created_at"),
    moment("handed_at", nullable=True),  # is being handed to a gateway without idempotency keys since
    moment("sent_at", nullable=True),
    moment("reported_at", nullable=True),  # when the network said what became of it
    one_of("channel", Channel),
    one_of("state", DeliveryState),
    Index(None, "gateway_id"),
    Index(None, "customer_id"),
    Index(None, "call_id"),
    Index(None, "campaign_id"),  # a campaign's budget counts them
)
Index(
    # What was given up: few of very many.
    "ix_messages_dead",
    messages.c.id,
    postgresql_where=messages.c.state.in_([DeliveryState.FAILED.value, DeliveryState.UNKNOWN.value]),
)

escalations = Table(
    "escalations",
    metadata,
    key(),
    belongs_to("customers"),
    belongs_to("campaigns"),
    belongs_to("calls"),
    Column("kind", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("reason", Text, nullable=False),  # in the customer's own words where there are any
    moment("created_at"),
    Column("taken_by", Text, nullable=False, server_default=""),  # login; two managers never hold the same one
    moment("taken_at", nullable=True),
    moment("first_taken_at", nullable=True),  # by whomever: the time to a manager's reaction
    moment("active_at", nullable=True),  # when its holder did something for it last
    moment("resolved_at", nullable=True),
    Column("resolved_by", Text, nullable=False, server_default=""),
    Column("resolution", Text, nullable=True),
    Column("result", Text, nullable=False, server_default=""),  # what came of it, in the manager's words
    UniqueConstraint("call_id", "kind"),
    one_of("kind", EscalationKind),
    one_of("resolution", Resolution),
)
Index(
    # The managers' queue, the urgent first.
    "ix_escalations_open",
    escalations.c.urgent.desc(),
    escalations.c.created_at,
    postgresql_where=escalations.c.resolved_at.is_(None),
)
Index(
    "ix_escalations_resolved",
    escalations.c.resolved_at.desc(),
    escalations.c.id.desc(),
    postgresql_where=escalations.c.resolved_at.is_not(None),
)
Index(
    "ix_escalations_taken",
    escalations.c.first_taken_at,
    postgresql_where=escalations.c.first_taken_at.is_not(None),
)
