"""Days on which Russia does not work."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=4096)
def is_public_holiday(day: date) -> bool:
    """Whether the law or the government's calendar of the year makes it a day off; ordinary weekends are none.

    Source: the `holidays` package (Labour Code art. 112 and the yearly transfers). Transfers of a year are known once
    the government has published them, in the autumn before: keep the package up to date.
    """
    return day in _of_year(day.year)


@lru_cache(maxsize=64)
def _of_year(year: int) -> frozenset[date]:
    from holidays import country_holidays  # a large package: loaded by those who look at a calendar

    return frozenset(country_holidays("RU", years=year))
