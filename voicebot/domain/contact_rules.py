"""Whether a person may be called now, and every reason why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.campaign import Campaign, CampaignKind, CampaignStatus
from voicebot.domain.campaign_plan import Spending
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_calendar import ContactCalendar
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.customer import Customer
from voicebot.domain.lead import Lead, LeadErrand
from voicebot.domain.outcome import Disposition
from voicebot.domain.past_calls import PastCall, Touches, budget_used, cap_frees_at, last_talk_elsewhere, touches
from voicebot.domain.segment import in_control_group
from voicebot.domain.time_zones import CustomerZone, zone_for

OPERATOR: Final = "operator"
"""Source of a stop-list entry that holds for calls alone: the operator refuses them, the person has said nothing."""
_DAY, _WEEK, _MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
_LOOK_AGAIN: Final = timedelta(minutes=15)
"""When to look again at what somebody may change any minute: a pause, a release, a label."""
_BUDGET_AGAIN: Final = timedelta(hours=1)
_LINE_BUSY: Final = timedelta(minutes=1)
_NO_OPENING: Final = timedelta(days=1)
"""When to look again at a calendar that never opens: somebody may write another one."""


class Refusal(StrEnum):
    """One reason not to call."""

    NOT_RELEASED = "not_released"  # no named person has approved the list (38-FZ art. 18 p. 2)
    NOT_RUNNING = "not_running"  # the campaign is a draft, paused or finished
    NO_PHONE = "no_phone"  # no number to dial
    NO_CALL_CONSENT = "no_call_consent"  # no provable consent to be called holds now (38-FZ art. 18 p. 1)
    NO_ADVERTISING_CONSENT = "no_advertising_consent"  # consents to service calls only, and this is advertising
    STOP_LIST = "stop_list"  # the person or the number asked never to be called
    OPERATOR_REFUSAL = "operator_refusal"  # their operator refuses mass calls for them (126-FZ art. 44.1)
    WRONG_NUMBER = "wrong_number"  # every number is known to be somebody else's, or dead
    ALREADY_ACCEPTED = "already_accepted"  # took this campaign's offer already
    NOTHING_TO_REMIND = "nothing_to_remind"  # the promo code is used, over, or an order has come
    CONTROL_GROUP = "control_group"  # left alone on purpose, to measure what the calls are worth
    SERIES_OVER = "series_over"  # on the seasonal list: called again on a reason only
    NO_CALL_LABEL = "no_call_label"  # a trunk without the operator contract and label of mass calls (126-FZ art. 44.1)
    IN_A_CALL = "in_a_call"  # the person, or somebody with the same number, is talking with us
    OUT_OF_HOURS = "out_of_hours"  # not now, local time of the customer
    OUT_OF_WINDOW = "out_of_window"  # not a day, or not an hour, of the campaign
    DAY_CAP = "day_cap"  # rung often enough within 24 hours, all campaigns together
    WEEK_CAP = "week_cap"  # talked to often enough within 7 days
    MONTH_CAP = "month_cap"  # talked to often enough within 30 days
    TOO_SOON = "too_soon"  # talked to in another campaign a short while ago
    CAMPAIGN_BUDGET = "campaign_budget"  # the calls, the money or the codes of the campaign are used up
    BUDGET_USED = "budget_used"  # no attempt of this person is left


class Lasting(StrEnum):
    """How long a refusal holds."""

    FOR_GOOD = "for_good"  # the lead is blocked
    OVER = "over"  # the lead is done: nothing is left to call about
    FOR_NOW = "for_now"  # the lead waits


_FOR_NOW: Final = frozenset(
    {
        Refusal.NOT_RELEASED,
        Refusal.NOT_RUNNING,
        Refusal.NO_CALL_LABEL,
        Refusal.IN_A_CALL,
        Refusal.OUT_OF_HOURS,
        Refusal.OUT_OF_WINDOW,
        Refusal.DAY_CAP,
        Refusal.WEEK_CAP,
        Refusal.MONTH_CAP,
        Refusal.TOO_SOON,
        Refusal.CAMPAIGN_BUDGET,
    }
)
REFUSALS: Final[Mapping[Refusal, Lasting]] = MappingProxyType(
    {
        **{refusal: Lasting.FOR_NOW if refusal in _FOR_NOW else Lasting.FOR_GOOD for refusal in Refusal},
        Refusal.NOTHING_TO_REMIND: Lasting.OVER,
    }
)
"""What a refusal means for the lead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRecord:
    """What the store knows of a person that decides about a call to them."""

    calls: tuple[PastCall, ...] = ()
    """Every call with them, in any campaign, in any order."""
    consents: tuple[Consent, ...] = ()
    """All they ever gave, the newest first."""
    stopped: bool = False
    """The person or the number asked never to be called."""
    operator_refused: bool = False
    """Their operator refuses mass calls for them."""
    in_call: bool = False
    """The person or the number is in a call now."""
    seasonal: bool = False
    """On the seasonal list."""
    promo_until: datetime | None = None
    """When the code of this campaign ends; None without a code, after its redemption, or once an order has come."""
    last_order_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactFacts:
    """All that decides whether a call is allowed; read in the transaction that claims the lead."""

    now: datetime
    campaign: Campaign
    lead: Lead
    customer: Customer
    consents: tuple[Consent, ...]
    """All the person ever gave; those in force now count."""
    record: ContactRecord = field(default_factory=ContactRecord)
    spent: Spending = field(default_factory=Spending)
    """What the campaign has used up; not asked for one without a budget."""
    policy: ContactPolicy = field(default_factory=ContactPolicy)

    @property
    def zone(self) -> CustomerZone:
        """Where the customer lives."""
        return zone_for(self.customer)

    @property
    def advertising(self) -> bool:
        """Whether the campaign needs a release, a label and consent to advertising."""
        return self.campaign.kind is CampaignKind.ADVERTISING

    @property
    def reminder(self) -> bool:
        """Whether the call is about a code that was taken already."""
        return self.lead.errand is LeadErrand.REMINDER

    @property
    def calendar(self) -> ContactCalendar:
        """When this call may be made."""
        return self.policy.calendar(self.zone, self.campaign.window)

    def after(self, calls: int) -> "ContactFacts":
        """The facts when so many calls of the campaign more have begun."""
        return replace(self, spent=replace(self.spent, calls=self.spent.calls + calls)) if calls else self

    def consent(self, kind: ConsentKind) -> Consent | None:
        """One that allows the call now."""
        return next((one for one in self.consents if one.allows(ConsentScope.CALL, kind, self.now)), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The gate's answer, stored with the attempt."""

    refusals: tuple[Refusal, ...]
    """Every reason not to call, in the order of `Refusal`; empty when the call is allowed."""
    checked_at: datetime
    """Aware, in the customer's zone."""
    again_at: datetime | None = None
    """When to ask again after refusals that hold for now only."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What was looked at, in JSON values without personal data: the answer to «why was I called?»."""

    @property
    def allowed(self) -> bool:
        """Whether nothing forbids the call."""
        return not self.refusals

    @property
    def for_good(self) -> bool:
        """Whether waiting will not help."""
        return any(REFUSALS[refusal] is not Lasting.FOR_NOW for refusal in self.refusals)

    @property
    def over(self) -> bool:
        """Whether there is merely nothing left to call about."""
        return self.for_good and all(REFUSALS[refusal] is not Lasting.FOR_GOOD for refusal in self.refusals)


def check_contact(facts: ContactFacts) -> Verdict:
    """The gate: the verdict on one call, with *every* reason against it."""
    waits = _waits(facts)
    found = {**_for_good(facts), **{refusal: until is not None for refusal, until in waits.items()}}
    refusals = tuple(refusal for refusal in Refusal if found[refusal])
    return Verdict(
        refusals=refusals,
        checked_at=facts.now.astimezone(facts.zone.spoken),
        again_at=_again_at(facts, [until for until in waits.values() if until is not None]) if refusals else None,
        facts=_told(facts),
    )


def _for_good(facts: ContactFacts) -> dict[Refusal, bool]:
    customer, record, lead = facts.customer, facts.record, facts.lead
    service = facts.consent(ConsentKind.SERVICE) is not None
    advertising = facts.consent(ConsentKind.ADVERTISING) is not None
    promo = record.promo_until is not None and facts.now < record.promo_until
    used = budget_used(record.calls, lead.id)
    return {
        Refusal.NO_PHONE: not customer.phones,
        Refusal.NO_CALL_CONSENT: not service,
        Refusal.NO_ADVERTISING_CONSENT: facts.advertising and service and not advertising,
        Refusal.STOP_LIST: record.stopped,
        Refusal.OPERATOR_REFUSAL: record.operator_refused,
        Refusal.WRONG_NUMBER: bool(customer.phones) and customer.dialable is None,
        Refusal.ALREADY_ACCEPTED: lead.disposition is Disposition.ACCEPTED and not facts.reminder,
        Refusal.NOTHING_TO_REMIND: facts.reminder and not promo,
        Refusal.CONTROL_GROUP: facts.advertising and in_control_group(customer.id, facts.campaign.control_share),
        Refusal.SERIES_OVER: facts.advertising and record.seasonal and not facts.campaign.season,
        Refusal.BUDGET_USED: not lead.callback and used >= facts.policy.redial.max_attempts,
    }


def _waits(facts: ContactFacts) -> dict[Refusal, datetime | None]:
    """Until when each passing reason holds; None for those that do not."""
    now, campaign = facts.now, facts.campaign
    counted = touches(facts.record.calls)
    released = facts.lead.release_id is not None
    spent = campaign.budget.bounded and campaign.budget.is_used_up(facts.spent, sms_price=facts.policy.sms_price)
    calendar = facts.calendar
    held = {
        Refusal.NOT_RELEASED: (facts.advertising and not released, _LOOK_AGAIN),
        Refusal.NOT_RUNNING: (campaign.status is not CampaignStatus.RUNNING, _LOOK_AGAIN),
        Refusal.NO_CALL_LABEL: (facts.advertising and not facts.policy.labelled, _LOOK_AGAIN),
        Refusal.IN_A_CALL: (facts.record.in_call, _LINE_BUSY),
        # Until the next opening, which `_again_at` finds for all reasons alike.
        Refusal.OUT_OF_HOURS: (not calendar.in_hours(now), timedelta()),
        Refusal.OUT_OF_WINDOW: (not calendar.in_window(now), timedelta()),
        Refusal.CAMPAIGN_BUDGET: (spent, _BUDGET_AGAIN),
    }
    return {
        **{refusal: now + wait if holds else None for refusal, (holds, wait) in held.items()},
        **_touched_enough(facts, counted),
    }


def _touched_enough(facts: ContactFacts, counted: Touches) -> dict[Refusal, datetime | None]:
    """A call the person asked for is no touch of ours: no cap holds against it."""
    caps, now = facts.policy.caps, facts.now
    checks: dict[Refusal, Callable[[], datetime | None]] = {
        Refusal.DAY_CAP: lambda: cap_frees_at(counted.rung, caps.day, _DAY, now),
        Refusal.WEEK_CAP: lambda: cap_frees_at(counted.answered, caps.week, _WEEK, now),
        Refusal.MONTH_CAP: lambda: cap_frees_at(counted.answered, caps.month, _MONTH, now),
        Refusal.TOO_SOON: lambda: _spaced_until(facts),
    }
    return {refusal: None if facts.lead.callback else until() for refusal, until in checks.items()}


def _spaced_until(facts: ContactFacts) -> datetime | None:
    """Until when a first attempt keeps its distance from a talk in another campaign."""
    begun = any(call.lead_id == facts.lead.id for call in facts.record.calls)
    last = None if begun else last_talk_elsewhere(facts.record.calls, facts.campaign.id)
    until = last + timedelta(days=facts.campaign.quiet_days) if last else None
    return until if until is not None and until > facts.now else None


def _again_at(facts: ContactFacts, waits: list[datetime]) -> datetime:
    """The first moment at which none of the passing reasons holds any more, as far as can be known."""
    earliest = max(waits, default=facts.now)
    opening = facts.calendar.next_open(earliest)
    if opening is None:
        return max(earliest, facts.now + _NO_OPENING)
    if opening > earliest and not facts.lead.callback:
        return facts.calendar.spread(opening, facts.lead.id)
    return opening


def _told(facts: ContactFacts) -> dict[str, object]:
    kind = ConsentKind.ADVERTISING if facts.advertising else ConsentKind.SERVICE
    consent, counted = facts.consent(kind), touches(facts.record.calls)
    told: dict[str, object] = {
        "zone": facts.zone.name,
        "errand": facts.lead.errand.value,
        "attempts": [budget_used(facts.record.calls, facts.lead.id), facts.policy.redial.max_attempts],
        "rung_in_a_day": sum(moment > facts.now - _DAY for moment in counted.rung),
        "answered_in_a_week": sum(moment > facts.now - _WEEK for moment in counted.answered),
        "answered_in_a_month": sum(moment > facts.now - _MONTH for moment in counted.answered),
    }
    if facts.lead.callback:
        told["asked_for"] = True
    if facts.lead.release_id is not None:
        told["release"] = facts.lead.release_id
    if consent is not None:
        told["consent"] = {
            "kind": consent.kind.value,
            "source": consent.source,
            "wording": consent.wording,
            "given_at": consent.given_at.isoformat(),
        }
    if facts.record.seasonal:
        told["season"] = facts.campaign.season
    return told
