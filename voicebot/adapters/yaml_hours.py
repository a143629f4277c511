"""The calling hours of a dialplan file."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import yaml

from voicebot.adapters.yaml_nodes import Entry, YamlFile
from voicebot.domain.contact_calendar import ContactCalendar
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, DEFAULT_HOURS, ContactHours
from voicebot.domain.time_zones import RUSSIAN_ZONES

Stretches = tuple[tuple[time, time], ...]

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS: Final = {"every_day": range(7), "weekdays": range(5), "weekend": range(5, 7)}
_STRETCH: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_ALWAYS: Final = "around_the_clock"
_UNKNOWN: Final = "unknown_zone"
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallingHours:
    """Both kinds of hours a file names."""

    known: ContactHours
    """In the customer's own zone."""
    unknown: ContactHours | None
    """In every Russian zone at once, for people of unknown zone; None when the file says nothing of them."""


def read_hours(file: YamlFile, entry: Entry | None, holidays: Entry | None) -> CallingHours:
    """`around_the_clock`, or stretches by day: a day wins over `weekdays` and `weekend`, those over `every_day`.

    `unknown_zone` among them: stretches for people of unknown zone, on the days the others are open. `holidays: call`
    makes public holidays days like any other.
    """
    on_holidays = _on_holidays(file, holidays)
    if entry is None:
        return CallingHours(known=replace(DEFAULT_HOURS, on_holidays=on_holidays), unknown=None)
    if isinstance(entry.node, yaml.ScalarNode):
        if entry.node.value != _ALWAYS:
            file.note(entry.line, "hours", f"'{entry.node.value}' is not known", f"write days, or {_ALWAYS}")
        return CallingHours(known=replace(AROUND_THE_CLOCK, on_holidays=on_holidays), unknown=None)
    keys = file.entries(entry.node, "hours", (*_GROUPS, *_DAYS, _UNKNOWN))
    known = ContactHours(by_weekday=_week(file, entry, keys), on_holidays=on_holidays)
    return CallingHours(known=known, unknown=_unknown_zone(file, keys.get(_UNKNOWN), known))


def _on_holidays(file: YamlFile, entry: Entry | None) -> bool:
    return file.one_of(entry, "", {"off": "off", "call": "call"}, "rule for holidays") == "call"


def _unknown_zone(file: YamlFile, entry: Entry | None, known: ContactHours) -> ContactHours | None:
    if entry is None:
        return None
    stretches = _stretches(file, entry)
    hours = replace(known, by_weekday=tuple(stretches if day else () for day in known.by_weekday))
    everywhere = ContactCalendar(hours=hours, zones=tuple(ZoneInfo(name) for name in RUSSIAN_ZONES))
    if stretches and any(known.by_weekday) and everywhere.next_open(_ANY_TIME) is None:
        why = "no moment lies in it in every Russian zone at once"
        file.note(entry.line, "hours", f"'{_UNKNOWN}': {why}", "open one stretch for more than 10 hours")
    return hours


def _week(file: YamlFile, entry: Entry, keys: dict[str, Entry]) -> tuple[Stretches, ...]:
    week: list[Stretches] = [()] * 7
    for name, days in _GROUPS.items():
        if name in keys:
            stretches = _stretches(file, keys[name])
            for day in days:
                week[day] = stretches
    for day, name in enumerate(_DAYS):
        if name in keys:
            week[day] = _stretches(file, keys[name])
    if not any(week):
        file.note(entry.line, "hours", "no day is open", 'write e.g. weekdays: ["10:00-12:00"]')
    return tuple(week)


def _stretches(file: YamlFile, entry: Entry) -> Stretches:
    found: list[tuple[time, time]] = []
    for written in file.texts(entry, "hours"):
        stretch = _stretch(written)
        if stretch is None:
            file.note(entry.line, "hours", f"'{written}' is no stretch of a day", 'write "10:00-12:00"')
        elif found and stretch[0] < found[-1][1]:
            file.note(entry.line, "hours", f"'{written}' begins before the one before it ends", "put them in order")
        else:
            found.append(stretch)
    return tuple(found)


def _stretch(written: str) -> tuple[time, time] | None:
    match = _STRETCH.fullmatch(written)
    if match is None:
        return None
    try:
        start = time(int(match[1]), int(match[2]))
        end = time.max if (match[3], match[4]) == ("24", "00") else time(int(match[3]), int(match[4]))
    except ValueError:
        return None
    return (start, end) if start < end else None
