"""Russian words for times and dates."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta

from voicebot.domain.number_words import read_cardinal, read_ordinal


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenTime:
    """What was said about a moment; every part may be missing."""

    after: timedelta | None = None
    """From now («через час»)."""
    days: int | None = None
    """Whole days from today (0 today, 1 tomorrow)."""
    weekday: int | None = None
    """0 Monday ... 6 Sunday."""
    weeks: int = 0
    """Weeks ahead of the current one; 0 leaves the next such weekday."""
    day_of_month: int | None = None
    month: int | None = None
    clock: time | None = None
    """The hour named, as named: «в пять» is 5:00 here."""
    part: time | None = None
    """When the part of the day named begins («вечером»)."""
    same_hour: bool = False
    """At the hour it is now («завтра в это же время»)."""
    positions: tuple[int, ...] = ()


_UNITS = (
    (re.compile(r"минут"), timedelta(minutes=1)),
    (re.compile(r"час(а|ов|ик|ика|иков|ок|у|ам)?$"), timedelta(hours=1)),
    (re.compile(r"(день|дня|дней|денек|денька|деньков|сутки|суток)$"), timedelta(days=1)),
    (re.compile(r"недел"), timedelta(days=7)),
    (re.compile(r"месяц|месяч"), timedelta(days=30)),
    (re.compile(r"(год|года|лет|годик)$"), timedelta(days=365)),
)
_WHOLE = {"полчаса": timedelta(minutes=30), "полчасика": timedelta(minutes=30), "полгода": timedelta(days=182),
          "полгодика": timedelta(days=182), "полтора": timedelta(minutes=90)}  # fmt: skip
_WEEKDAYS = tuple(
    re.compile(pattern)
    for pattern in (
        r"понедельник", r"вторник", r"(сред[аеуы]|средам)$", r"четверг", r"пятниц", r"суббот", r"воскресен"
    )
)  # fmt: skip
_MONTHS = tuple(
    re.compile(pattern)
    for pattern in (
        r"январ", r"феврал", r"март(а|е)?$", r"апрел", r"ма(я|е|й)$", r"июн", r"июл", r"август(а|е)?$", r"сентябр",
        r"октябр", r"ноябр", r"декабр",
    )
)  # fmt: skip
_NEXT = re.compile(r"(следующ|будущ|той$)")
_THIS = re.compile(r"этой$|этот$|эту$")
_PARTS = (
    (("до", "обеда"), time(10)), (("после", "обеда"), time(14)), (("после", "работы"), time(18)),
    (("ближе", "к", "вечеру"), time(17)), (("под", "вечер"), time(17)), (("к", "вечеру"), time(17)),
    (("ближе", "к", "обеду"), time(11)), (("первой", "половине", "дня"), time(10)), (("до", "полудня"), time(10)),
    (("второй", "половине", "дня"), time(15)), (("перед", "обедом"), time(11)), (("после", "полудня"), time(14)),
    (("в", "обед"), time(13)), (("в", "обеденный", "перерыв"), time(13)), (("обед",), time(13)),
    (("попозже", "вечером"), time(18)), (("поздно", "вечером"), time(19)), (("рано", "утром"), time(9)),
)  # fmt: skip
_PART_WORDS = (
    (re.compile(r"утр(ом|о|а|ечком)$|утречком|поутру"), time(10)),
    (re.compile(r"(днем|дня|полдень)$"), time(13)),
    (re.compile(r"вечер(ом|а|ок|ком|очком|ка)?$"), time(17)),
    (re.compile(r"ноч(ью|и)$"), time(23)),
)
_DAY_PARTS = frozenset({"утра", "утром", "дня", "днем", "вечера", "вечером", "ночи"})
_BEFORE_HOUR = frozenset({"в", "во", "к", "ко", "около", "после", "с", "со", "до", "часов", "часа", "часиков", "на",
                          "часам", "часикам", "примерно", "где-то", "раньше", "позже"})  # fmt: skip
_HALF = re.compile(r"пол(первого|второго|третьего|четвертого|пятого|шестого|седьмого|восьмого|девятого|десятого|"
                   r"одиннадцатого|двенадцатого)$")  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})$")
_NOT_HOURS = re.compile(r"раз|минут|дн|день|недел|месяц|магазин|рубл|процент|год|лет$|человек|тысяч|числ")
_HOURS = re.compile(r"час(а|ов|ик|ика|иков|у|ам)?$")

Reader = Callable[[Sequence[str], int, SpokenTime], tuple[SpokenTime, int] | None]


def read_spoken_time(words: Sequence[str]) -> SpokenTime | None:
    """All time words of the utterance put together; None when there are none."""
    found, at, used = SpokenTime(), 0, list[int]()
    while at < len(words):
        for reader in _READERS:
            read = reader(words, at, found)
            if read:
                found, after = read
                used += range(at, after)
                at = after
                break
        else:
            at += 1
    return replace(found, positions=tuple(used)) if used else None


def _after(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    """«через час», «через пару дней», «минут через двадцать»."""
    if so_far.after is not None:
        return None
    unit = _unit(words, at)
    if unit and at + 2 < len(words) and words[at + 1] in ("через", "спустя"):
        number = read_cardinal(words, at + 2)
        if number:
            return replace(so_far, after=unit * number[0]), number[1]
    if words[at] not in ("через", "спустя", "чрез"):
        return None
    return _span(words, at + 1, so_far)


def _span(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    if at >= len(words):
        return None
    if words[at] in ("полтора", "полторы") and (unit := _unit(words, at + 1)):
        return replace(so_far, after=unit * 1.5), at + 2
    if words[at] in _WHOLE:
        return replace(so_far, after=_WHOLE[words[at]]), at + 1
    if words[at] == "пол" and (unit := _unit(words, at + 1)):
        return replace(so_far, after=unit / 2), at + 2
    count, after = _count(words, at)
    unit = _unit(words, after)
    if unit is None:
        return None
    return replace(so_far, after=unit * count), after + 1


def _count(words: Sequence[str], at: int) -> tuple[int, int]:
    if words[at] in ("пару", "парочку"):
        return 2, at + 1
    if words[at] in ("несколько", "каких-нибудь"):
        return 3, at + 1
    return read_cardinal(words, at) or (1, at)


def _unit(words: Sequence[str], at: int) -> timedelta | None:
    if at >= len(words):
        return None
    return next((length for pattern, length in _UNITS if pattern.match(words[at])), None)


def _relative_day(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    days = {"сегодня": 0, "завтра": 1, "послезавтра": 2, "завтрашний": 1}.get(words[at])
    if days is None:
        return None
    return (replace(so_far, days=days), at + 1) if so_far.days is None or days else (so_far, at + 1)


def _week(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    """«на следующей неделе», «в конце недели», «на выходных», «после выходных», «в будни»."""
    word, before = words[at], words[max(0, at - 3) : at]
    if word.startswith("недел") and before and before[-1] not in ("раз",):
        ahead = int(any(_NEXT.match(b) for b in before))
        if not ahead and not any(_THIS.match(b) for b in before) and not _week_part(before):
            return None
        weekday = so_far.weekday if so_far.weekday is not None else (_week_part(before) or 0)
        return replace(so_far, weekday=weekday, weeks=ahead), at + 1
    if word.startswith("выходн"):
        return replace(so_far, weekday=0 if "после" in before else 5), at + 1
    if word in ("будни", "будний", "будням", "будние"):
        return replace(so_far, weekday=0), at + 1
    return None


def _week_part(before: Sequence[str]) -> int | None:
    return next(
        (day for stem, day in (("кон", 4), ("серед", 2), ("начал", 0)) if any(b[:5].startswith(stem) for b in before)),
        None,
    )


def _weekday(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    day = next((n for n, pattern in enumerate(_WEEKDAYS) if pattern.match(words[at])), None)
    if day is None or so_far.days is not None:
        return None
    ahead = 1 if at and _NEXT.match(words[at - 1]) else so_far.weeks
    return replace(so_far, weekday=day, weeks=ahead), at + 1


def _date(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    """«двадцать пятого числа», «после пятого», «третьего марта», «в следующем месяце»."""
    if words[at].startswith("месяц") and at and (part := _month_part(words[max(0, at - 3) : at])):
        return replace(so_far, day_of_month=part), at + 1
    number = read_ordinal(words, at) or (read_cardinal(words, at) if words[at].isdigit() else None)
    if number is None or not 1 <= number[0] <= 31:
        return None
    day, after = number
    following = words[after] if after < len(words) else ""
    month = next((n for n, pattern in enumerate(_MONTHS, 1) if pattern.match(following)), None)
    named = month is not None or following.startswith("числ")
    if not named and not (words[after - 1].endswith(("ого", "его")) and _is_plain_date(words, at, following)):
        return None
    return replace(so_far, day_of_month=day, month=month), after + named


def _month_part(before: Sequence[str]) -> int | None:
    if any(b.startswith("конц") or b == "конце" for b in before):
        return 28
    if any(b.startswith(("начал", "следующ")) for b in before):
        return 1
    return 15 if any(b.startswith("серед") for b in before) else None


def _is_plain_date(words: Sequence[str], at: int, following: str) -> bool:
    """«двадцать пятого» alone is a date; «половине седьмого» and «пятого часа» are not."""
    before = words[at - 1] if at else ""
    return not before.startswith("пол") and not before.startswith("четверт") and not following.startswith("час")


def _part(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    """«после обеда», «вечером»; beside an hour it only says which half of the day."""
    for said, begins in _PARTS:
        if tuple(words[at : at + len(said)]) == said:
            return replace(so_far, part=begins), at + len(said)
    for pattern, begins in _PART_WORDS:
        if pattern.match(words[at]):
            return replace(so_far, part=so_far.part or begins), at + 1
    return None


def _clock(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    """«17:30», «в пять», «часов в пять», «полседьмого», «без пятнадцати шесть», «час дня»."""
    if so_far.clock is not None:
        return None
    digits = _CLOCK.match(words[at])
    if digits:
        hour, minute = int(digits[1]), int(digits[2])
        return (replace(so_far, clock=time(hour, minute)), at + 1) if hour < 24 and minute < 60 else None
    half = _half(words, at)
    if half:
        return replace(so_far, clock=time(half[0], 30)), half[1]
    quarter = _quarter_past(words, at)
    if quarter:
        return replace(so_far, clock=time(quarter[0], 15)), quarter[1]
    if words[at] == "без" and _following(words, at + 1) == "четверти" and (full := read_cardinal(words, at + 2)):
        return _quarter_to(15, full, so_far)
    if words[at] == "без" and (minutes := read_cardinal(words, at + 1)) and (full := read_cardinal(words, minutes[1])):
        return _quarter_to(minutes[0], full, so_far)
    return _hour(words, at, so_far)


def _quarter_to(minutes: int, hour: tuple[int, int], so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    value, after = hour
    if not 0 < minutes < 60 or not 0 < value <= 24:
        return None
    return replace(so_far, clock=time(value - 1 or 12, 60 - minutes)), after


def _quarter_past(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """«четверть шестого» is 5:15."""
    if words[at] not in ("четверть", "четверти") or not (hour := read_ordinal(words, at + 1)):
        return None
    return ((hour[0] - 1) % 12 or 12, hour[1]) if 1 <= hour[0] <= 12 else None


def _half(words: Sequence[str], at: int) -> tuple[int, int] | None:
    joined = _HALF.match(words[at])
    if joined and (hour := read_ordinal([joined[1]], 0)):
        return (hour[0] - 1) % 12 or 12, at + 1
    if words[at] in ("половине", "половина", "половину", "пол") and (hour := read_ordinal(words, at + 1)):
        return ((hour[0] - 1) % 12 or 12, hour[1]) if 1 <= hour[0] <= 12 else None
    return None


def _hour(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    before = words[at - 1] if at else ""
    if words[at] in ("час", "часу", "часик") and (before in _BEFORE_HOUR or _following(words, at + 1) in _DAY_PARTS):
        return replace(so_far, clock=time(1)), at + 1
    number = read_cardinal(words, at)
    if number is None or not 0 < number[0] < 24:
        return None
    hour, after = number
    following = _following(words, after)
    if _NOT_HOURS.match(following) or before in ("через", "спустя"):
        return None
    said_hours = bool(_HOURS.match(following))
    alone = at == 0 and (after == len(words) or following in _DAY_PARTS)
    linked = so_far != SpokenTime() or following in _DAY_PARTS
    if not (said_hours or alone or linked or before in _BEFORE_HOUR):
        return None
    after += said_hours
    minutes = read_cardinal(words, after)
    if minutes and 10 <= minutes[0] < 60:
        end = minutes[1] + _following(words, minutes[1]).startswith("минут")
        return replace(so_far, clock=time(hour, minutes[0])), end
    return replace(so_far, clock=time(hour)), after


def _following(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _same_hour(words: Sequence[str], at: int, so_far: SpokenTime) -> tuple[SpokenTime, int] | None:
    """«в это же время»."""
    said = words[at] == "же" and _following(words, at + 1) == "время"
    return (replace(so_far, same_hour=True), at + 2) if said else None


_READERS: tuple[Reader, ...] = (_same_hour, _after, _relative_day, _week, _weekday, _clock, _date, _part)
