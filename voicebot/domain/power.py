"""How many people a comparison needs.

Sources: Fleiss, Levin & Paik 2003, "Statistical Methods for Rates and Proportions", 4.4 (two proportions, groups of
unequal size, no continuity correction); Cohen 1988, "Statistical Power Analysis" (means, normal approximation).
"""

from math import ceil, sqrt
from statistics import NormalDist
from typing import Final

from voicebot.domain.confidence import LEVEL, Sample

POWER: Final = 0.8
"""The chance of showing a difference that is there."""
_NORMAL: Final = NormalDist()
_FEWEST: Final = 30
"""People a group must have before the normal approximations here mean anything."""


def detectable_difference(first: Sample, second: Sample, *, level: float = LEVEL, power: float = POWER) -> float | None:
    """The smallest difference of means these groups can show; None where they are too few or nothing varies."""
    if min(first.count, second.count) < _FEWEST:
        return None
    error = sqrt(first.variance / first.count + second.variance / second.count)
    return (_z(level) + _NORMAL.inv_cdf(power)) * error or None


def detectable_rise(
    first_count: int, second: tuple[int, int], *, level: float = LEVEL, power: float = POWER
) -> float | None:
    """The smallest *rise* over the second group's share (successes, count) these sizes can show.

    None where the groups are too few, or no share up to 1 would be shown.
    """
    successes, second_count = second
    if min(first_count, second_count) < _FEWEST:
        return None
    base = successes / second_count

    def is_shown(rise: float) -> bool:
        needed = people_for_shares(base + rise, base, first_count / second_count, level=level, power=power)
        return needed is not None and needed[1] <= second_count

    if not is_shown(1 - base):
        return None
    low, high = 0.0, 1 - base
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if is_shown(middle) else (middle, high)
    return high


def people_for_shares(
    first: float, second: float, ratio: float, *, level: float = LEVEL, power: float = POWER
) -> tuple[int, int] | None:
    """People in the first and the second group it takes to show the difference of two shares.

    `ratio`: size of the first group over the second's. None for two equal shares.
    """
    difference = abs(first - second)
    if difference == 0 or ratio <= 0:
        return None
    pooled = (ratio * first + second) / (ratio + 1)
    by_chance = _z(level) * sqrt((ratio + 1) * pooled * (1 - pooled))
    by_nature = _NORMAL.inv_cdf(power) * sqrt(first * (1 - first) + ratio * second * (1 - second))
    of_first = ((by_chance + by_nature) / difference) ** 2
    return max(_FEWEST, ceil(of_first)), max(_FEWEST, ceil(of_first / ratio))


def people_for_means(
    first: Sample, second: Sample, *, level: float = LEVEL, power: float = POWER
) -> tuple[int, int] | None:
    """People in the first and the second group it takes to show the observed difference of means, in their ratio.

    None when there is none, or the groups are too few to tell.
    """
    smallest = detectable_difference(first, second, level=level, power=power)
    difference = abs(first.mean - second.mean)
    if smallest is None or difference == 0:
        return None
    factor = (smallest / difference) ** 2
    return max(_FEWEST, ceil(first.count * factor)), max(_FEWEST, ceil(second.count * factor))


def _z(level: float) -> float:
    return _NORMAL.inv_cdf((1 + level) / 2)
