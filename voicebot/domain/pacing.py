"""May a call leave over a trunk now? Lines, calls per second and the breaker."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from voicebot.domain.circuit_breaker import Breaker, BreakerState
from voicebot.domain.dialplan import Trunk

LONGEST_WAIT: Final = timedelta(seconds=3)
"""A lead in hand waits no longer for its turn on the trunk."""
_FULL: Final = timedelta(seconds=1)
"""When to look again at a trunk whose lines are all taken: nobody knows when a call ends."""
_PROBE_MARGIN: Final = timedelta(seconds=30)
"""What a trying call may take beside the ringing."""


class Hindrance(StrEnum):
    """Why no call leaves just now."""

    LINES = "lines"  # all lines of the trunk are taken
    RATE = "rate"  # the calls of the next seconds are given away already
    PAUSED = "paused"  # the circuit breaker is open


@dataclass(frozen=True, kw_only=True, slots=True)
class TrunkLoad:
    """What all processes know about a trunk together."""

    name: str
    next_call_at: datetime
    """No INVITE leaves before this moment."""
    live: int
    """Calls on it now."""
    breaker: Breaker


@dataclass(frozen=True, kw_only=True, slots=True)
class Go:
    """A line of the trunk is ours."""

    at: datetime
    """When the INVITE may leave."""
    probe: bool
    """Whether this call shows if the trunk works again."""
    load: TrunkLoad
    """How the trunk stands with this call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rest:
    """No line just now."""

    until: datetime
    """When to ask again."""
    why: Hindrance


def admit(load: TrunkLoad, trunk: Trunk, now: datetime) -> Go | Rest:
    """A line and a moment for one more call, or when to ask again."""
    state = load.breaker.state(now)
    if state is BreakerState.OPEN:
        assert load.breaker.paused_until is not None  # or it would be closed
        return Rest(until=load.breaker.paused_until, why=Hindrance.PAUSED)
    if load.live >= trunk.lines:
        return Rest(until=now + _FULL, why=Hindrance.LINES)
    at = max(now, load.next_call_at)
    if at - now > LONGEST_WAIT:
        return Rest(until=at - LONGEST_WAIT, why=Hindrance.RATE)
    probe = state is BreakerState.HALF_OPEN
    breaker = load.breaker
    if probe:
        breaker = breaker.probing(at + timedelta(seconds=trunk.ring_timeout_s) + _PROBE_MARGIN)
    taken = replace(
        load,
        next_call_at=at + timedelta(seconds=1 / trunk.calls_per_second),
        live=load.live + 1,
        breaker=breaker,
    )
    return Go(at=at, probe=probe, load=taken)


def earliest(rests: Iterable[Rest]) -> Rest:
    """Of several trunks without a line, the one to be asked first."""
    return min(rests, key=lambda rest: rest.until)
