"""What follows an attempt: a table by cause, one budget, and what the customer asked for."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from voicebot.domain.contact_calendar import ContactCalendar
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, DEFAULT_HOURS, same_every_day
from voicebot.domain.outcome import Disposition
from voicebot.domain.redial import (
    MAX_ATTEMPTS,
    MAX_CALLBACKS,
    NEVER_AGAIN,
    REDIAL,
    Ending,
    NextAttempt,
    RedialCause,
    RedialPolicy,
    next_attempt,
    redial_cause,
    reminder_at,
)

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=MOSCOW)  # a Tuesday
ALWAYS = ContactCalendar(hours=AROUND_THE_CLOCK, zones=(MOSCOW,))
WEEKDAYS = ContactCalendar(hours=DEFAULT_HOURS, zones=(MOSCOW,))


def after(cause: RedialCause | None, calendar: ContactCalendar = ALWAYS, **rest: object) -> NextAttempt | None:
    ending = replace(Ending(cause=cause, dialled_at=NOON, at=NOON, used=1), **rest)  # type: ignore[arg-type]  # by name
    return next_attempt(ending, RedialPolicy(), calendar)


@pytest.mark.parametrize(
    "disposition", [Disposition.ACCEPTED, Disposition.DECLINED, Disposition.STOP, *sorted(NEVER_AGAIN)]
)
def test_what_settles_something_or_may_never_be_redialled_is_final(disposition: Disposition) -> None:
    assert redial_cause(disposition, offer_heard=False) is None
    assert after(None) is None


def test_hanging_up_is_worth_another_try_only_before_the_offer() -> None:
    assert redial_cause(Disposition.HUNG_UP, offer_heard=False) is RedialCause.HUNG_UP_EARLY
    assert redial_cause(Disposition.HUNG_UP, offer_heard=True) is None


def test_every_cause_waits_as_long_as_the_table_says() -> None:
    for cause, rule in REDIAL.items():
        follows = after(cause)
        assert follows is not None
        if not rule.other_part:
            assert follows.at == NOON + rule.wait


def test_the_next_attempt_waits_for_the_customers_hours_and_is_spread_over_their_beginning() -> None:
    mornings = ContactCalendar(hours=same_every_day((time(10), time(12))), zones=(MOSCOW,))
    moments = [after(RedialCause.BUSY, mornings, lead_id=lead) for lead in range(500)]
    opening = datetime(2026, 11, 25, 10, 0, tzinfo=MOSCOW)
    offsets = [follows.at - opening for follows in moments if follows]
    assert min(offsets) < timedelta(minutes=2)
    assert timedelta(minutes=58) < max(offsets) < timedelta(hours=1)
    assert len(set(offsets)) > 400
    assert after(RedialCause.BUSY, mornings, lead_id=7) == moments[7]


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        (NOON.replace(hour=10), "2026-11-24 15"),  # the morning's are tried in the afternoon
        (NOON.replace(hour=15), "2026-11-24 17"),  # the afternoon's in the evening
        (NOON.replace(hour=18), "2026-11-25 10"),  # the evening's in the next morning
    ],
)
def test_nobody_who_did_not_answer_is_called_in_the_same_part_of_the_day(dialled: datetime, expected: str) -> None:
    follows = after(RedialCause.NO_ANSWER, WEEKDAYS, dialled_at=dialled, at=dialled)
    assert follows is not None
    assert f"{follows.at:%Y-%m-%d %H}" == expected


def test_where_there_is_one_part_of_the_day_only_it_has_to_do() -> None:
    mornings = ContactCalendar(hours=same_every_day((time(10), time(12))), zones=(MOSCOW,))
    follows = after(RedialCause.NO_ANSWER, mornings, dialled_at=NOON.replace(hour=10), at=NOON.replace(hour=10))
    assert follows is not None
    assert follows.at.date().isoformat() == "2026-11-25"


def test_one_cause_may_be_used_up_before_the_budget() -> None:
    assert after(RedialCause.VOICEMAIL, used=2, alike=2)
    assert not after(RedialCause.VOICEMAIL, used=3, alike=3)


@pytest.mark.parametrize("cause", list(REDIAL))
def test_the_budget_is_one_however_the_causes_mix(cause: RedialCause) -> None:
    assert after(cause, used=MAX_ATTEMPTS - 1)
    assert after(cause, used=MAX_ATTEMPTS) is None


def test_a_call_back_is_exact_and_burns_no_budget() -> None:
    at = NOON + timedelta(days=1, minutes=7)
    assert after(RedialCause.CALLBACK, callback_at=at, used=MAX_ATTEMPTS) == NextAttempt(at=at, wanted=True)


def test_a_call_back_named_for_the_past_is_due_at_once() -> None:
    follows = after(RedialCause.CALLBACK, callback_at=NOON - timedelta(hours=1))
    assert follows == NextAttempt(at=NOON, wanted=True)


def test_a_call_back_outside_the_hours_is_due_exactly_when_they_open() -> None:
    follows = after(RedialCause.CALLBACK, WEEKDAYS, callback_at=NOON.replace(hour=22), lead_id=77)
    assert follows == NextAttempt(at=datetime(2026, 11, 25, 10, 0, tzinfo=MOSCOW), wanted=True)


def test_somebody_who_asks_again_and_again_is_handed_to_a_person() -> None:
    at = NOON + timedelta(days=1)
    assert after(RedialCause.CALLBACK, callback_at=at, wanted=True, callbacks=MAX_CALLBACKS - 1)
    assert after(RedialCause.CALLBACK, callback_at=at, wanted=True, callbacks=MAX_CALLBACKS) is None


def test_a_promised_call_that_failed_on_our_side_stays_promised() -> None:
    failed = after(RedialCause.FAILED, wanted=True, callbacks=1, used=MAX_ATTEMPTS)
    assert failed == NextAttempt(at=NOON + REDIAL[RedialCause.FAILED].wait, wanted=True)
    busy = after(RedialCause.BUSY, wanted=True, callbacks=1)
    assert busy is not None
    assert not busy.wanted  # their own doing: an attempt of ours follows


def test_no_call_follows_the_last_day_of_the_campaign() -> None:
    last_day = replace(ALWAYS, window=replace(ALWAYS.window, ends_on=NOON.date()))
    assert after(RedialCause.BUSY, last_day)
    assert after(RedialCause.REJECTED, last_day) is None


def test_a_reminder_comes_some_days_after_the_code_and_before_its_end() -> None:
    ends_at = datetime(2026, 11, 28, tzinfo=MOSCOW)
    at = reminder_at(NOON.replace(hour=16), ends_at, days=2, calendar=WEEKDAYS)
    assert at == datetime(2026, 11, 26, 16, 0, tzinfo=MOSCOW)


def test_a_reminder_that_would_fall_on_a_weekend_comes_earlier_or_not_at_all() -> None:
    thursday = datetime(2026, 11, 26, 16, 0, tzinfo=MOSCOW)
    sunday = datetime(2026, 11, 30, tzinfo=MOSCOW)
    assert reminder_at(thursday, sunday, days=2, calendar=WEEKDAYS) == datetime(2026, 11, 27, 16, 0, tzinfo=MOSCOW)
    friday = thursday + timedelta(days=1)
    assert reminder_at(friday, sunday, days=2, calendar=WEEKDAYS) is None
    assert reminder_at(friday.astimezone(UTC), sunday, days=1, calendar=ALWAYS) == friday + timedelta(days=1)
