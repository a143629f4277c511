"""Dates and agreed times are spoken as people say them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from voicebot.domain.spoken import Case
from voicebot.domain.spoken_dates import day_of_month, full_date, time_of_day, when

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 20, 11, 0, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 25), "двадцать пятого ноября"),
        (date(2026, 1, 1), "первого января"),
        (date(2026, 3, 3), "третьего марта"),
        (date(2026, 5, 30), "тридцатого мая"),
        (date(2026, 2, 11), "одиннадцатого февраля"),
    ],
)
def test_days_of_the_month(day: date, words: str) -> None:
    assert day_of_month(day) == words


def test_dates_take_cases_and_years() -> None:
    assert day_of_month(date(2026, 11, 23), case=Case.NOMINATIVE) == "двадцать третье ноября"
    assert full_date(date(2026, 11, 25)) == "двадцать пятого ноября две тысячи двадцать шестого года"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (time(18), "в восемнадцать часов"),
        (time(1), "в один час"),
        (time(13), "в час дня"),
        (time(21), "в двадцать один час"),
        (time(10, 30), "в десять часов тридцать минут"),
        (time(13, 1), "в тринадцать часов одну минуту"),
    ],
)
def test_times_of_day(moment: time, words: str) -> None:
    assert time_of_day(moment) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 20, 17, 0, tzinfo=MOSCOW), "сегодня в семнадцать часов"),
        (datetime(2026, 11, 21, 18, 0, tzinfo=MOSCOW), "завтра в восемнадцать часов"),
        (datetime(2026, 11, 22, 10, 0, tzinfo=MOSCOW), "послезавтра в десять часов"),
        (datetime(2026, 11, 23, 18, 0, tzinfo=MOSCOW), "в понедельник двадцать третьего ноября в восемнадцать часов"),
        (
            datetime(2026, 11, 24, 7, 15, tzinfo=UTC),
            "во вторник двадцать четвёртого ноября в десять часов пятнадцать минут",
        ),
        (datetime(2026, 11, 20, 21, 30, tzinfo=UTC), "завтра в ноль часов тридцать минут"),
    ],
)
def test_agreed_moments_are_spoken_in_the_customers_zone(moment: datetime, words: str) -> None:
    assert when(moment, NOW) == words
