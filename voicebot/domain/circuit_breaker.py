"""When a trunk fails too often it is left alone for a while, then tried with one call."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.errors import IllegalMove

LOOKED_AT: Final = 10
"""The breaker judges by so many of the last calls ..."""
WITHIN: Final = timedelta(minutes=5)
"""... that are no older than this."""
TOO_MANY: Final = 5
"""So many failures among them are a jump: half of the calls, and never the bad luck of one or two."""
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)


class BreakerState(StrEnum):
    """How a trunk stands."""

    CLOSED = "closed"  # calls flow
    OPEN = "open"  # no call until the pause is over
    HALF_OPEN = "half_open"  # one call may try


class BreakerEvent(StrEnum):
    """What moves a breaker."""

    JUMP = "jump"  # too many of the last calls failed on our side of the network
    COOL = "cool"  # the pause is over
    PROBE_WORKED = "probe_worked"
    PROBE_FAILED = "probe_failed"
    RESUME = "resume"  # a person says that the trunk works again


BREAKER_MOVES: Final[Mapping[tuple[BreakerState, BreakerEvent], BreakerState]] = MappingProxyType(
    {
        (BreakerState.CLOSED, BreakerEvent.JUMP): BreakerState.OPEN,
        (BreakerState.OPEN, BreakerEvent.COOL): BreakerState.HALF_OPEN,
        (BreakerState.HALF_OPEN, BreakerEvent.PROBE_WORKED): BreakerState.CLOSED,
        (BreakerState.HALF_OPEN, BreakerEvent.PROBE_FAILED): BreakerState.OPEN,
        (BreakerState.OPEN, BreakerEvent.RESUME): BreakerState.CLOSED,
        (BreakerState.HALF_OPEN, BreakerEvent.RESUME): BreakerState.CLOSED,
    }
)
"""Every legal move; whatever is not here is forbidden."""


def move_breaker(state: BreakerState, event: BreakerEvent) -> BreakerState:
    """The state after `event`; raises IllegalMove when the table has no such move."""
    try:
        return BREAKER_MOVES[state, event]
    except KeyError:
        raise IllegalMove(machine="trunk", state=state, event=event) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrunkResult:
    """How one call over the trunk went, as far as the trunk is concerned."""

    at: datetime
    failed: bool
    """Our side or the trunk failed (Cause.FAILED); a busy or silent customer is a trunk that works."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breaker:
    """What is remembered of a trunk's calls."""

    results: tuple[TrunkResult, ...] = ()
    """The last ones, oldest first; empty after every move."""
    trips: int = 0
    """Times in a row it has opened; 0 when it is closed."""
    paused_until: datetime | None = None
    """End of the pause, or of the time a probe is given; None when it is closed."""
    reason: str = ""
    """Why it is not closed."""

    def state(self, now: datetime) -> BreakerState:
        """How it stands at `now`; time alone moves it from open to half-open."""
        if self.paused_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.paused_until else move_breaker(BreakerState.OPEN, BreakerEvent.COOL)

    def probing(self, until: datetime) -> "Breaker":
        """One call tries: the others wait until its result, or until it has had its time (its line may die)."""
        return replace(self, paused_until=until)

    def after_call(self, result: TrunkResult) -> "Breaker":
        """After an ordinary call; what calls from before the pause tell during it changes nothing."""
        if self.paused_until is not None:
            return self
        recent = (*(one for one in self.results if result.at - one.at <= WITHIN), result)[-LOOKED_AT:]
        failures = sum(one.failed for one in recent)
        if not result.failed or failures < TOO_MANY:
            return replace(self, results=recent)
        move_breaker(BreakerState.CLOSED, BreakerEvent.JUMP)
        return _opened(1, result.at, f"{failures} of the last {len(recent)} calls failed")

    def after_probe(self, result: TrunkResult) -> "Breaker":
        """After the call that tried."""
        if self.paused_until is None:
            return self.after_call(result)  # a person was quicker
        event = BreakerEvent.PROBE_FAILED if result.failed else BreakerEvent.PROBE_WORKED
        if move_breaker(BreakerState.HALF_OPEN, event) is BreakerState.CLOSED:
            return Breaker()
        return _opened(self.trips + 1, result.at, "the call that tried failed too")

    def resumed(self, now: datetime) -> "Breaker":
        """A person closes it; raises IllegalMove when it is closed."""
        move_breaker(self.state(now), BreakerEvent.RESUME)
        return Breaker()


def _opened(trips: int, at: datetime, reason: str) -> Breaker:
    pause = min(FIRST_PAUSE * 2 ** min(trips - 1, 10), LONGEST_PAUSE)
    return Breaker(trips=trips, paused_until=at + pause, reason=reason)
