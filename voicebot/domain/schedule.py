"""When a campaign looks for new people: cron, or plain English."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from croniter import CroniterBadCronError, CroniterBadDateError, CroniterError, croniter

from voicebot.domain.errors import BadInput

_DAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "day": "*",
        "weekday": "1-5",
        "weekend": "0,6",
        "monday": "1",
        "tuesday": "2",
        "wednesday": "3",
        "thursday": "4",
        "friday": "5",
        "saturday": "6",
        "sunday": "0",
    }
)
"""Days as people name them, and as the fifth field of cron does."""
_REPAIR: Final = "write five fields of cron, or e.g. 'every weekday at 9', 'every monday and thursday at 10:30'"
_PHRASE: Final = re.compile(r"every (?P<days>[a-z, ]+?) at (?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?")
_OFTEN: Final = re.compile(r"every (?:(?P<minutes>\d{1,2}) minutes|minute|(?P<hour>hour))")
_OFTEN_SAID: Final[Mapping[str, str]] = MappingProxyType(
    {"* * * * *": "every minute", "0 * * * *": "every hour"}
    | {f"*/{minutes} * * * *": f"every {minutes} minutes" for minutes in range(2, 31) if 60 % minutes == 0}
)
_FIELDS: Final = re.compile(r"[0-9a-z*/,#-]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """Moments that come again and again, by the clock on the wall of the company; made by `parse_schedule`."""

    cron: str
    """Minute, hour, day of the month, month, day of the week."""

    def __str__(self) -> str:
        """As people say it, where there are words for it; else the cron fields."""
        if self.cron in _OFTEN_SAID:
            return _OFTEN_SAID[self.cron]
        minute, hour, *date, week = self.cron.split()
        days = {field: name for name, field in _DAYS.items()}
        if date != ["*", "*"] or not (minute.isdecimal() and hour.isdecimal()):
            return self.cron
        named = [days.get(part, "") for part in ([week] if week in days else week.split(","))]
        return f"every {' and '.join(named)} at {hour}:{int(minute):02}" if all(named) else self.cron

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first firing after `moment` (aware), UTC; None when there is none within 50 years.

        Where clocks are put forward, a time that is left out fires when they are; where they are put back, a time that
        comes twice fires the first time only (the way of cron).
        """
        for wall in self._walls(moment.astimezone(zone).replace(tzinfo=None)):
            firing = _moment_of(wall, zone)
            if firing > moment:
                return firing
        return None

    def is_due(self, *, since: datetime, now: datetime, zone: ZoneInfo) -> bool:
        """Whether it has fired after `since`, up to and including `now`, once or many times."""
        firing = self.next_after(since, zone)
        return firing is not None and firing <= now

    def _walls(self, after: datetime) -> Iterator[datetime]:
        """Firings as the clock shows them, ascending."""
        try:
            yield from croniter(self.cron, after).all_next(datetime)
        except CroniterBadDateError:
            return


def parse_schedule(written: str) -> Schedule:
    """The schedule somebody wrote; raises BadInput when it says no time, or one that never comes."""
    words = " ".join(written.lower().split())
    schedule = Schedule(cron=_in_words(words) if words.startswith("every") else _in_fields(words))
    try:
        croniter(schedule.cron)
        never = next(schedule._walls(datetime(2026, 1, 1)), None) is None  # noqa: DTZ001  # any wall clock will do
    except CroniterError as error:
        detail = "out of range" if isinstance(error, CroniterBadCronError) else "no cron fields"
        raise _refused(f"'{written}' is no schedule: {detail}") from None
    if never:
        raise _refused(f"'{written}' never fires: no such day exists", "name a day its month has")
    return schedule


def _in_fields(words: str) -> str:
    fields = words.split()
    if len(fields) != 5 or not all(_FIELDS.fullmatch(field) for field in fields):
        raise _refused(f"'{words}' is no schedule")
    return " ".join(fields)


def _in_words(words: str) -> str:
    if often := _OFTEN.fullmatch(words):
        return "0 * * * *" if often["hour"] else _every_minutes(int(often["minutes"] or 1), words)
    said = _PHRASE.fullmatch(words)
    if said is None:
        raise _refused(f"'{words}' is no schedule")
    hour, minute = int(said["hour"]), int(said["minute"] or 0)
    if hour > 23 or minute > 59:
        raise _refused(f"'{words}': there is no such time of day", "hours are 0 to 23, minutes 00 to 59")
    return f"{minute} {hour} * * {_days(re.split(r', and |, | and ', said['days']), words)}"


def _days(names: Iterable[str], words: str) -> str:
    known = [_DAYS.get(name) or _DAYS.get(name.removesuffix("s")) for name in names]
    if None in known or (len(known) > 1 and "*" in known):
        raise _refused(f"'{words}' is no schedule: the days are not clear")
    return ",".join(dict.fromkeys(field for field in known if field))


def _every_minutes(minutes: int, words: str) -> str:
    if minutes == 0 or 60 % minutes:
        raise _refused(
            f"'{words}' does not divide the hour evenly", "use 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 minutes"
        )
    return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"


def _refused(message: str, repair: str = _REPAIR) -> BadInput:
    return BadInput.one("schedule", message, repair=repair)


def _moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment the clocks of `zone` first show `wall`, or jump over it."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # Left out: the jump lies between the readings by the offset after it and by the one before it.
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
