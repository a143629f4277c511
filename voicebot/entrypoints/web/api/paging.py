"""What many addresses take: a number in the path, pages of a list."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from voicebot.application.json_input import problem
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.web.api.schema import BIGGEST, Range, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class One:
    """An address of one thing."""

    id: Annotated[int, Range(), "Its number."]


@dataclass(frozen=True, kw_only=True, slots=True)
class Paged:
    """Where in a list, and how much of it."""

    cursor: Annotated[str | None, Text(pattern=r"^[A-Za-z0-9_-]+$"), "`next` of the page before; none: the first."] = (
        None
    )
    limit: Annotated[int, Range(most=200), "Items of a page, at most."] = 50


def pack(*place: object) -> str:
    """The place as a cursor; it tells nothing that the page did not."""
    written = "~".join(one.isoformat() if isinstance(one, datetime) else str(one) for one in place)
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def unpack(cursor: str | None, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The place a cursor stands for; None for the beginning. Raises BadInput for a cursor we have not made."""
    if cursor is None:
        return None
    try:
        written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return tuple(read(one) for read, one in zip(readers, written.split("~"), strict=True))
    except (ValueError, binascii.Error) as error:
        raise BadInput([problem("cursor", "is none of ours", "send back the `next` of a page")]) from error


def number(written: str) -> int:
    """A key; raises ValueError."""
    found = int(written) if written.isascii() and written.isdecimal() and len(written) < _DIGITS else 0
    if not 0 < found <= BIGGEST:
        raise ValueError("no key")
    return found


def moment(written: str) -> datetime:
    """An aware moment; raises ValueError."""
    found = datetime.fromisoformat(written)
    if found.tzinfo is None or not 2000 <= found.year <= _LAST_YEAR:
        raise ValueError("no moment")
    return found


_DIGITS: Final = 20
_LAST_YEAR: Final = 2100
