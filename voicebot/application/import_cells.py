"""How the cells of imported tables are read.

A reader raises ValueError saying what is wrong, without the cell in the message: it may be personal.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from voicebot.domain.order import ROUBLES
from voicebot.domain.phone import Phone, parse_phone
from voicebot.domain.redemption import plain_code
from voicebot.domain.time_zones import DEFAULT_ZONE, known_zones

_LONGEST: Final = 500
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_RUSSIAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T]+(.+))?")
_LOCAL: Final = ZoneInfo(DEFAULT_ZONE)
MOST_MONEY: Final = Decimal(10) ** 12
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_text(cell: str) -> str:
    """Words as they are."""
    if len(cell) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    if not cell.isprintable():
        raise ValueError("holds a line break or another control character")
    return cell


def read_phones(cell: str) -> tuple[Phone, ...]:
    """Several numbers, separated by semicolons or commas; the first is the primary one."""
    found: dict[Phone, None] = {}
    written = [one for one in re.split(r"[;,]", cell) if one.strip()]
    for number, one in enumerate(written, start=1):
        try:
            found[parse_phone(one)] = None
        except ValueError as error:
            raise ValueError(f"number {number} of {len(written)}: {error}" if written[1:] else str(error)) from error
    return tuple(found)


def read_email(cell: str) -> str:
    """One address."""
    if cell and not _EMAIL.fullmatch(cell):
        raise ValueError("not an e-mail address")
    return read_text(cell).lower()


def read_zone(cell: str) -> str:
    """An IANA name."""
    if cell and cell not in known_zones():
        raise ValueError("not an IANA time zone, such as Europe/Moscow or Asia/Yekaterinburg")
    return cell


def read_moment(cell: str) -> datetime:
    """ISO 8601 or a Russian date, with or without a time; without a zone it is Moscow time."""
    try:
        if russian := _RUSSIAN_DATE.fullmatch(cell):
            day, month, year, clock = russian.groups()
            cell = f"{year}-{month:0>2}-{day:0>2}" + (f" {clock:0>5}" if clock else "")
        moment = datetime.fromisoformat(cell)
    except ValueError as error:
        raise ValueError("not a date: write 2026-03-31, 2026-03-31 18:05 or 31.03.2026 18:05") from error
    if not 1970 <= moment.year <= 2200:
        raise ValueError("the year is out of this world")
    return (moment if moment.tzinfo else moment.replace(tzinfo=_LOCAL)).astimezone(UTC)


def read_optional_moment(cell: str) -> datetime | None:
    """A date, or nothing."""
    return read_moment(cell) if cell else None


def read_number(cell: str) -> Decimal:
    """A number with a point or a comma; blanks may group its digits."""
    try:
        number = Decimal(re.sub(r"[\s\u00a0\u202f]", "", cell).replace(",", "."))
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number) >= MOST_MONEY:
        raise ValueError("not a number of a sensible size")
    return number


def read_price(cell: str) -> Decimal:
    """Money that is not negative."""
    price = read_number(cell)
    if price < 0:
        raise ValueError("a price is not negative")
    return price


def read_quantity(cell: str) -> Decimal:
    """More than nothing; an empty cell is one."""
    quantity = read_number(cell) if cell else Decimal(1)
    if not Decimal("0.001") <= quantity < Decimal(10) ** 9:
        raise ValueError("a quantity is at least 0.001 and less than a milliard")
    return quantity


def read_optional_number(cell: str) -> Decimal | None:
    """A number, or nothing."""
    return read_number(cell) if cell else None


def read_currency(cell: str) -> str:
    """Three letters; roubles unless said otherwise."""
    if cell and not re.fullmatch("[A-Za-z]{3}", cell):
        raise ValueError("not a currency code of three letters, such as RUB")
    return cell.upper() or ROUBLES


def read_promo_code(cell: str) -> str:
    """A code without blanks and dashes, in capitals; whether it is one of ours is another question."""
    return plain_code(read_text(cell))


def one_of(choices: type[_Choice], *, default: _Choice | None = None) -> Callable[[str], _Choice | None]:
    """A reader of one enum's values, whatever their case; an empty cell gives the default."""
    known: Mapping[str, _Choice] = {choice.value.lower(): choice for choice in choices}
    names = ", ".join(choice.value for choice in choices)

    def read(cell: str) -> _Choice | None:
        if not cell:
            return default
        try:
            return known[cell.lower()]
        except KeyError:
            raise ValueError(f"not one of {names}") from None

    return read
