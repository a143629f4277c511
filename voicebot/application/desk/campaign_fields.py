"""Reading what was typed into the forms of a campaign; every problem is kept beside its field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Final

LONGEST: Final = 2000
"""Characters of anything typed."""
_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d{2})")
_STRETCH: Final = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–—]\s*(\d{1,2})[:.](\d{2})")
_MOST: Final = 10**9
_YEARS: Final = range(2000, 2101)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """One thing wrong with one field, with its repair."""

    field: str
    code: str
    """Which sentence says it: see `campaign_words.PROBLEMS`."""
    facts: Mapping[str, str] = filled(default_factory=dict)
    """What the sentence names."""
    fatal: bool = True
    """False for a warning."""


@dataclass(kw_only=True, slots=True)
class Typed:
    """The fields of the forms, and what is wrong with them so far."""

    fields: Mapping[str, str]
    wrong: list[Wrong] = filled(default_factory=list)

    def says(self, name: str) -> str:
        """What was typed, on one line."""
        return " ".join(self.fields.get(name, "").split())[:LONGEST]

    def complain(self, name: str, code: str, **facts: str) -> None:
        """Note a problem of a field; only the first of each field is told."""
        if all(one.field != name for one in self.wrong):
            self.wrong.append(Wrong(field=name, code=code, facts=facts))

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.says(name) == "yes"

    def several(self, name: str) -> tuple[str, ...]:
        """The parts of a list."""
        parts = re.split(r"[,;\n]", self.fields.get(name, "")[:LONGEST])
        return tuple(dict.fromkeys(" ".join(one.split()) for one in parts if one.strip()))

    def whole(self, name: str, default: int, *, least: int = 0, most: int = _MOST) -> int:
        """A whole number, the default when nothing was typed."""
        found = self.maybe(name, least=least, most=most)
        return default if found is None else found

    def maybe(self, name: str, *, least: int = 0, most: int = _MOST) -> int | None:
        """A whole number, or nothing."""
        written = self.says(name).replace(" ", "").replace("\xa0", "")
        if not written:
            return None
        if re.fullmatch(r"-?\d{1,12}", written) and least <= int(written) <= most:
            return int(written)
        self.complain(name, "whole", least=str(least), most=str(most))
        return None

    def amount(self, name: str, *, least: Decimal = Decimal(0), most: Decimal = Decimal(_MOST)) -> Decimal | None:
        """A number, or nothing; a comma is a point."""
        written = self.says(name).replace(" ", "").replace("\xa0", "").replace(",", ".").rstrip("%")
        if not written:
            return None
        try:
            found = Decimal(written)
        except InvalidOperation:
            found = Decimal("NaN")
        if found.is_finite() and least <= found <= most:
            return found
        self.complain(name, "number", least=f"{least:f}", most=f"{most:f}")
        return None

    def one_of(self, name: str, known: Iterable[str], default: str) -> str:
        """One of known words."""
        written = self.says(name)
        if written in set(known):
            return written
        if written:
            self.complain(name, "choose")
        return default

    def day(self, name: str) -> date | None:
        """A day, as browsers and people write it."""
        written = self.says(name)
        if not written:
            return None
        turned = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", written)
        try:
            found = date(int(turned[3]), int(turned[2]), int(turned[1])) if turned else date.fromisoformat(written)
        except ValueError:
            found = None
        if found is not None and found.year in _YEARS:
            return found
        self.complain(name, "day")
        return None

    def clock(self, name: str, default: time) -> time:
        """A time of day."""
        written = self.says(name)
        if not written:
            return default
        found = _CLOCK.fullmatch(written)
        if found and int(found[1]) < 24 and int(found[2]) < 60:
            return time(int(found[1]), int(found[2]))
        self.complain(name, "clock")
        return default

    def stretches(self, name: str) -> tuple[tuple[time, time], ...]:
        """Stretches of a day: 10:00-12:00, 15:00-19:00."""
        found: list[tuple[time, time]] = []
        for written in self.several(name):
            stretch = _stretch(written)
            if stretch is None or (found and stretch[0] < found[-1][1]):
                self.complain(name, "stretch", written=written)
                return ()
            found.append(stretch)
        return tuple(found)


def readable(written: str) -> str:
    """Without characters that no text of ours has."""
    return "".join(one if one.isprintable() or one == "\n" else " " for one in written)


def _stretch(written: str) -> tuple[time, time] | None:
    match = _STRETCH.fullmatch(written)
    if match is None:
        return None
    hours = [int(part) for part in match.groups()]
    try:
        start = time(hours[0], hours[1])
        end = time.max if hours[2:] == [24, 0] else time(hours[2], hours[3])
    except ValueError:
        return None
    return (start, end) if start < end else None
