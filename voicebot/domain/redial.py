"""Whether and when to try again: one table by cause, one budget per person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.call import Direction
from voicebot.domain.contact_calendar import ContactCalendar, day_part
from voicebot.domain.outcome import Disposition
from voicebot.domain.past_calls import PastCall


class RedialCause(StrEnum):
    """Ways an attempt can end without anything settled; the keys of the redial table."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"  # a machine answered
    HUNG_UP_EARLY = "hung_up_early"  # the person ended it before an offer was made
    SILENT = "silent"  # answered, never spoke
    UNCLEAR = "unclear"  # spoke, nothing was understood
    UNREACHABLE = "unreachable"  # switched off, or trouble on the way
    REJECTED = "rejected"  # this call was refused
    FAILED = "failed"  # our side or the trunk
    INTERRUPTED = "interrupted"  # our process died
    UNALLOCATED = "unallocated"  # "no such number", said once: the next call shows whether it is so
    CALLBACK = "callback"  # asked to be called later and named no time


NEVER_AGAIN: Final = frozenset({Disposition.REFUSED})
"""Endings no dialplan may redial: the operator refuses calls like ours."""
_OURS: Final = frozenset({RedialCause.FAILED, RedialCause.INTERRUPTED})
"""Not the customer's doing: a call they asked for stays promised."""


def redial_cause(disposition: Disposition, *, offer_heard: bool) -> RedialCause | None:
    """What the redial table goes by; None when something was settled or nothing may follow."""
    if disposition is Disposition.HUNG_UP:
        return None if offer_heard else RedialCause.HUNG_UP_EARLY
    try:
        return RedialCause(disposition.value)
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class RedialRule:
    """When to try again after one kind of ending."""

    wait: timedelta
    """At least so long after the end of the attempt."""
    times: int
    """How many attempts may end so and still be followed by another one."""
    other_part: bool = False
    """Whether the next one waits for another part of the customer's day."""


REDIAL: Final[Mapping[RedialCause, RedialRule]] = MappingProxyType(
    {
        RedialCause.BUSY: RedialRule(wait=timedelta(minutes=15), times=3),
        RedialCause.NO_ANSWER: RedialRule(wait=timedelta(hours=2), times=3, other_part=True),
        RedialCause.VOICEMAIL: RedialRule(wait=timedelta(days=1), times=2, other_part=True),
        RedialCause.HUNG_UP_EARLY: RedialRule(wait=timedelta(days=1), times=1, other_part=True),
        RedialCause.SILENT: RedialRule(wait=timedelta(days=1), times=1, other_part=True),
        RedialCause.UNREACHABLE: RedialRule(wait=timedelta(hours=4), times=2),
        RedialCause.REJECTED: RedialRule(wait=timedelta(days=1), times=1),
        RedialCause.FAILED: RedialRule(wait=timedelta(minutes=5), times=3),
        RedialCause.INTERRUPTED: RedialRule(wait=timedelta(minutes=5), times=3),
        RedialCause.UNALLOCATED: RedialRule(wait=timedelta(days=1), times=1),
        RedialCause.CALLBACK: RedialRule(wait=timedelta(hours=2), times=3),
    }
)
"""What is worth another attempt; an ending that is missing here is final (words nobody understood go to a manager)."""
MAX_ATTEMPTS: Final = 4
"""ONE budget per lead, whatever the causes: no more than 3-4 touches per situation (DOMAIN.md, Rules of contact)."""
MAX_CALLBACKS: Final = 5
"""Calls in a row the robot makes because the customer named a time; after that a person keeps the promise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RedialPolicy:
    """The redial table of a dialplan with its budget."""

    rules: Mapping[RedialCause, RedialRule] = field(default_factory=lambda: REDIAL)
    max_attempts: int = MAX_ATTEMPTS
    max_callbacks: int = MAX_CALLBACKS


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How an attempt ended, as far as redialling cares."""

    cause: RedialCause | None
    """None when something was settled or nothing may follow."""
    dialled_at: datetime
    at: datetime
    """When it ended."""
    used: int
    """Attempts of the lead's budget, this one included unless the customer asked for it."""
    alike: int = 1
    """How many attempts of the lead ended so, this one included."""
    wanted: bool = False
    """Whether the customer had asked for this call."""
    callbacks: int = 0
    """How many calls in a row they had asked for, this one included."""
    callback_at: datetime | None = None
    """The moment the customer named for the next one."""
    lead_id: int = 0
    """Whose: leads put off to one opening are spread over it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NextAttempt:
    """When to call again."""

    at: datetime
    """Aware, in the customer's zone, inside the calendar."""
    wanted: bool = False
    """Whether the customer asked for it: exact, before all others, and it burns no budget."""


def next_attempt(ending: Ending, policy: RedialPolicy, calendar: ContactCalendar) -> NextAttempt | None:
    """When to call again; None when this attempt was the last."""
    if ending.callback_at is not None:
        return _wanted(max(ending.callback_at, ending.at), ending, policy, calendar)
    rule = policy.rules.get(ending.cause) if ending.cause is not None else None
    if rule is None or ending.alike > rule.times:
        return None
    if ending.wanted and ending.cause in _OURS:
        return _wanted(ending.at + rule.wait, ending, policy, calendar)
    if ending.used >= policy.max_attempts:
        return None
    earliest = ending.at + rule.wait
    if rule.other_part:
        opening = calendar.in_other_part(earliest, day_part(ending.dialled_at.astimezone(calendar.zones[0])))
    else:
        opening = calendar.next_open(earliest)
    if opening is None:
        return None
    return NextAttempt(at=calendar.spread(opening, ending.lead_id) if opening > earliest else opening)


def _wanted(moment: datetime, ending: Ending, policy: RedialPolicy, calendar: ContactCalendar) -> NextAttempt | None:
    if ending.callbacks >= policy.max_callbacks:
        return None
    opening = calendar.next_open(moment)
    return NextAttempt(at=opening, wanted=True) if opening is not None else None


def count_alike(calls: Iterable[PastCall], lead_id: int, cause: RedialCause | None) -> int:
    """How many attempts of a lead ended so."""
    return sum(
        1
        for call in calls
        if call.lead_id == lead_id
        and call.direction is Direction.OUT
        and call.disposition is not None
        and redial_cause(call.disposition, offer_heard=call.offer_heard) is cause
    )


def reminder_at(issued_at: datetime, ends_at: datetime, *, days: int, calendar: ContactCalendar) -> datetime | None:
    """When to remind of a promo code: `days` after its issue at the same time of day, or at the next opening.

    A day earlier, and another one, where that opening comes after the code has ended; None when none comes before.
    """
    for ahead in range(days, 0, -1):
        opening = calendar.next_open(issued_at + timedelta(days=ahead))
        if opening is not None and opening < ends_at:
            return opening
    return None
