"""The breaker of a trunk: closed, open, half-open."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from voicebot.domain.circuit_breaker import (
    BREAKER_MOVES,
    Breaker,
    BreakerEvent,
    BreakerState,
    TrunkResult,
    move_breaker,
)
from voicebot.domain.errors import IllegalMove

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)
CLOSED, OPEN, HALF_OPEN = BreakerState


def after(calls: str, *, breaker: Breaker | None = None, seconds: int = 1) -> Breaker:
    """A breaker after calls told one by one, `seconds` apart: x failed, o worked."""
    breaker = breaker or Breaker()
    for number, letter in enumerate(calls):
        result = TrunkResult(at=NOON + timedelta(seconds=number * seconds), failed=letter == "x")
        breaker = breaker.after_call(result)
    return breaker


def probed(breaker: Breaker, *, failed: bool) -> Breaker:
    assert breaker.paused_until is not None
    return breaker.after_probe(TrunkResult(at=breaker.paused_until, failed=failed))


@pytest.mark.parametrize(
    ("calls", "state"),
    [
        ("xxxx", CLOSED),
        ("xxxxx", OPEN),
        ("oxoxoxoxox", OPEN),
        ("xxxxoooooox", CLOSED),  # the oldest of eleven is forgotten
        ("oooooooooo", CLOSED),
    ],
)
def test_five_failures_among_the_last_ten_calls_open_it(calls: str, state: BreakerState) -> None:
    assert after(calls).state(NOON + timedelta(seconds=len(calls))) is state


def test_failures_far_apart_are_no_jump() -> None:
    assert after("x" * 20, seconds=90).state(NOON + timedelta(hours=1)) is CLOSED


def test_pauses_double_from_half_a_minute_to_ten() -> None:
    breaker, pauses = after("xxxxx"), []
    opened = NOON + timedelta(seconds=4)
    for _ in range(7):
        assert breaker.paused_until is not None
        pauses.append((breaker.paused_until - opened).total_seconds())
        opened = breaker.paused_until
        assert breaker.state(opened - timedelta(seconds=1)) is OPEN
        assert breaker.state(opened) is HALF_OPEN
        breaker = probed(breaker, failed=True)
    assert pauses == [30, 60, 120, 240, 480, 600, 600]


def test_a_call_that_works_closes_it_with_a_clean_slate() -> None:
    assert probed(after("xxxxx"), failed=False) == Breaker()


def test_one_call_tries_and_the_others_wait_for_it() -> None:
    half_open = after("xxxxx")
    assert half_open.paused_until is not None
    probing = half_open.probing(half_open.paused_until + timedelta(minutes=1))
    assert probing.state(half_open.paused_until + timedelta(seconds=59)) is OPEN
    assert probing.state(half_open.paused_until + timedelta(seconds=60)) is HALF_OPEN, "its line has died"


def test_what_older_calls_tell_during_a_pause_changes_nothing() -> None:
    paused = after("xxxxx")
    assert after("xxxxxooooo", breaker=paused) == paused


def test_a_person_closes_it_and_cannot_close_a_closed_one() -> None:
    assert after("xxxxx").resumed(NOON) == Breaker()
    with pytest.raises(IllegalMove):
        Breaker().resumed(NOON)


def test_whatever_is_not_in_the_table_is_refused() -> None:
    for state, event in product(BreakerState, BreakerEvent):
        if (state, event) not in BREAKER_MOVES:
            with pytest.raises(IllegalMove):
                move_breaker(state, event)
