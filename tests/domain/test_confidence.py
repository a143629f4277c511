"""Intervals say what the textbooks say, and hold the truth as often as they promise."""

from itertools import pairwise
from random import Random

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain.confidence import Sample, newcombe, student_quantile, welch, wilson
from voicebot.domain.power import detectable_difference, detectable_rise, people_for_means, people_for_shares

TABLE_OF_T = [
    (0.975, 1, 12.7062),
    (0.95, 2, 2.9200),
    (0.75, 3, 0.7649),
    (0.9995, 4, 8.6103),
    (0.995, 5, 4.0321),
    (0.975, 10, 2.2281),
    (0.975, 30, 2.0423),
    (0.975, 120, 1.9799),
    (0.975, 1e9, 1.9600),
]
NEWCOMBES_EXAMPLES = [  # of method 10 in the paper of 1998, table II
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
    ((10, 10), (0, 10), (0.6075, 1.0)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
]


@pytest.mark.parametrize(("probability", "freedom", "expected"), TABLE_OF_T)
def test_students_quantiles_are_those_of_the_tables(probability: float, freedom: float, expected: float) -> None:
    assert student_quantile(probability, freedom) == pytest.approx(expected, abs=6e-5)
    assert student_quantile(1 - probability, freedom) == pytest.approx(-expected, abs=6e-5)


@pytest.mark.parametrize(("probability", "freedom"), [(0.0, 5), (1.0, 5), (0.5, 0)])
def test_an_impossible_quantile_is_refused(probability: float, freedom: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        student_quantile(probability, freedom)


def test_wilsons_interval_is_that_of_the_paper() -> None:
    found = wilson(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


@pytest.mark.parametrize(("first", "second", "expected"), NEWCOMBES_EXAMPLES)
def test_newcombes_interval_is_that_of_the_paper(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    found = newcombe(first, second)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(expected[0], abs=5e-5), pytest.approx(expected[1], abs=5e-5))


def test_welchs_interval_is_that_worked_out_by_hand() -> None:
    """15 people of mean 20.8 and variance 7.9 against 15 of 23.0 and 3.8: error 0.8832, 24.94 degrees, t 2.0597."""
    found = welch(described(15, 20.8, 7.9), described(15, 23.0, 3.8))
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(-2.2 - 1.8191, abs=1e-3), pytest.approx(-2.2 + 1.8191, abs=1e-3))
    equal = welch(described(6, 10.0, 2.0), described(6, 8.0, 2.0))  # equal variances: 10 degrees, as in Student's test
    assert equal is not None
    assert equal.high - 2.0 == pytest.approx(2.2281 * (2 * 2 / 6) ** 0.5, abs=1e-4)


@pytest.mark.parametrize(
    ("one", "other"),
    [(Sample(count=1, total=5, squares=25), Sample(count=9)), (Sample(count=9), Sample(count=9))],
)
def test_too_few_people_or_nothing_that_varies_have_no_interval(one: Sample, other: Sample) -> None:
    assert welch(one, other) is None
    assert newcombe((0, 0), (1, 2)) is None


@given(st.integers(1, 400), st.data())
def test_an_interval_of_shares_holds_the_observed_difference_and_turns_round(count: int, data: st.DataObject) -> None:
    other = data.draw(st.integers(1, 400))
    first, second = (data.draw(st.integers(0, count)), count), (data.draw(st.integers(0, other)), other)
    there, back = newcombe(first, second), newcombe(second, first)
    assert there is not None
    assert back is not None
    assert -1 <= there.low <= first[0] / count - second[0] / other <= there.high <= 1
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))


@pytest.mark.parametrize(("called", "control", "share", "base"), [(950, 50, 0.08, 0.05), (300, 300, 0.2, 0.2)])
def test_the_true_difference_of_shares_lies_in_95_of_100_intervals(
    called: int, control: int, share: float, base: float
) -> None:
    random, runs = numpy.random.default_rng(7), 1500
    draws = zip(random.binomial(called, share, runs), random.binomial(control, base, runs), strict=True)
    found = [newcombe((int(one), called), (int(other), control)) for one, other in draws]
    held = sum(interval is not None and interval.holds(share - base) for interval in found)
    assert held / runs == pytest.approx(0.95, abs=0.02)


def test_the_true_difference_of_revenue_lies_in_95_of_100_intervals() -> None:
    """Most people spend nothing, some a little, few a lot: the real shape, not a bell."""
    random, runs, held = numpy.random.default_rng(11), 800, 0

    def spent(people: int, share: float) -> Sample:
        bought = random.random(people) < share
        return sample(bought * random.lognormal(8, 0.6, people))

    mean = float(numpy.exp(8 + 0.6**2 / 2))
    for _ in range(runs):
        found = welch(spent(1500, 0.10), spent(300, 0.08))
        held += found is not None and found.holds(mean * 0.02)
    assert held / runs == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("first", "second", "people"),
    [(0.25, 0.40, 152), (0.6, 0.5, 388), (0.12, 0.10, 3841)],  # Fleiss' tables, without the continuity correction
)
def test_people_a_comparison_of_shares_needs_are_those_of_the_tables(first: float, second: float, people: int) -> None:
    assert people_for_shares(first, second, 1) == (people, people)


def test_a_small_control_group_needs_more_people_in_all() -> None:
    even, uneven = people_for_shares(0.12, 0.10, 1), people_for_shares(0.12, 0.10, 19)
    assert even is not None
    assert uneven is not None
    assert uneven[0] == pytest.approx(19 * uneven[1], rel=0.01)
    assert uneven[1] < even[1]
    assert sum(uneven) > sum(even)


def test_what_can_be_detected_is_what_just_needs_these_people() -> None:
    rise = detectable_rise(3841, (384, 3841))
    assert rise == pytest.approx(0.02, abs=1e-4)
    assert detectable_rise(20, (2, 3000)) is None
    rises = [detectable_rise(people, (people // 10, people)) for people in (100, 1000, 10_000)]
    assert all(one is not None and other is not None and one > other for one, other in pairwise(rises))


def test_a_difference_that_is_just_detectable_is_shown_four_times_out_of_five() -> None:
    random, runs = numpy.random.default_rng(3), 1000
    called, control, base = 4000, 400, 0.10
    rise = detectable_rise(called, (40, control))
    assert rise is not None
    draws = zip(random.binomial(called, base + rise, runs), random.binomial(control, base, runs), strict=True)
    found = [newcombe((int(one), called), (int(other), control)) for one, other in draws]
    assert sum(one is not None and one.low > 0 for one in found) / runs == pytest.approx(0.8, abs=0.05)


def test_means_need_four_times_the_people_for_half_the_difference() -> None:
    random = Random(1)
    base = sample([random.gauss(100, 30) for _ in range(500)])
    raised = [Sample(count=500, total=base.total + 500 * by, squares=0) for by in (4, 2)]
    far, near = [
        people_for_means(Sample(count=500, total=one.total, squares=_squares(base, one)), base) for one in raised
    ]
    assert far is not None
    assert near is not None
    assert near[0] == pytest.approx(4 * far[0], rel=0.01)
    assert detectable_difference(base, base) == pytest.approx(2.8 * (2 * base.variance / 500) ** 0.5, rel=0.01)
    assert people_for_means(base, base) is None


def described(count: int, mean: float, variance: float) -> Sample:
    return Sample(count=count, total=count * mean, squares=variance * (count - 1) + count * mean * mean)


def _squares(base: Sample, moved: Sample) -> float:
    """That gives the moved sample the variance of the base."""
    return base.variance * (base.count - 1) + moved.total * moved.mean


def sample(values: "list[float] | numpy.ndarray[tuple[int], numpy.dtype[numpy.float64]]") -> Sample:
    numbers = numpy.asarray(values, dtype=float)
    return Sample(count=len(numbers), total=float(numbers.sum()), squares=float((numbers**2).sum()))
