"""Customers by the month of their first order, and what became of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortMonth:
    """What a cohort did in one month of its life."""

    month: date
    """First day of the month of the first order: the cohort's name."""
    age: int
    """Months since then; 0 is the month of the first order."""
    buyers: int
    """Customers of the cohort; counted at age 0 alone."""
    repeaters: int
    """Customers who placed their *second* order in this month."""
    orders: int
    revenue: Decimal
    """RUB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cohort:
    """Everybody who bought for the first time in one month."""

    month: date
    buyers: int
    repeat_rates: tuple[float, ...]
    """By age in months: customers with a second order so far / customers of the cohort."""
    values: tuple[Decimal, ...]
    """By age: LTV so far, RUB of all orders / customers of the cohort."""

    @property
    def repeat_rate(self) -> float:
        """Until now."""
        return self.repeat_rates[-1]

    @property
    def value(self) -> Decimal:
        """LTV until now, RUB."""
        return self.values[-1]


def cohorts(months: Iterable[CohortMonth], *, now: date) -> tuple[Cohort, ...]:
    """The cohorts, the newest first; figures of several value classes of one month are added up."""
    by_month: dict[date, dict[int, list[CohortMonth]]] = {}
    for one in months:
        by_month.setdefault(one.month, {}).setdefault(one.age, []).append(one)
    return tuple(_cohort(month, by_month[month], now) for month in sorted(by_month, reverse=True))


def age_of(month: date, now: date) -> int:
    """Months from a month to this one."""
    return (now.year - month.year) * 12 + now.month - month.month


def _cohort(month: date, ages: Mapping[int, list[CohortMonth]], now: date) -> Cohort:
    buyers = sum(one.buyers for one in ages.get(0, ()))
    repeaters, revenue = 0, Decimal(0)
    rates, values = [], []
    for age in range(max(age_of(month, now), *ages) + 1):
        repeaters += sum(one.repeaters for one in ages.get(age, ()))
        revenue += sum((one.revenue for one in ages.get(age, ())), Decimal(0))
        rates.append(repeaters / buyers if buyers else 0.0)
        values.append((revenue / buyers).quantize(Decimal("0.01")) if buyers else Decimal(0))
    return Cohort(month=month, buyers=buyers, repeat_rates=tuple(rates), values=tuple(values))


@dataclass(frozen=True, kw_only=True, slots=True)
class Comeback:
    """People of one month's lists, or of its control groups, in the days that count after that."""

    month: date
    """In which they came onto the list, or were left alone."""
    people: int
    """Whose days are over."""
    waiting: int
    """Whose days are not: in none of the other figures."""
    returned: int
    """Ordered at least once: won back."""
    repeated: int
    """Ordered at least twice."""
    revenue: Decimal
    """RUB, of all of them."""

    @property
    def return_rate(self) -> float | None:
        """Won back / people."""
        return self.returned / self.people if self.people else None

    @property
    def repeat_rate(self) -> float | None:
        """Ordered again / won back."""
        return self.repeated / self.returned if self.returned else None

    @property
    def value(self) -> Decimal | None:
        """RUB a person, everybody counted."""
        return (self.revenue / self.people).quantize(Decimal("0.01")) if self.people else None
