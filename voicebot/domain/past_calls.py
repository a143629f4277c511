"""What earlier calls to one person say about the next one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from voicebot.domain.call import Cause, Direction
from voicebot.domain.outcome import Disposition, Group

_NEVER_RANG: Final = frozenset({Cause.FAILED, Cause.UNREACHABLE, Cause.UNALLOCATED})
_SOMEBODY_ELSE: Final = frozenset({Disposition.VOICEMAIL, Disposition.WRONG_PERSON})


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCall:
    """One call with a person, in any campaign; the one in progress has no cause."""

    lead_id: int
    campaign_id: int
    dialled_at: datetime
    answered_at: datetime | None = None
    cause: Cause | None = None
    disposition: Disposition | None = None
    group: Group | None = None
    direction: Direction = Direction.OUT
    wanted: bool = False
    """Whether the customer had asked for this call at this time."""
    offer_heard: bool = False
    """Whether an offer was made before it ended."""
    lead_over: bool = False
    """Whether nothing follows for its lead."""

    @property
    def ours(self) -> bool:
        """Whether it was a touch of our own making."""
        return self.direction is Direction.OUT and not self.wanted

    @property
    def may_have_rung(self) -> bool:
        """Whether the person may have heard their telephone."""
        return self.cause not in _NEVER_RANG

    @property
    def answered(self) -> bool:
        """Whether somebody, or a machine of theirs, answered."""
        return self.answered_at is not None or self.cause is Cause.ANSWERED

    @property
    def talked(self) -> bool:
        """Whether the person themselves answered: no machine, and nobody else."""
        return self.answered and self.disposition not in _SOMEBODY_ELSE


def budget_used(calls: Iterable[PastCall], lead_id: int) -> int:
    """Attempts of one lead, whatever came of them; calls the customer asked for burn nothing."""
    return sum(1 for call in calls if call.lead_id == lead_id and call.ours)


def callbacks_in_a_row(calls: Iterable[PastCall], lead_id: int) -> int:
    """How many of the lead's newest calls were ones the customer had asked for."""
    outgoing = [call for call in calls if call.lead_id == lead_id and call.direction is Direction.OUT]
    count = 0
    for call in sorted(outgoing, key=lambda one: one.dialled_at, reverse=True):
        if not call.wanted:
            break
        count += 1
    return count


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchCaps:
    """How often one person is touched at most, over all campaigns; calls they asked for are exempt."""

    day: int = 3
    """Attempts that may have rung within 24 hours."""
    week: int = 2
    """Answered calls within 7 days."""
    month: int = 4
    """Answered calls within 30 days: no more than 3-4 touches per situation (DOMAIN.md, Rules of contact)."""


UNCAPPED: Final = TouchCaps(day=1_000_000, week=1_000_000, month=1_000_000)
"""For calls that touch no customer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Touches:
    """The moments that count against each cap."""

    rung: tuple[datetime, ...]
    """Attempts that may have rung, ascending."""
    answered: tuple[datetime, ...]
    """Answered calls, ascending."""


def touches(calls: Iterable[PastCall]) -> Touches:
    """What counts of a person's calls."""
    ours = sorted((call for call in calls if call.ours), key=lambda call: call.dialled_at)
    return Touches(
        rung=tuple(call.dialled_at for call in ours if call.may_have_rung),
        answered=tuple(call.dialled_at for call in ours if call.answered),
    )


def cap_frees_at(moments: tuple[datetime, ...], most: int, period: timedelta, now: datetime) -> datetime | None:
    """When a cap of `most` in any `period` lets one more through; None when it does now. `moments` ascend."""
    within = [moment for moment in moments if moment > now - period]
    return within[-most] + period if len(within) >= most else None


def last_talk_elsewhere(calls: Iterable[PastCall], campaign_id: int) -> datetime | None:
    """When the person last talked with us in another campaign."""
    return max(
        (
            call.dialled_at
            for call in calls
            if call.campaign_id != campaign_id and call.talked and call.direction is Direction.OUT
        ),
        default=None,
    )
