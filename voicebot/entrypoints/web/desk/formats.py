"""How moments, lengths, money and telephones are written on pages."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from voicebot.domain.erasure import ERASED_PHONE
from voicebot.domain.phone import Phone

_NOTHING: Final = "—"
_KEPT: Final = 10_000
"""Numbers already written: tables and plots write the same ones again and again."""


@lru_cache
def _locale(language: str) -> Locale:
    """Parsed once: the library would do it for every number of a page."""
    return Locale.parse(language)


def _moment(value: datetime | None, zone: ZoneInfo, *, language: str) -> str:
    return format_datetime(value.astimezone(zone), "short", locale=_locale(language)) if value else _NOTHING


def _clock(value: datetime | None, zone: ZoneInfo, *, language: str) -> str:
    return format_time(value.astimezone(zone), "short", locale=_locale(language)) if value else _NOTHING


def _day(value: datetime | None, zone: ZoneInfo, *, language: str) -> str:
    return format_date(value.astimezone(zone), "medium", locale=_locale(language)) if value else _NOTHING


def _date(value: date | None, *, language: str) -> str:
    return format_date(value, "medium", locale=_locale(language)) if value else _NOTHING


def _ago(value: timedelta | None, *, language: str) -> str:
    return (
        format_timedelta(value, granularity="minute", format="short", locale=_locale(language))
        if value is not None
        else _NOTHING
    )


def _length(seconds: float | None, *, language: str) -> str:
    """Minutes and seconds, 1:05."""
    if seconds is None:
        return _NOTHING
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _money(value: Decimal | None, *, language: str) -> str:
    return (
        format_currency(value, "RUB", "#,##0 ¤", locale=_locale(language), currency_digits=False)
        if value is not None
        else _NOTHING
    )


@lru_cache(maxsize=_KEPT)
def _number(value: float | Decimal | None, *, language: str) -> str:
    return format_decimal(value, locale=_locale(language)) if value is not None else _NOTHING


def _compact(value: float, *, language: str) -> str:
    """As short as the axis of a plot needs it: 1,5 тыс."""
    return (
        format_compact_decimal(value, locale=_locale(language), fraction_digits=1)
        if value >= 10_000
        else _number(value, language=language)
    )


@lru_cache(maxsize=_KEPT)
def _share(value: float | None, *, language: str) -> str:
    return format_percent(value, "#,##0.# %", locale=_locale(language)) if value is not None else _NOTHING


def _phone(value: Phone | None, whole: bool, *, language: str) -> str:
    """Whole only for those who may see personal data."""
    if value is None or value == ERASED_PHONE:
        return _NOTHING
    return value.e164 if whole else value.masked


FORMATS: Final[Mapping[str, Callable[..., Any]]] = {
    "moment": _moment,
    "clock": _clock,
    "day": _day,
    "date": _date,
    "ago": _ago,
    "length": _length,
    "money": _money,
    "number": _number,
    "compact": _compact,
    "share": _share,
    "phone": _phone,
}
"""Filters of the templates; every one is told the language of the page."""
