"""When one person may be called: hours, zones and window at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.domain.campaign_plan import Window
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.segment import CONTROL_BUCKETS, control_bucket

_HORIZON: Final = timedelta(days=62)
_SPREAD: Final = timedelta(hours=2)
"""People put off to one opening are due within this, or within half of the stretch when that is shorter."""
_OTHER_PART_WITHIN: Final = timedelta(days=4)
_STEP: Final = timedelta(minutes=15)
_STEPS: Final = 96
"""Zones differ by quarters of an hour at the least."""


class DayPart(StrEnum):
    """Parts of a day in which people are found at different places."""

    MORNING = "morning"  # before noon
    AFTERNOON = "afternoon"  # noon to five
    EVENING = "evening"  # from five on


_BEGINS: Final = {DayPart.MORNING: time(0), DayPart.AFTERNOON: time(12), DayPart.EVENING: time(17)}


def day_part(local: datetime) -> DayPart:
    """The part of the day `local` (in the customer's zone) lies in."""
    return max((part for part in DayPart if _BEGINS[part] <= local.time()), key=lambda part: _BEGINS[part])


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactCalendar:
    """Everything that says *when*; a moment is open when all of it agrees in every zone the person may live in."""

    hours: ContactHours
    """Of the dialplan, or of people of unknown zone."""
    zones: tuple[ZoneInfo, ...]
    """Where the person may live; the first one is spoken."""
    window: Window = field(default_factory=Window)
    """The campaign's own days and hours."""

    def in_hours(self, moment: datetime) -> bool:
        """Whether the hours of the dialplan allow it."""
        return all(self.hours.is_open(moment.astimezone(zone)) for zone in self.zones)

    def in_window(self, moment: datetime) -> bool:
        """Whether the campaign's own days and hours allow it."""
        return all(self.window.is_open(moment.astimezone(zone)) for zone in self.zones)

    def is_open(self, moment: datetime) -> bool:
        """Whether a call may be made then."""
        return self.in_hours(moment) and self.in_window(moment)

    def next_open(self, moment: datetime) -> datetime | None:
        """`moment` itself when open, else the next opening, in the first zone; None when there is none to be had.

        The least moment that suits everybody: each rule in turn moves it to that rule's next opening until none does.
        """
        at = max([moment.astimezone(UTC), *self._starts()])
        latest = at + _HORIZON
        while at <= latest:
            later = at
            for zone in self.zones:
                for hours in self._hours():
                    opening = hours.next_open(later.astimezone(zone))
                    if opening is None:
                        return None
                    later = opening.astimezone(UTC)
            if later == at:
                open_at = at.astimezone(self.zones[0])
                return open_at if self.in_window(open_at) else None
            at = later
        return None

    def in_other_part(self, moment: datetime, part: DayPart) -> datetime | None:
        """The next opening in a part of the day other than `part`; within four days, else the next opening at all."""
        first = at = self.next_open(moment)
        while at is not None and first is not None and at - first <= _OTHER_PART_WITHIN:
            if day_part(at) is not part:
                return at
            at = self.next_open(_next_part(at))
        return first

    def spread(self, opening: datetime, seed: int) -> datetime:
        """A moment soon after an opening, always the same for one `seed`: a thousand people are not due at 10:00:00.

        It lies in the first half of the open stretch (two hours at most), in the same part of the day.
        """
        ends = [_next_part(opening.astimezone(self.zones[0]))]
        ends += [hours.closes_at(opening.astimezone(zone)) for zone in self.zones for hours in self._hours()]
        room = min((end.astimezone(UTC) - opening.astimezone(UTC) for end in ends), default=timedelta())
        share = control_bucket(seed) / CONTROL_BUCKETS
        return opening + timedelta(seconds=int(min(room / 2, _SPREAD).total_seconds() * share))

    def _hours(self) -> Iterator[ContactHours]:
        yield self.hours
        if self.window.hours is not None:
            yield self.window.hours

    def _starts(self) -> Iterator[datetime]:
        if self.window.starts_on is not None:
            for zone in self.zones:
                yield datetime.combine(self.window.starts_on, time.min, tzinfo=zone).astimezone(UTC)


def shared_hours(hours: ContactHours, zones: Sequence[ZoneInfo]) -> ContactHours:
    """The hours, by the clock of the first zone, in which `hours` are open in every one of `zones`.

    Worked out on a week without holidays or changes of the clock; those are left to the calendar.
    """
    calendar = ContactCalendar(hours=replace(hours, on_holidays=True), zones=tuple(zones))
    week = []
    for weekday in range(7):
        midnight = datetime(2026, 2, 2 + weekday, tzinfo=zones[0])  # a Monday, in no country's summer time
        steps = [midnight + _STEP * number for number in range(_STEPS)]
        stretches: list[tuple[time, time]] = []
        for step in (step for step in steps if calendar.is_open(step)):
            end = (step + _STEP).time() if step != steps[-1] else time.max
            begin = stretches.pop()[0] if stretches and stretches[-1][1] == step.time() else step.time()
            stretches.append((begin, end))
        week.append(tuple(stretches))
    return replace(hours, by_weekday=tuple(week))


def _next_part(local: datetime) -> datetime:
    later = (begin for begin in sorted(_BEGINS.values()) if begin > local.time())
    begin = next(later, None)
    if begin is not None:
        return datetime.combine(local.date(), begin, tzinfo=local.tzinfo)
    return datetime.combine(local.date() + timedelta(days=1), time.min, tzinfo=local.tzinfo)
