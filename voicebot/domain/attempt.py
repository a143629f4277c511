"""One attempt as it is written down: who was dialled, what was allowed, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from voicebot.domain.call import CallReport, Cause, Direction, HungUpBy, Turn
from voicebot.domain.contact_rules import Verdict
from voicebot.domain.escalation import Escalation
from voicebot.domain.lead import LeadErrand
from voicebot.domain.offer import Offers, PromoCode
from voicebot.domain.outcome import Disposition, Group, Outcome
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAttempt:
    """An attempt about to be dialled."""

    lead_id: int
    customer_id: int
    phone: Phone
    attempt: int
    """Which one of its lead, counting from 1; of a call from the customer, how many of ours came before it."""
    owner: str
    """The line that dials."""
    verdict: Verdict
    """Why it was allowed."""
    offers: Offers
    """What may be promised aloud; the promo code will carry exactly that."""
    dialled_at: datetime
    wanted: bool = False
    """Whether the customer had asked for it: it burns no budget."""
    errand: LeadErrand = LeadErrand.OFFER
    """What it is about."""
    script: str = ""
    """What will be spoken."""
    script_version: int = 0
    """Which version of it, as saved at the desk; 0: as its file says."""
    variant: str = ""
    """Side of the split test."""
    direction: Direction = Direction.OUT

    def begun(self, call_id: int) -> "Attempt":
        """The attempt in progress, as it has been written down."""
        return Attempt(
            id=call_id,
            lead_id=self.lead_id,
            customer_id=self.customer_id,
            phone=self.phone,
            attempt=self.attempt,
            offers=self.offers,
            dialled_at=self.dialled_at,
            cause=None,
            wanted=self.wanted,
            errand=self.errand,
            owner=self.owner,
            direction=self.direction,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """An attempt in progress or over."""

    id: int
    lead_id: int
    customer_id: int
    phone: Phone
    attempt: int
    """Which one of its lead, counting from 1; of a call from the customer, how many of ours came before it."""
    offers: Offers
    dialled_at: datetime
    cause: Cause | None
    """None while the call is in progress."""
    wanted: bool = False
    """Whether the customer had asked for it."""
    errand: LeadErrand = LeadErrand.OFFER
    """What it is about."""
    owner: str = ""
    """The line that dialled."""
    answered_at: datetime | None = None
    """Written down at the answer."""
    direction: Direction = Direction.OUT

    @property
    def settled(self) -> bool:
        """Whether its outcome stands. One that was given up for interrupted may still be told by a late line."""
        return self.cause not in (None, Cause.INTERRUPTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptEnding:
    """Everything that is written of an attempt when it is over."""

    report: CallReport
    outcome: Outcome
    """Group and tags as they are stored: history included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallSummary:
    """One line of a list of calls."""

    id: int
    campaign: str
    customer_id: int
    external_id: str
    """The customer's id in the CRM."""
    customer: str
    """Masked name."""
    phone: Phone
    attempt: int
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: Cause | None
    group: Group | None
    disposition: Disposition | None
    tags: tuple[str, ...] = ()
    direction: Direction = Direction.OUT

    @property
    def talk_seconds(self) -> float | None:
        """From the answer to the end; None when it was not answered or is not over."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.answered_at).total_seconds()


@dataclass(frozen=True, kw_only=True, slots=True)
class SentMessage:
    """A message that came of a call."""

    id: int
    template: str
    text: str
    state: str
    """Value of DeliveryState."""
    error: str
    """Why it failed or was blocked; empty otherwise."""
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRecord:
    """One call with all that came of it."""

    summary: CallSummary
    verdict: Mapping[str, object]
    """The gate's word, as stored."""
    sip_code: int
    hung_up_by: HungUpBy | None
    hangup_state: str
    nps: int | None
    recording: str
    """Path below the recordings folder; empty when there is none."""
    answers: Mapping[str, str]
    """Free answers by script state."""
    actions: tuple[Mapping[str, object], ...]
    """What the conversation made happen, as stored."""
    turns: tuple[Turn, ...] = ()
    promo: PromoCode | None = None
    """The customer's code in this campaign."""
    messages: tuple[SentMessage, ...] = ()
    escalations: tuple[Escalation, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CallFilter:
    """Which calls to list; what is None or empty does not matter."""

    campaign_id: int | None = None
    customer_id: int | None = None
    group: Group | None = None
    disposition: Disposition | None = None
    tag: str = ""
    since: datetime | None = None
    """Dialled at this moment or later."""
    finished_only: bool = False
    limit: int = field(default=100)
    """The newest ones first."""
