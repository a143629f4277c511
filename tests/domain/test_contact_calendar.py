"""A moment is open when hours, holidays, zones and window all agree."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain.campaign_plan import Window
from voicebot.domain.contact_calendar import ContactCalendar, DayPart, day_part, shared_hours
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, DEFAULT_HOURS, for_unknown_zone, same_every_day
from voicebot.domain.public_holidays import is_public_holiday
from voicebot.domain.time_zones import RUSSIAN_ZONES

MOSCOW = ZoneInfo("Europe/Moscow")
EVERYWHERE = tuple(ZoneInfo(name) for name in RUSSIAN_ZONES)
UNKNOWN = ContactCalendar(hours=for_unknown_zone(DEFAULT_HOURS), zones=(MOSCOW, *EVERYWHERE))
MOSCOW_DAY = ContactCalendar(hours=DEFAULT_HOURS, zones=(MOSCOW,))


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2026, 11, 4), True),  # Unity Day, a Wednesday
        (date(2026, 1, 9), True),  # moved there by the government
        (date(2026, 11, 24), False),
        (date(2026, 11, 22), False),  # a plain Sunday is no holiday
        (date(2031, 5, 9), True),
    ],
)
def test_public_holidays_are_those_of_russia(day: date, off: bool) -> None:
    assert is_public_holiday(day) is off


def test_a_holiday_is_closed_unless_the_dialplan_says_otherwise() -> None:
    unity_day = datetime(2026, 11, 4, 11, 0, tzinfo=MOSCOW)
    assert not MOSCOW_DAY.is_open(unity_day)
    assert MOSCOW_DAY.next_open(unity_day) == datetime(2026, 11, 5, 10, 0, tzinfo=MOSCOW)
    assert ContactCalendar(hours=AROUND_THE_CLOCK, zones=(MOSCOW,)).is_open(unity_day)


def test_the_new_year_holidays_are_waited_out() -> None:
    eve = datetime(2025, 12, 30, 20, 0, tzinfo=MOSCOW)
    assert MOSCOW_DAY.next_open(eve) == datetime(2026, 1, 12, 10, 0, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"), [(9, 59, False), (10, 0, True), (11, 59, True), (12, 0, False), (18, 0, False)]
)
def test_of_unknown_zone_means_ten_to_noon_in_moscow(hour: int, minute: int, is_open: bool) -> None:
    assert UNKNOWN.is_open(datetime(2026, 11, 24, hour, minute, tzinfo=MOSCOW)) is is_open


def test_people_of_unknown_zone_are_left_alone_on_weekends_too() -> None:
    friday = datetime(2026, 11, 27, 12, 0, tzinfo=MOSCOW)
    assert UNKNOWN.next_open(friday) == datetime(2026, 11, 30, 10, 0, tzinfo=MOSCOW)


def test_what_may_be_promised_to_people_of_unknown_zone_is_said_in_moscow_time() -> None:
    shared = shared_hours(for_unknown_zone(DEFAULT_HOURS), (MOSCOW, *EVERYWHERE))
    assert shared.by_weekday == (((time(10), time(12)),),) * 5 + ((), ())
    assert shared_hours(DEFAULT_HOURS, (MOSCOW,)) == DEFAULT_HOURS
    assert shared_hours(AROUND_THE_CLOCK, EVERYWHERE) == AROUND_THE_CLOCK


def test_hours_that_never_meet_have_no_opening() -> None:
    short = ContactCalendar(hours=same_every_day((time(9), time(18))), zones=EVERYWHERE)
    assert short.next_open(datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_a_campaign_narrows_the_hours_and_the_days() -> None:
    window = Window(starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1), hours=same_every_day((time(11), time(16))))
    calendar = ContactCalendar(hours=DEFAULT_HOURS, zones=(MOSCOW,), window=window)
    opening = calendar.next_open(datetime(2026, 11, 24, tzinfo=UTC))
    assert opening == datetime(2026, 12, 1, 11, 0, tzinfo=MOSCOW)
    assert calendar.next_open(datetime(2026, 12, 1, 12, 0, tzinfo=MOSCOW)) == datetime(2026, 12, 1, 15, tzinfo=MOSCOW)
    assert calendar.next_open(datetime(2026, 12, 1, 16, 0, tzinfo=MOSCOW)) is None
    assert calendar.in_hours(datetime(2026, 12, 2, 11, 0, tzinfo=MOSCOW))
    assert not calendar.in_window(datetime(2026, 12, 2, 11, 0, tzinfo=MOSCOW))


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        (time(11, 59), DayPart.MORNING),
        (time(12), DayPart.AFTERNOON),
        (time(16, 59), DayPart.AFTERNOON),
        (time(17), DayPart.EVENING),
    ],
)
def test_a_day_has_three_parts(clock: time, part: DayPart) -> None:
    assert day_part(datetime.combine(date(2026, 11, 24), clock, tzinfo=MOSCOW)) is part


MOMENTS = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis puts the zone on


@given(
    moment=MOMENTS,
    calendar=st.sampled_from([UNKNOWN, MOSCOW_DAY, ContactCalendar(hours=DEFAULT_HOURS, zones=EVERYWHERE[-1:])]),
    seed=st.integers(0, 10**9),
)
def test_the_next_opening_is_open_and_so_is_its_spread(moment: datetime, calendar: ContactCalendar, seed: int) -> None:
    opening = calendar.next_open(moment)
    assert opening is not None
    assert opening >= moment
    assert calendar.is_open(opening)
    assert calendar.is_open(calendar.spread(opening, seed))
    if opening > moment:  # and nothing before it is: half an hour is shorter than any stretch
        gap = moment
        while gap < opening:
            assert not calendar.is_open(gap)
            gap += timedelta(minutes=30)
