"""How sure a difference between two groups is.

Sources: Newcombe 1998, "Interval estimation for the difference between independent proportions", Statistics in
Medicine 17, method 10 (out of Wilson's score intervals, 1927); Welch 1947, Biometrika 34, with Satterthwaite's degrees
of freedom; Abramowitz & Stegun 26.5.8 and 26.7.1 for Student's distribution.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

LEVEL: Final = 0.95
"""Of every interval, unless said otherwise."""
_NORMAL: Final = NormalDist()
_ALMOST_NORMAL: Final = 1e7
"""Degrees of freedom from which Student's quantile is the normal one to seven digits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """Where the true value lies, as far as the figures tell."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether `value` may be the true one."""
        return self.low <= value <= self.high


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What a group's values add up to."""

    count: int
    """People."""
    total: float = 0.0
    squares: float = 0.0
    """Sum of the squared values."""

    @property
    def mean(self) -> float:
        """Per person; 0 without anybody."""
        return self.total / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """Unbiased; 0 for fewer than two people."""
        if self.count < 2:
            return 0.0
        # A sum of squares may fall short of the mean's by a rounding error; it is never truly negative.
        return max(0.0, (self.squares - self.total * self.mean) / (self.count - 1))


def wilson(successes: int, count: int, *, level: float = LEVEL) -> Interval:
    """Score interval of one proportion; all of 0..1 for nobody."""
    if count == 0:
        return Interval(low=0.0, high=1.0)
    z = _NORMAL.inv_cdf((1 + level) / 2)
    share, squared = successes / count, z * z
    centre = share + squared / (2 * count)
    half = z * sqrt(share * (1 - share) / count + squared / (4 * count * count))
    whole = 1 + squared / count
    low = 0.0 if successes == 0 else (centre - half) / whole
    high = 1.0 if successes == count else (centre + half) / whole
    return Interval(low=low, high=high)


def newcombe(first: tuple[int, int], second: tuple[int, int], *, level: float = LEVEL) -> Interval | None:
    """Interval of the first proportion minus the second, each given as (successes, count); None without anybody."""
    if not first[1] or not second[1]:
        return None
    one, other = first[0] / first[1], second[0] / second[1]
    of_one, of_other = wilson(*first, level=level), wilson(*second, level=level)
    below = sqrt((one - of_one.low) ** 2 + (of_other.high - other) ** 2)
    above = sqrt((of_one.high - one) ** 2 + (other - of_other.low) ** 2)
    return Interval(low=one - other - below, high=one - other + above)


def welch(first: Sample, second: Sample, *, level: float = LEVEL) -> Interval | None:
    """Interval of the first mean minus the second; None where a group has fewer than two people or nothing varies."""
    if first.count < 2 or second.count < 2:
        return None
    one, other = first.variance / first.count, second.variance / second.count
    if one + other == 0:
        return None
    freedom = (one + other) ** 2 / (one**2 / (first.count - 1) + other**2 / (second.count - 1))
    half = student_quantile((1 + level) / 2, freedom) * sqrt(one + other)
    difference = first.mean - second.mean
    return Interval(low=difference - half, high=difference + half)


@lru_cache(maxsize=256)
def student_quantile(probability: float, freedom: float) -> float:
    """The t below which `probability` (0..1) of Student's distribution lies; `freedom` > 0 need not be whole."""
    if not 0 < probability < 1 or freedom <= 0:
        raise ValueError("a probability lies between 0 and 1, degrees of freedom above 0")
    if freedom >= _ALMOST_NORMAL:
        return _NORMAL.inv_cdf(probability)
    if probability < 0.5:
        return -student_quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while _student_cdf(high, freedom) < probability:
        low, high = high, high * 2
    while high - low > 1e-12 * max(1.0, high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _student_cdf(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def _student_cdf(t: float, freedom: float) -> float:
    """For t >= 0: one minus half the incomplete beta function of (f/2, 1/2) at f / (f + t^2)."""
    if t == inf:
        return 1.0
    return 1 - _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Regularised; the continued fraction converges fast on the side of the mean that this picks."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * _beta_fraction(x, a, b) / a


def _beta_fraction(x: float, a: float, b: float) -> float:
    """1 / (1 + d1 / (1 + d2 / (1 + ...))) of Abramowitz & Stegun 26.5.8, from the inside out."""
    depth = 60 + int(3 * sqrt(max(a, b)))
    value = 1.0
    for step in range(depth, 0, -1):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        value = 1 + term / value
    return 1 / value
