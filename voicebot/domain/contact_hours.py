"""When a customer may be called, in their own local time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from voicebot.domain.public_holidays import is_public_holiday

_DAYS_AHEAD = 31


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactHours:
    """Allowed stretches per weekday; local to the customer (company policy: no statute names hours, DOMAIN.md)."""

    by_weekday: tuple[tuple[tuple[time, time], ...], ...]
    """Seven entries, Monday first; each a tuple of (from, until) with from < until, ascending, until exclusive."""
    on_holidays: bool = False
    """Whether public holidays are days like any other; else nobody is called on them."""

    def stretches(self, day: date) -> tuple[tuple[time, time], ...]:
        """When that day is open; empty for a day off."""
        if not self.on_holidays and is_public_holiday(day):
            return ()
        return self.by_weekday[day.weekday()]

    def is_open(self, local: datetime) -> bool:
        """Whether `local` (aware, in the customer's zone) lies in an allowed stretch."""
        clock = local.time()
        return any(start <= clock < end for start, end in self.stretches(local.date()))

    def next_open(self, local: datetime) -> datetime | None:
        """`local` itself when open, else the next opening; None when nothing opens within a month."""
        if self.is_open(local):
            return local
        for ahead in range(_DAYS_AHEAD):
            day = local + timedelta(days=ahead)
            for start, _ in self.stretches(day.date()):
                opening = datetime.combine(day.date(), start, tzinfo=local.tzinfo)
                if opening >= local:
                    return opening
        return None

    def closes_at(self, local: datetime) -> datetime:
        """When the stretch that holds `local` ends; `local` itself when closed."""
        clock = local.time()
        for start, end in self.stretches(local.date()):
            if start <= clock < end:
                return datetime.combine(local.date(), end, tzinfo=local.tzinfo)
        return local


def same_every_day(*stretches: tuple[time, time], on_holidays: bool = False) -> ContactHours:
    """Hours that do not depend on the weekday."""
    return ContactHours(by_weekday=(stretches,) * 7, on_holidays=on_holidays)


AROUND_THE_CLOCK = same_every_day((time.min, time.max), on_holidays=True)
"""For rehearsals only: the demo must run at night and on New Year's day too."""
DEFAULT_HOURS = ContactHours(by_weekday=(((time(10), time(12)), (time(15), time(19))),) * 5 + ((),) * 2)
"""10-12 and 15-19 on weekdays: published practice of Russian call robots (DOMAIN.md, Rules of contact)."""
UNKNOWN_ZONE = ((time(9), time(21)),)
"""Default for people whose zone nobody knows; it must hold in every Russian zone at once: 10-12 in Moscow."""


def for_unknown_zone(hours: ContactHours) -> ContactHours:
    """The default hours of people of unknown zone, on the days `hours` are open; around the clock stays so."""
    if hours.by_weekday == AROUND_THE_CLOCK.by_weekday:
        return hours
    week = tuple(UNKNOWN_ZONE if stretches else () for stretches in hours.by_weekday)
    return ContactHours(by_weekday=week, on_holidays=hours.on_holidays)
