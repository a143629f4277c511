"""Whether a person may be called now, and every reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.campaign import CampaignKind, CampaignStatus
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_hours import DEFAULT_HOURS, ContactHours
from voicebot.domain.lead import RedialPolicy
from voicebot.domain.phone import Phone


class Refusal(StrEnum):
    """One reason not to call."""

    NOT_RELEASED = "not_released"  # no named person has approved the list (38-FZ art. 18 p. 2)
    NOT_RUNNING = "not_running"  # the campaign is a draft, paused or finished
    NO_PHONE = "no_phone"  # no number to dial
    NO_CALL_CONSENT = "no_call_consent"  # no provable consent to be called holds now (38-FZ art. 18 p. 1)
    NO_ADVERTISING_CONSENT = "no_advertising_consent"  # consents to service calls only, and this is advertising
    STOP_LIST = "stop_list"  # the person or the number asked never to be called
    WRONG_NUMBER = "wrong_number"  # the number is known to be somebody else's
    ALREADY_ACCEPTED = "already_accepted"  # took this campaign's offer already
    NO_CALL_LABEL = "no_call_label"  # a trunk without the operator contract and label of mass calls (126-FZ art. 44.1)
    OUT_OF_HOURS = "out_of_hours"  # not now, local time of the customer
    BUDGET_USED = "budget_used"  # no attempt is left


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactPolicy:
    """What the dialplan decides about contact."""

    hours: ContactHours = DEFAULT_HOURS
    """When customers may be called, local to them."""
    redial: RedialPolicy = field(default_factory=RedialPolicy)
    labelled: bool = True
    """Whether every trunk customers are reached over carries the contract and label of mass calls."""


class Lasting(StrEnum):
    """How long a refusal holds."""

    FOR_GOOD = "for_good"  # the lead is blocked
    FOR_NOW = "for_now"  # the lead waits


REFUSALS: Final[Mapping[Refusal, Lasting]] = MappingProxyType(
    {
        Refusal.NOT_RELEASED: Lasting.FOR_NOW,
        Refusal.NOT_RUNNING: Lasting.FOR_NOW,
        Refusal.OUT_OF_HOURS: Lasting.FOR_NOW,
        Refusal.NO_CALL_LABEL: Lasting.FOR_NOW,
        Refusal.NO_PHONE: Lasting.FOR_GOOD,
        Refusal.NO_CALL_CONSENT: Lasting.FOR_GOOD,
        Refusal.NO_ADVERTISING_CONSENT: Lasting.FOR_GOOD,
        Refusal.STOP_LIST: Lasting.FOR_GOOD,
        Refusal.WRONG_NUMBER: Lasting.FOR_GOOD,
        Refusal.ALREADY_ACCEPTED: Lasting.FOR_GOOD,
        Refusal.BUDGET_USED: Lasting.FOR_GOOD,
    }
)
"""What a refusal means for the lead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactFacts:
    """All that decides whether a call is allowed; read in the transaction that claims the lead."""

    kind: CampaignKind
    status: CampaignStatus
    released: bool
    phone: Phone | None
    """The number that would be dialled."""
    consents: tuple[Consent, ...]
    """All the person ever gave; those in force now count."""
    stopped: bool
    """The person or the number is on the stop-list."""
    wrong_number: bool
    """The person's numbers are marked as somebody else's."""
    accepted: bool
    """The person took this campaign's offer already."""
    attempts: int
    """Attempts of the lead so far."""
    max_attempts: int
    local_now: datetime
    """Aware, in the customer's zone."""
    hours: ContactHours
    labelled: bool = True
    """The trunks carry the contract and label of mass calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The gate's answer, stored with the attempt."""

    refusals: tuple[Refusal, ...]
    """Every reason not to call, in the order of `Refusal`; empty when the call is allowed."""
    checked_at: datetime
    """Aware, in the customer's zone."""

    @property
    def allowed(self) -> bool:
        """Whether nothing forbids the call."""
        return not self.refusals

    @property
    def for_good(self) -> bool:
        """Whether waiting will not help."""
        return any(REFUSALS[refusal] is Lasting.FOR_GOOD for refusal in self.refusals)


def check_facts(facts: ContactFacts) -> Verdict:
    """The verdict on one call, with *every* reason against it."""
    service = _consented(facts, ConsentKind.SERVICE)
    advertising = _consented(facts, ConsentKind.ADVERTISING)
    found = {
        Refusal.NOT_RELEASED: facts.kind is CampaignKind.ADVERTISING and not facts.released,
        Refusal.NOT_RUNNING: facts.status is not CampaignStatus.RUNNING,
        Refusal.NO_PHONE: facts.phone is None and not facts.wrong_number,
        Refusal.NO_CALL_CONSENT: not service,
        Refusal.NO_ADVERTISING_CONSENT: facts.kind is CampaignKind.ADVERTISING and service and not advertising,
        Refusal.STOP_LIST: facts.stopped,
        Refusal.WRONG_NUMBER: facts.wrong_number,
        Refusal.ALREADY_ACCEPTED: facts.accepted,
        Refusal.NO_CALL_LABEL: facts.kind is CampaignKind.ADVERTISING and not facts.labelled,
        Refusal.OUT_OF_HOURS: not facts.hours.is_open(facts.local_now),
        Refusal.BUDGET_USED: facts.attempts >= facts.max_attempts,
    }
    return Verdict(refusals=tuple(refusal for refusal in Refusal if found[refusal]), checked_at=facts.local_now)


def _consented(facts: ContactFacts, kind: ConsentKind) -> bool:
    return any(consent.allows(ConsentScope.CALL, kind, facts.local_now) for consent in facts.consents)
