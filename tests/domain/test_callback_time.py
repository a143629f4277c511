"""Call-back times in words."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain.callback_time import heard_time
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, DEFAULT_HOURS, ContactHours, same_every_day
from voicebot.domain.heard_words import words_of

MOSCOW = ZoneInfo("Europe/Moscow")
WEDNESDAY = datetime(2026, 11, 18, 10, 20, tzinfo=MOSCOW)


def moment(said: str, now: datetime = WEDNESDAY, hours: ContactHours = DEFAULT_HOURS) -> str | None:
    found = heard_time(words_of(said), now=now, hours=hours)
    return found.moment.strftime("%d.%m %H:%M") if found else None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("через час", "18.11 11:20"), ("через полчаса", "18.11 10:50"), ("минут через двадцать", "18.11 10:40"),
        ("через пару дней", "20.11 10:20"), ("завтра", "19.11 10:00"), ("завтра после шести", "19.11 18:00"),
        ("послезавтра утром", "20.11 10:00"), ("в понедельник утром", "23.11 10:00"), ("часов в пять", "18.11 17:00"),
        ("в половине седьмого", "18.11 18:30"), ("после обеда", "18.11 15:00"), ("вечером", "18.11 17:00"),
        ("на следующей неделе", "23.11 10:00"), ("двадцать пятого числа", "25.11 10:00"),
        ("через неделю", "25.11 10:20"), ("после работы", "18.11 18:00"), ("в конце недели", "20.11 10:00"),
        ("17:30", "18.11 17:30"), ("в пять", "18.11 17:00"), ("завтра в одиннадцать", "19.11 11:00"),
        ("без пятнадцати шесть", "18.11 17:45"), ("полседьмого", "18.11 18:30"), ("в среду", "25.11 10:00"),
        ("в четверг на следующей неделе", "26.11 10:00"), ("третьего декабря", "03.12 10:00"),
        ("во вторник после пяти", "24.11 17:00"), ("с трёх до пяти", "18.11 15:00"), ("завтра вечером", "19.11 17:00"),
        ("в шестнадцать тридцать", "18.11 16:30"), ("часа через два", "18.11 15:00"),
        ("не раньше шести", "18.11 18:00"), ("завтра в это же время", "19.11 10:20"),
        ("без четверти шесть", "18.11 17:45"), ("завтра в четверть шестого", "19.11 17:15"),
    ],
)  # fmt: skip
def test_time_in_words_becomes_a_moment(said: str, expected: str) -> None:
    assert moment(said) == expected


def test_time_outside_the_hours_moves_to_the_next_opening() -> None:
    assert moment("в семь вечера") == "19.11 10:00"
    assert moment("в девять утра") == "19.11 10:00"
    assert moment("в час дня") == "18.11 15:00"


def test_closed_day_keeps_the_hour_asked_for() -> None:
    assert moment("на выходных") == "23.11 10:00"
    assert moment("в воскресенье в пять") == "23.11 17:00"


def test_time_already_over_today_is_tomorrow() -> None:
    assert moment("в пять", now=WEDNESDAY.replace(hour=18)) == "19.11 17:00"


def test_hours_of_the_night_are_possible_only_around_the_clock() -> None:
    assert moment("через час", now=WEDNESDAY.replace(hour=23), hours=AROUND_THE_CLOCK) == "19.11 00:20"
    assert moment("через час", now=WEDNESDAY.replace(hour=23)) == "19.11 10:00"
    assert moment("завтра", hours=AROUND_THE_CLOCK) == "19.11 10:00"


@pytest.mark.parametrize("said", ["", "потом", "два раза дешевле", "в один магазин", "да", "не знаю когда"])
def test_words_without_a_time_give_none(said: str) -> None:
    assert moment(said) is None


def test_hours_that_never_open_give_none() -> None:
    assert moment("завтра", hours=ContactHours(by_weekday=((),) * 7)) is None


WORDS = [
    *("в", "на", "через", "час", "два", "пять", "вечером", "утром", "завтра", "следующей", "неделе", "после"),
    *(
        "обеда",
        "понедельник",
        "полчаса",
        "двадцать",
        "пятого",
        "числа",
        "без",
        "семь",
        "половине",
        "выходных",
        "17:30",
        "25",
    ),
    *("февраля", "тридцать", "первого", "месяц", "конце", "недели", "до", "год", "полтора", "пол", "минут"),
]


@given(
    st.lists(st.sampled_from(WORDS), max_size=7),
    st.integers(0, 1_100_000).map(lambda minutes: datetime(2026, 1, 1, tzinfo=MOSCOW) + timedelta(minutes=minutes)),
    st.sampled_from([DEFAULT_HOURS, AROUND_THE_CLOCK, same_every_day((time(9), time(21)))]),
)
def test_any_words_give_a_moment_ahead_and_inside_the_hours(
    words: list[str], now: datetime, hours: ContactHours
) -> None:
    found = heard_time(words, now=now, hours=hours)
    if found is not None:
        assert hours.is_open(found.moment)
        assert found.moment > now
        assert found.moment - now < timedelta(days=366 * 61)


def test_a_public_holiday_is_skipped_and_the_hour_kept() -> None:
    assert moment("завтра в шесть", now=WEDNESDAY.replace(day=3, hour=12)) == "05.11 18:00"
