"""A customer rings us: who it is, and what they are talked to about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

from voicebot.domain.campaign import Campaign
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_rules import Refusal
from voicebot.domain.dialplan import Dialplan, InboundRule
from voicebot.domain.lead import WAITING, Lead, LeadEnd, LeadErrand, LeadEvent, LeadState, move_lead
from voicebot.domain.outcome import Disposition, Outcome
from voicebot.domain.phone import Phone, parse_phone
from voicebot.domain.script import Purpose, Script

STRANGER: Final = "phone:"
"""External id of somebody known by their number alone begins so."""
STANDING: Final = "Входящие звонки"
"""The standing service campaign of calls in which nothing was wanted of the customer."""
HIDDEN_NUMBERS: Final = 10**8
"""How many stand-ins there are for callers who hide their number."""

_MOOT: Final = frozenset(
    {
        Refusal.NO_CALL_LABEL,
        Refusal.OUT_OF_HOURS,
        Refusal.OUT_OF_WINDOW,
        Refusal.DAY_CAP,
        Refusal.WEEK_CAP,
        Refusal.MONTH_CAP,
        Refusal.TOO_SOON,
        Refusal.BUDGET_USED,
        Refusal.IN_A_CALL,
    }
)
"""What speaks against *our* calling at this moment; somebody who has rung us is talking to us already."""
_SETTLES_NOTHING: Final = frozenset(
    {
        Disposition.HUNG_UP,
        Disposition.SILENT,
        Disposition.UNCLEAR,
        Disposition.VOICEMAIL,
        Disposition.FAILED,
        Disposition.INTERRUPTED,
    }
)
_PEACE_AFTER_A_CALL: Final = timedelta(hours=2)
"""Nobody is rung up right after they have rung off; a time they named themselves stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadOnFile:
    """One campaign the caller is, or was, part of."""

    lead: Lead
    campaign: Campaign
    refusals: tuple[Refusal, ...] = ()
    """What the gate would say to a call of ours; asked for leads that wait only."""
    code_until: datetime | None = None
    """When their promo code of this campaign ends; None without one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundFacts:
    """All that decides what a caller is talked to about."""

    now: datetime
    owners: int
    """How many customers the number belongs to."""
    stopped: bool
    """The caller, or the number, asked never to be called."""
    consents: tuple[Consent, ...] = ()
    """All the caller ever gave."""
    leads: tuple[LeadOnFile, ...] = ()
    """The one they were called about last comes first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Continue:
    """What was wanted of them: their lead's own conversation, which settles it."""

    on: LeadOnFile


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeInHand:
    """They hold a promo code: its discount, its last day, the message again."""

    on: LeadOnFile


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceTalk:
    """How can we help? Nothing is offered."""

    stopped: bool = False
    """Whether they are told first that nobody calls them."""


InboundErrand = Continue | CodeInHand | ServiceTalk


def inbound_errand(facts: InboundFacts) -> InboundErrand:
    """The first that fits; names and offers are for one known person who has not said stop."""
    if facts.stopped:
        return ServiceTalk(stopped=True)
    if facts.owners == 1:
        for on in facts.leads:
            if _is_wanted(on):
                return Continue(on=on)
        for on in facts.leads:
            if _holds_code(on, facts):
                return CodeInHand(on=on)
    return ServiceTalk()


def _is_wanted(on: LeadOnFile) -> bool:
    """Whether we might have called them about it any minute, had they not called us."""
    if on.lead.errand is LeadErrand.REMINDER and on.campaign.reminder is None:
        return False
    return on.lead.state in WAITING and not set(on.refusals) - _MOOT


def _holds_code(on: LeadOnFile, facts: InboundFacts) -> bool:
    """Whether a code of theirs is good still; to speak of it is advertising."""
    good = on.code_until is not None and facts.now < on.code_until and on.lead.ended_by is not LeadEnd.ORDER
    allowed = any(one.allows(ConsentScope.CALL, ConsentKind.ADVERTISING, facts.now) for one in facts.consents)
    return good and allowed and on.lead.state in (LeadState.DONE, LeadState.SCHEDULED)


def claimed_by_caller(lead: Lead, *, owner: str, until: datetime) -> Lead:
    """The lead under the lease of the line that answered: nobody dials it, and no attempt is counted."""
    event = LeadEvent.CLAIM if lead.state in WAITING else LeadEvent.RING
    return replace(lead, state=move_lead(lead.state, event), lease_owner=owner, lease_until=until)


def returned_by_caller(lead: Lead, *, to: Lead) -> Lead:
    """The lead as it was before somebody rang and gave up before we answered."""
    event = LeadEvent.CLOSE if to.next_attempt_at is None else LeadEvent.RETURN
    return replace(lead, state=move_lead(lead.state, event), lease_owner="", lease_until=None)


def lead_after_inbound(lead: Lead, outcome: Outcome, at: datetime) -> Lead | None:
    """A claimed lead after its customer's call; None when the call settles it as one of ours would.

    What was settled before stays settled, and a call that came to nothing leaves what was wanted as it stood.
    """
    settled_before = lead.next_attempt_at is None
    if outcome.disposition is Disposition.STOP or not (settled_before or _came_to_nothing(outcome)):
        return None
    if lead.state is not LeadState.CLAIMED:
        return lead  # a line that was given up for dead tells late: the lead has been given back
    released = replace(lead, lease_owner="", lease_until=None)
    if lead.next_attempt_at is not None:
        exact = lead.callback or outcome.disposition is Disposition.INTERRUPTED  # cut off by us: no peace is wanted
        again = lead.next_attempt_at if exact else max(lead.next_attempt_at, at + _PEACE_AFTER_A_CALL)
        return replace(released, state=move_lead(lead.state, LeadEvent.RETURN), next_attempt_at=again)
    kept = lead.disposition is Disposition.ACCEPTED
    return replace(
        released,
        state=move_lead(lead.state, LeadEvent.CLOSE),
        disposition=lead.disposition if kept else outcome.disposition,
        group=lead.group if kept else outcome.group,
    )


def _came_to_nothing(outcome: Outcome) -> bool:
    heard = outcome.disposition is Disposition.HUNG_UP and outcome.offer_heard
    return outcome.disposition in _SETTLES_NOTHING and not heard


def caller_phone(shown: str) -> Phone | None:
    """The number in the user part of a From header: `+79161234567`, `89161234567`, `9161234567`.

    None for anything else: a hidden number is `anonymous` (RFC 3323), an extension is too short.
    """
    try:
        return parse_phone(unquote(shown))
    except ValueError:
        return None


def hidden_phone(number: int) -> Phone:
    """A stand-in for a hidden number, 0 <= number < HIDDEN_NUMBERS: nobody has one with the reserved code +999."""
    return Phone(f"+999{number:08d}")


def why_unanswered(rule: InboundRule, scripts: Mapping[str, Script]) -> str:
    """Why nobody who rings us is answered; empty when they are."""
    if not rule.answer:
        return "the dialplan says so (`inbound: answer`)"
    if rule.script not in scripts:
        return f"there is no script '{rule.script}'"
    if scripts[rule.script].purpose is not Purpose.SERVICE:
        return f"script '{rule.script}' advertises, and anybody may ring"
    return ""


def is_ours(dialplan: Dialplan, called: str) -> bool:
    """Whether what was dialled is a number, or an account, of the company: scanners of the Internet try others."""
    phone = caller_phone(called)
    names = {name for trunk in dialplan.trunks for name in (trunk.username, trunk.from_user) if name}
    return called in names or any(phone == own for trunk in dialplan.trunks for own in trunk.caller_ids if phone)
