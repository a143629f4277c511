"""What the address of a list asks for; what cannot be understood does not matter."""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

_LONGEST: Final = 200
"""Characters of anything that is asked for."""
_DIGITS: Final = 18
"""A bigint holds that many."""
_YEARS: Final = range(2000, 2101)
_Kind = TypeVar("_Kind", bound=StrEnum)


def asked_of(query: Mapping[str, str]) -> dict[str, str]:
    """Every field that is filled in, without characters no text of ours has."""
    return {
        name: written
        for name, value in query.items()
        if (written := "".join(one for one in value if one.isprintable()).strip()[:_LONGEST])
    }


def midnight(written: str, zone: ZoneInfo) -> datetime | None:
    """The beginning of a day."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return datetime.combine(day, time(), zone) if day.year in _YEARS else None


def number(written: str) -> int | None:
    """The number of a row."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= _DIGITS else None


def place_of(written: str) -> tuple[datetime, int] | None:
    """A place in a list that goes by time, as `written_place` writes it."""
    moment, _, row = written.partition("~")
    try:
        at, found = datetime.fromisoformat(moment), number(row)
    except ValueError:
        return None
    return (at, found) if at.tzinfo is not None and found is not None else None


def written_place(at: datetime, row: int) -> str:
    """The place of a row, for an address."""
    return f"{at.isoformat()}~{row}"


def member(kind: type[_Kind], written: str) -> _Kind | None:
    """One of a few words."""
    return kind(written) if written in set(kind) else None
