"""When a customer may be called, in their own local time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

_DAYS_AHEAD = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactHours:
    """Allowed stretches per weekday; local to the customer (company policy: no statute names hours, DOMAIN.md)."""

    by_weekday: tuple[tuple[tuple[time, time], ...], ...]
    """Seven entries, Monday first; each a tuple of (from, until) with from < until, ascending, until exclusive."""

    def is_open(self, local: datetime) -> bool:
        """Whether `local` (aware, in the customer's zone) lies in an allowed stretch."""
        clock = local.time()
        return any(start <= clock < end for start, end in self.by_weekday[local.weekday()])

    def next_open(self, local: datetime) -> datetime | None:
        """`local` itself when open, else the next opening; None when nothing opens within 15 days."""
        if self.is_open(local):
            return local
        for ahead in range(_DAYS_AHEAD):
            day = local + timedelta(days=ahead)
            for start, _ in self.by_weekday[day.weekday()]:
                opening = datetime.combine(day.date(), start, tzinfo=local.tzinfo)
                if opening >= local:
                    return opening
        return None


def same_every_day(*stretches: tuple[time, time]) -> ContactHours:
    """Hours that do not depend on the weekday."""
    return ContactHours(by_weekday=(stretches,) * 7)


AROUND_THE_CLOCK = same_every_day((time.min, time.max))
"""For rehearsals only: the demo must run at night too."""
DEFAULT_HOURS = ContactHours(by_weekday=(((time(10), time(12)), (time(15), time(19))),) * 5 + ((),) * 2)
"""10-12 and 15-19 on weekdays: published practice of Russian call robots (DOMAIN.md, Rules of contact)."""
