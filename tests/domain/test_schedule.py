"""Schedules: plain English is cron, and the next firing is what the clock on the wall shows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from voicebot.domain.errors import BadInput
from voicebot.domain.schedule import Schedule, parse_schedule

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.mark.parametrize(
    ("written", "cron", "said"),
    [
        ("every weekday at 9", "0 9 * * 1-5", "every weekday at 9:00"),
        ("Every  day at 10:30", "30 10 * * *", "every day at 10:30"),
        ("every monday at 09:05", "5 9 * * 1", "every monday at 9:05"),
        ("every monday, tuesday and friday at 18", "0 18 * * 1,2,5", "every monday and tuesday and friday at 18:00"),
        ("every weekend at 11", "0 11 * * 0,6", "every weekend at 11:00"),
        ("every hour", "0 * * * *", "every hour"),
        ("every minute", "* * * * *", "every minute"),
        ("every 15 minutes", "*/15 * * * *", "every 15 minutes"),
        ("0 9 * * MON-FRI", "0 9 * * mon-fri", "0 9 * * mon-fri"),
        ("0 9 1 * *", "0 9 1 * *", "0 9 1 * *"),
    ],
)
def test_plain_english_and_cron_become_cron(written: str, cron: str, said: str) -> None:
    schedule = parse_schedule(written)
    assert (schedule.cron, str(schedule)) == (cron, said)
    assert parse_schedule(str(schedule)) == schedule, "what is said can be written again"


@pytest.mark.parametrize("never", ["0 9 31 2 *", "0 9 30 2 *", "0 9 31 4,6,9,11 *"])
def test_a_cron_that_never_fires_is_refused_with_the_repair(never: str) -> None:
    with pytest.raises(BadInput, match=r"never fires: no such day exists \(name a day its month has\)"):
        parse_schedule(never)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "61 9 * * *", "@daily", "0 9 * *", "0 0 9 * * *", "at nine", "ежедневно в 9", "0 9 * * mun"),
        *("every day at 25", "every day at 9:60", "every wekday at 9", "every day and monday at 9"),
        *("every 7 minutes", "every 0 minutes"),
    ],
)
def test_what_is_no_schedule_is_refused_with_the_repair(wrong: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_schedule(wrong)
    assert all(problem.repair for problem in refused.value.problems)


def test_a_leap_day_fires_every_four_years() -> None:
    assert parse_schedule("0 9 29 2 *").next_after(SUNDAY, MOSCOW) == datetime(2028, 2, 29, 6, tzinfo=UTC)


def test_a_firing_is_due_once_however_many_were_missed() -> None:
    schedule = parse_schedule("every day at 9")
    monday = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert not schedule.is_due(since=SUNDAY, now=SUNDAY + timedelta(hours=1), zone=MOSCOW)
    assert schedule.is_due(since=SUNDAY, now=monday, zone=MOSCOW), "to the minute"
    assert schedule.is_due(since=SUNDAY, now=monday + timedelta(days=9), zone=MOSCOW)
    assert not schedule.is_due(since=monday + timedelta(days=9), now=monday + timedelta(days=9, hours=1), zone=MOSCOW)


def firings(cron: str, since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    found, at = [], Schedule(cron=cron).next_after(since, zone)
    while at is not None and at < until:
        found.append(at)
        at = Schedule(cron=cron).next_after(at, zone)
    return found


def test_a_time_left_out_in_spring_fires_when_the_clocks_jump() -> None:
    night = datetime(2026, 3, 29, 0, tzinfo=UTC)  # Berlin puts 2:00 to 3:00 at 1:00 UTC
    assert firings("30 2 * * *", night, night + timedelta(days=1), BERLIN) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]
    assert len(firings("*/30 * * * *", night, night + timedelta(hours=3), BERLIN)) == 5


def test_a_time_that_comes_twice_in_autumn_fires_once() -> None:
    night = datetime(2026, 10, 24, 22, tzinfo=UTC)  # Berlin puts 3:00 back to 2:00 at 1:00 UTC on the 25th
    assert firings("30 2 * * *", night, night + timedelta(days=1), BERLIN) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    ]


START = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 5 * 366 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


@given(
    days=st.sets(st.sampled_from(DAYS), min_size=1, max_size=6),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    since=MOMENTS,
)
def test_the_next_firing_is_the_first_moment_the_words_name(
    days: set[str], hour: int, minute: int, since: datetime
) -> None:
    schedule = parse_schedule(f"every {' and '.join(sorted(days))} at {hour}:{minute:02}")
    found = schedule.next_after(since, MOSCOW)
    assert found is not None
    local = found.astimezone(MOSCOW)
    assert (DAYS[local.weekday()] in days, local.hour, local.minute, local.second) == (True, hour, minute, 0)
    earlier = (local - timedelta(days=before) for before in range(1, 8))
    assert since < found
    assert not any(day > since and DAYS[day.weekday()] in days for day in earlier), "an earlier one was passed over"


@given(
    cron=st.sampled_from(["*/15 * * * *", "30 2 * * *", "15 2,3 * * *", "0 0 * * 0", "59 23 * 3,10 *"]),
    zone=st.sampled_from([MOSCOW, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]),
    first=MOMENTS,
    gap=st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_time_never_runs_backwards(cron: str, zone: ZoneInfo, first: datetime, gap: timedelta) -> None:
    schedule = Schedule(cron=cron)
    now, later = schedule.next_after(first, zone), schedule.next_after(first + gap, zone)
    assert now is not None
    assert later is not None
    assert first < now <= later
    assume(now > first + gap)
    assert later == now, "nothing fires in between"
