"""The calling hours of a dialplan file."""

import re
from datetime import time
from typing import Final

import yaml

from voicebot.adapters.yaml_nodes import Entry, YamlFile
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, DEFAULT_HOURS, ContactHours

Stretches = tuple[tuple[time, time], ...]

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS: Final = {"every_day": range(7), "weekdays": range(5), "weekend": range(5, 7)}
_STRETCH: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_ALWAYS: Final = "around_the_clock"


def read_hours(file: YamlFile, entry: Entry | None) -> ContactHours:
    """`around_the_clock`, or stretches by day: a day wins over `weekdays` and `weekend`, those over `every_day`."""
    if entry is None:
        return DEFAULT_HOURS
    if isinstance(entry.node, yaml.ScalarNode):
        if entry.node.value != _ALWAYS:
            file.note(entry.line, "hours", f"'{entry.node.value}' is not known", f"write days, or {_ALWAYS}")
        return AROUND_THE_CLOCK
    keys = file.entries(entry.node, "hours", (*_GROUPS, *_DAYS))
    week: list[Stretches] = [()] * 7
    for name, days in _GROUPS.items():
        if name in keys:
            stretches = _stretches(file, keys[name])
            for day in days:
                week[day] = stretches
    for day, name in enumerate(_DAYS):
        if name in keys:
            week[day] = _stretches(file, keys[name])
    if keys and not any(week):
        file.note(entry.line, "hours", "no day is open", 'write e.g. weekdays: ["10:00-12:00"]')
    return ContactHours(by_weekday=tuple(week))


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
