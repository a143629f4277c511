"""The moment somebody asked to be called back at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.spoken_time import SpokenTime, read_spoken_time

_SEARCH_DAYS = 15
_MORNING = time(10)
"""What a day without an hour is taken for."""
_LATER_TODAY = timedelta(hours=2)
"""What «сегодня» without an hour is taken for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeardTime:
    """A time in words, understood."""

    moment: datetime
    """Aware, in the customer's zone, inside allowed hours, not in the past."""
    positions: tuple[int, ...]
    """The words that said it."""


def heard_time(words: Sequence[str], *, now: datetime, hours: ContactHours) -> HeardTime | None:
    """The call-back time in `words`; None when none is named or the hours never open."""
    spoken = read_spoken_time(words)
    if spoken is None:
        return None
    moment = _moment(spoken, now, hours)
    inside = _inside(moment, now, hours)
    return None if inside is None else HeardTime(moment=inside, positions=spoken.positions)


def _moment(spoken: SpokenTime, now: datetime, hours: ContactHours) -> datetime:
    """What was literally asked for, hours aside."""
    if spoken.after is not None and spoken.clock is None and spoken.part is None:
        return now + spoken.after
    day = (now + spoken.after).date() if spoken.after is not None else _day(spoken, now.date())
    if day is None:
        clock = _clock(spoken, now, now.date(), hours) or now.time()
        moment = datetime.combine(now.date(), clock, tzinfo=now.tzinfo)
        return moment if moment > now else moment + timedelta(days=1)
    named = _clock(spoken, now, day, hours)
    if named is None and day == now.date():
        return now + _LATER_TODAY
    clock = named or _MORNING
    moment = datetime.combine(day, clock, tzinfo=now.tzinfo)
    if moment <= now and spoken.weekday is not None:
        moment += timedelta(days=7)
    return moment


def _day(spoken: SpokenTime, today: date) -> date | None:
    if spoken.days is not None:
        return today + timedelta(days=spoken.days)
    if spoken.day_of_month is not None:
        return _next_date(today, spoken.day_of_month, spoken.month)
    if spoken.weekday is None:
        return None
    if spoken.weeks:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=spoken.weeks)
        return monday + timedelta(days=spoken.weekday)
    return today + timedelta(days=(spoken.weekday - today.weekday()) % 7 or 7)


def _next_date(today: date, day: int, month: int | None) -> date:
    """The next such date from today on; a day the month lacks is its last one."""
    year, current = today.year, month or today.month
    for _ in range(13):
        candidate = _clamped(year, current, day)
        if candidate >= today:
            return candidate
        if month:
            year += 1
        else:
            year, current = (year + 1, 1) if current == 12 else (year, current + 1)
    return today


def _clamped(year: int, month: int, day: int) -> date:
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last))


def _clock(spoken: SpokenTime, now: datetime, day: date, hours: ContactHours) -> time | None:
    """The hour meant: of 5 and 17 the one people are called at."""
    if spoken.same_hour and spoken.clock is None:
        return now.time()
    if spoken.clock is None or spoken.clock.hour >= 12 or spoken.clock.hour == 0:
        return spoken.clock or spoken.part
    early, late = spoken.clock, spoken.clock.replace(hour=spoken.clock.hour + 12)
    if spoken.part is not None:
        return late if time(12) <= spoken.part < time(23) else early
    open_at = [c for c in (early, late) if hours.is_open(datetime.combine(day, c, tzinfo=now.tzinfo))]
    ahead = [c for c in open_at if datetime.combine(day, c, tzinfo=now.tzinfo) > now]
    if len(ahead or open_at) == 1:
        return (ahead or open_at)[0]
    return early if 8 <= early.hour < 12 else late


def _inside(moment: datetime, now: datetime, hours: ContactHours) -> datetime | None:
    """`moment` moved to the nearest allowed one after it that keeps the hour asked for where a day is closed."""
    moment = max(moment, now + timedelta(minutes=1)).replace(second=0, microsecond=0)
    if moment <= now:
        moment += timedelta(minutes=1)
    for _ in range(_SEARCH_DAYS):
        if hours.stretches(moment.date()):
            break
        moment += timedelta(days=1)
    return hours.next_open(moment)
