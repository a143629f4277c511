"""Dates and times of day as Russian words."""

from datetime import date, datetime, time
from typing import Final

from num2words import num2words

from voicebot.domain.spoken import HOUR, MINUTE, Case, Gender, counted

MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
WEEKDAYS: Final = (
    "в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье",
)  # fmt: skip
_NEAR: Final = {0: "сегодня", 1: "завтра", 2: "послезавтра"}


def ordinal(number: int, *, case: Case = Case.NOMINATIVE, gender: Gender = Gender.MASCULINE) -> str:
    """«двадцать пятый», «третьего», «двадцать третью»."""
    return str(num2words(number, lang="ru", to="ordinal", case=case.value, gender=gender.value, animate=False))


def day_of_month(day: date, *, case: Case = Case.GENITIVE) -> str:
    """«двадцать пятого ноября» (genitive: both "when" and after «до»); nominative «двадцать пятое ноября»."""
    return f"{ordinal(day.day, case=case, gender=Gender.NEUTER)} {MONTHS[day.month - 1]}"


def full_date(day: date) -> str:
    """With the year: «двадцать пятого ноября две тысячи двадцать шестого года»."""
    return f"{day_of_month(day)} {ordinal(day.year, case=Case.GENITIVE)} года"


def time_of_day(moment: time) -> str:
    """When, after a day: «в восемнадцать часов», «в девять часов тридцать минут», «в час дня»."""
    hours = "час дня" if moment.hour == 13 and not moment.minute else counted(moment.hour, HOUR, case=Case.ACCUSATIVE)
    preposition = "в"
    if moment.minute:
        return f"{preposition} {hours} {counted(moment.minute, MINUTE, case=Case.ACCUSATIVE)}"
    return f"{preposition} {hours}"


def when(moment: datetime, now: datetime) -> str:
    """A coming moment as people agree on it: «завтра в восемнадцать часов».

    Beyond the day after tomorrow: «в понедельник двадцать третьего ноября в восемнадцать часов».
    Both times are aware; the words follow the zone of `now`, the customer's.
    """
    local = moment.astimezone(now.tzinfo)
    ahead = (local.date() - now.date()).days
    day = _NEAR.get(ahead) or f"{WEEKDAYS[local.weekday()]} {day_of_month(local.date())}"
    return f"{day} {time_of_day(local.time())}"
