"""Forgetting a person on request (152-FZ): why, until when, and what is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.phone import Phone
from voicebot.domain.public_holidays import is_public_holiday

ERASED_PHONE: Final = Phone("+70000000000")
"""Stands where a number was: no number of the plan begins with +7 0."""
ERASED: Final = "[стёрто]"
"""Stands where a person was named in a text that stays."""
_SATURDAY: Final = 5


class ErasureGround(StrEnum):
    """Why a person is forgotten; the law gives each its own term."""

    WITHDRAWAL = "withdrawal"  # consent to processing withdrawn: 30 days (art. 21 p. 5)
    PURPOSE_REACHED = "purpose_reached"  # the purpose is reached, or the retention is over: 30 days (art. 21 p. 4)
    UNLAWFUL = "unlawful"  # processing was unlawful: 10 working days (art. 21 p. 3)
    NOT_NEEDED = "not_needed"  # gathered unlawfully or not needed for the purpose: 7 working days (art. 20 p. 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """How long an erasure may take from the day of the request."""

    days: int
    working: bool
    """Whether weekends and public holidays do not count."""
    article: str
    """Of Federal Law 152-FZ."""


TERMS: Final[Mapping[ErasureGround, Term]] = MappingProxyType(
    {
        ErasureGround.WITHDRAWAL: Term(days=30, working=False, article="ст. 21 ч. 5"),
        ErasureGround.PURPOSE_REACHED: Term(days=30, working=False, article="ст. 21 ч. 4"),
        ErasureGround.UNLAWFUL: Term(days=10, working=True, article="ст. 21 ч. 3"),
        ErasureGround.NOT_NEEDED: Term(days=7, working=True, article="ст. 20 ч. 3"),
    }
)


def due_on(ground: ErasureGround, requested: date) -> date:
    """The last day on which the erasure is in time; the day of the request does not count."""
    term, day, left = TERMS[ground], requested, TERMS[ground].days
    while left:
        day += timedelta(days=1)
        if not term.working or (day.weekday() < _SATURDAY and not is_public_holiday(day)):
            left -= 1
    return day


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What an erasure removed or replaced, and what files it leaves to be deleted."""

    counts: Mapping[str, int]
    """Kind of data -> how many rows."""
    recordings: tuple[str, ...]
    """Paths below the recordings folder."""
    key_replaced: bool
    """Whether the external id named the person itself and was replaced, too."""
    closed: tuple[int, ...] = ()
    """Leads that waited for a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureAct:
    """The act: what was erased, when, on what ground, by whom; nothing of the person."""

    id: int
    customer_id: int
    external_id: str
    """The pseudonymous key that stays: the hashes of signed lists hold it."""
    ground: ErasureGround
    requested: date
    """The day on which the request came."""
    erased_by: str
    at: datetime
    counts: Mapping[str, int]
    complete: bool
    """False while files are left to be deleted."""
    files: tuple[str, ...] = ()
    """Those files."""

    @property
    def in_time(self) -> bool:
        """Whether the law's term was kept."""
        return self.at.date() <= due_on(self.ground, self.requested)
