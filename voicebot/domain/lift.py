"""What the calls were worth: people who were to be called against people left alone on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from voicebot.domain.confidence import LEVEL, Interval, Sample, newcombe, welch
from voicebot.domain.power import detectable_difference, detectable_rise, people_for_means, people_for_shares

CALLED: Final = "called"
CONTROL: Final = "control"
_BUYERS: Final = 10
"""Fewer buyers in a group, and its mean is one of a few purses: the interval is narrower than the truth."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupFigures:
    """What one group did in the days that count.

    By intention to treat: everybody who was released belongs to the called, reached or not, and everybody who was drawn
    into the control group stays there. Leaving out those who did not pick up would compare eager people with average
    ones, and call that lift.
    """

    name: str
    """CALLED, CONTROL or the name of a variant."""
    buyers: int = 0
    """People who ordered at least once."""
    orders: Sample
    """Orders of each person; its count is everybody whose days are over."""
    revenue: Sample
    """RUB of each person."""
    waiting: int = 0
    """People whose days are not over: in none of the figures."""

    @property
    def people(self) -> int:
        """Everybody whose days are over."""
        return self.orders.count


class Measure(StrEnum):
    """What is compared."""

    BUYERS = "buyers"  # share of people who ordered
    ORDERS = "orders"  # orders a person
    REVENUE = "revenue"  # RUB a person


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One measure of two groups."""

    measure: Measure
    first: float
    second: float
    interval: Interval | None
    """Of first minus second; None where the groups are too small to tell."""
    detectable: float | None
    """The smallest rise over the second group that these sizes show four times out of five."""
    needed: tuple[int, int] | None
    """People in each group it takes to show the observed difference; None when there is none, or too few to tell."""
    enough: bool
    """Whether so many are there, with ten buyers in each group."""

    @property
    def difference(self) -> float:
        """First minus second."""
        return self.first - self.second

    @property
    def lift(self) -> float | None:
        """The difference in percent of the second group; None where that is zero."""
        return self.difference / self.second * 100 if self.second else None

    @property
    def shown(self) -> bool:
        """Whether chance alone hardly explains the difference."""
        return self.interval is not None and not self.interval.holds(0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duel:
    """Two groups against each other."""

    first: str
    second: str
    level: float
    """Of the intervals."""
    comparisons: tuple[Comparison, ...]
    """One per measure."""


def compare(first: GroupFigures, second: GroupFigures, *, level: float = LEVEL) -> Duel:
    """Every measure of two groups; the second is the base."""
    return Duel(
        first=first.name,
        second=second.name,
        level=level,
        comparisons=(
            _shares(first, second, level),
            _means(Measure.ORDERS, first, second, level),
            _means(Measure.REVENUE, first, second, level),
        ),
    )


def compare_variants(variants: Sequence[GroupFigures], *, level: float = LEVEL) -> tuple[Duel, ...]:
    """Each variant against each one before it.

    The more pairs, the likelier one of them differs by chance: Bonferroni's rule keeps that likelihood at 1 - `level`
    over all of them together.
    """
    pairs = list(combinations(variants, 2))
    strict = 1 - (1 - level) / max(1, len(pairs))
    return tuple(compare(later, earlier, level=strict) for earlier, later in pairs)


def _shares(first: GroupFigures, second: GroupFigures, level: float) -> Comparison:
    one, other = (first.buyers, first.people), (second.buyers, second.people)
    share_of_one, share_of_other = _share(*one), _share(*other)
    needed = None
    if first.people and second.people:
        needed = people_for_shares(share_of_one, share_of_other, first.people / second.people, level=level)
    return Comparison(
        measure=Measure.BUYERS,
        first=share_of_one,
        second=share_of_other,
        interval=newcombe(one, other, level=level),
        detectable=detectable_rise(first.people, other, level=level),
        needed=needed,
        enough=_are_there(needed, first, second),
    )


def _means(measure: Measure, first: GroupFigures, second: GroupFigures, level: float) -> Comparison:
    one, other = (group.orders if measure is Measure.ORDERS else group.revenue for group in (first, second))
    needed = people_for_means(one, other, level=level)
    return Comparison(
        measure=measure,
        first=one.mean,
        second=other.mean,
        interval=welch(one, other, level=level),
        detectable=detectable_difference(one, other, level=level),
        needed=needed,
        enough=_are_there(needed, first, second),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _are_there(needed: tuple[int, int] | None, first: GroupFigures, second: GroupFigures) -> bool:
    if needed is None or min(first.buyers, second.buyers) < _BUYERS:
        return False
    return first.people >= needed[0] and second.people >= needed[1]
