"""How managers work their queue: results, holds, figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

HOLD: Final = timedelta(minutes=30)
"""A manager who has done nothing for so long may be relieved of an escalation by another one."""


class Resolution(StrEnum):
    """What came of an escalation."""

    WON_BACK = "won_back"  # the customer stays with us
    PROMISED = "promised"  # something is done for them, or they think about it
    REFUSED = "refused"  # they want nothing of us any more
    UNREACHABLE = "unreachable"  # nobody answers
    WRONG = "wrong"  # not for a manager: a wrong person, a misunderstanding


_SETTLED: Final = frozenset({Resolution.WON_BACK, Resolution.PROMISED, Resolution.REFUSED})
"""The customer has got an answer: nobody has to ring them again about it."""


def may_be_relieved(active_at: datetime, now: datetime) -> bool:
    """Whether whoever holds an escalation has let it lie for too long."""
    return now - active_at >= HOLD


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """How an escalation ended."""

    resolution: Resolution
    result: str
    """In the manager's words; may be empty."""
    by: str
    """Name of the manager."""
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaction:
    """An escalation that somebody took."""

    created_at: datetime
    taken_at: datetime
    """For the first time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """An escalation that was resolved."""

    resolved_at: datetime
    resolution: Resolution | None
    """None for those of a time before there were choices."""
    talks: int
    """Call-backs in which the customer was reached."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkFigures:
    """How fast and how well a stretch of time was."""

    taken: int
    median: timedelta | None
    """From an escalation to a manager who took it; None when nobody took any."""
    p90: timedelta | None
    """Nine of ten were taken within this time."""
    resolved: int
    first_contact: float | None
    """Of those resolved after a talk, the part settled in the first one, 0-1; None without any."""


def work_figures(reactions: Iterable[Reaction], closed: Iterable[Closed], *, since: datetime) -> WorkFigures:
    """The figures of everything taken or resolved at `since` or later."""
    waits = sorted(one.taken_at - one.created_at for one in reactions if one.taken_at >= since)
    done = [one for one in closed if one.resolved_at >= since]
    talked = [one for one in done if one.talks]
    first = [one for one in talked if one.talks == 1 and one.resolution in _SETTLED]
    return WorkFigures(
        taken=len(waits),
        median=_at(waits, 0.5),
        p90=_at(waits, 0.9),
        resolved=len(done),
        first_contact=len(first) / len(talked) if talked else None,
    )


def _at(ordered: Sequence[timedelta], share: float) -> timedelta | None:
    """The smallest value that so large a share does not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
