"""«No such number» is believed when it is said twice, apart, of a number that gave no sign of life between."""

from datetime import UTC, datetime, timedelta

import pytest

from voicebot.domain.call import Cause
from voicebot.domain.dead_numbers import NumberAnswer, is_dead

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def said(*answers: tuple[Cause, timedelta]) -> bool:
    """The newest first; how long before now."""
    return is_dead([NumberAnswer(cause=cause, at=NOW - ago) for cause, ago in answers], NOW)


def test_one_answer_proves_nothing() -> None:
    assert not said()


def test_a_second_one_of_another_day_does() -> None:
    assert said((Cause.UNALLOCATED, DAY))


def test_two_within_the_hours_of_one_day_are_one_outage() -> None:
    assert not said((Cause.UNALLOCATED, HOUR), (Cause.UNALLOCATED, 9 * HOUR))
    assert said((Cause.UNALLOCATED, HOUR), (Cause.UNALLOCATED, DAY))


@pytest.mark.parametrize("cause", [Cause.ANSWERED, Cause.BUSY, Cause.NO_ANSWER, Cause.REJECTED, Cause.REFUSED])
def test_a_number_that_rang_meanwhile_lives(cause: Cause) -> None:
    assert not said((cause, DAY), (Cause.UNALLOCATED, 2 * DAY))
    assert said((Cause.UNALLOCATED, DAY), (cause, 2 * DAY))


@pytest.mark.parametrize("cause", [Cause.FAILED, Cause.UNREACHABLE, Cause.INTERRUPTED])
def test_trouble_on_the_way_says_nothing_either_way(cause: Cause) -> None:
    assert said((cause, DAY), (Cause.UNALLOCATED, 2 * DAY))
    assert not said((cause, DAY))
