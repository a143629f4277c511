"""Whether a call may leave over a trunk now."""

from datetime import UTC, datetime, timedelta

from voicebot.domain.circuit_breaker import Breaker
from voicebot.domain.dialplan import Trunk
from voicebot.domain.pacing import Go, Hindrance, Rest, TrunkLoad, admit

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)
TRUNK = Trunk(name="out", host="h", lines=2, calls_per_second=2, ring_timeout_s=20)


def load(*, live: int = 0, next_in_s: float = 0, breaker: Breaker | None = None) -> TrunkLoad:
    next_call_at = NOON + timedelta(seconds=next_in_s)
    return TrunkLoad(name="out", next_call_at=next_call_at, live=live, breaker=breaker or Breaker())


def test_a_free_trunk_is_dialled_at_once_and_the_next_call_waits_its_turn() -> None:
    first = admit(load(next_in_s=-100), TRUNK, NOON)
    assert isinstance(first, Go)
    assert (first.at, first.probe, first.load.live) == (NOON, False, 1)
    second = admit(first.load, TRUNK, NOON)
    assert isinstance(second, Go)
    assert second.at == NOON + timedelta(seconds=0.5)


def test_no_call_beyond_the_lines() -> None:
    rest = admit(load(live=2), TRUNK, NOON)
    assert isinstance(rest, Rest)
    assert (rest.why, rest.until) == (Hindrance.LINES, NOON + timedelta(seconds=1))


def test_a_lead_in_hand_does_not_wait_long_for_its_turn() -> None:
    assert isinstance(admit(load(next_in_s=3), TRUNK, NOON), Go)
    rest = admit(load(next_in_s=10), TRUNK, NOON)
    assert isinstance(rest, Rest)
    assert (rest.why, rest.until) == (Hindrance.RATE, NOON + timedelta(seconds=7))


def test_a_paused_trunk_rests_and_then_one_call_tries() -> None:
    paused = Breaker(trips=1, paused_until=NOON + timedelta(seconds=30))
    rest = admit(load(breaker=paused), TRUNK, NOON)
    assert isinstance(rest, Rest)
    assert (rest.why, rest.until) == (Hindrance.PAUSED, NOON + timedelta(seconds=30))
    trying = admit(load(breaker=paused), TRUNK, rest.until)
    assert isinstance(trying, Go)
    assert trying.probe
    others = admit(trying.load, TRUNK, rest.until)
    assert isinstance(others, Rest)
    assert (others.why, others.until) == (Hindrance.PAUSED, rest.until + timedelta(seconds=50))
