"""When «no such number» is believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from voicebot.domain.call import Cause

_ALIVE: Final = frozenset({Cause.ANSWERED, Cause.BUSY, Cause.NO_ANSWER, Cause.REJECTED, Cause.REFUSED})
"""Answers that only a number somebody has can give."""
APART: Final = timedelta(hours=12)
"""Between two answers that confirm each other: nobody is dialled at night, so they are of different days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberAnswer:
    """What the network once said of a number."""

    cause: Cause
    at: datetime
    """When it was dialled."""


def is_dead(earlier: Iterable[NumberAnswer], at: datetime) -> bool:
    """Whether a number of which «no such number» was said at `at` is given up; `earlier`: the newest first.

    Carriers say 404 of numbers that were never given out and, by RFC 3398, also when they find no route just now
    (Q.850 causes 2 and 3, a number being ported): one answer proves nothing. So it has to be said again, apart, with
    nothing between that shows the number alive.
    """
    for answer in earlier:
        if answer.cause in _ALIVE:
            return False
        if answer.cause is Cause.UNALLOCATED and at - answer.at >= APART:
            return True
    return False
