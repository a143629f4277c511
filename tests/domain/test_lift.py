"""Lift: every measure with its certainty, and when there are people enough."""

from voicebot.domain.confidence import LEVEL, Sample
from voicebot.domain.lift import CALLED, CONTROL, Comparison, GroupFigures, Measure, compare, compare_variants


def group(name: str, people: int, buyers: int, spent: float = 2000.0) -> GroupFigures:
    """Every buyer ordered once for the same sum."""
    return GroupFigures(
        name=name,
        buyers=buyers,
        orders=Sample(count=people, total=buyers, squares=buyers),
        revenue=Sample(count=people, total=buyers * spent, squares=buyers * spent**2),
    )


def measured(first: GroupFigures, second: GroupFigures) -> dict[Measure, Comparison]:
    return {one.measure: one for one in compare(first, second).comparisons}


def test_a_clear_difference_among_many_is_shown_in_every_measure() -> None:
    found = measured(group(CALLED, 9500, 1140), group(CONTROL, 500, 30))
    assert set(found) == set(Measure)
    assert all(one.shown and one.enough for one in found.values())
    assert round(found[Measure.BUYERS].lift or 0) == 100
    assert found[Measure.REVENUE].difference == 120.0


def test_a_small_control_group_shows_nothing_and_says_how_many_it_takes() -> None:
    buyers = measured(group(CALLED, 1900, 209), group(CONTROL, 100, 10))[Measure.BUYERS]
    assert not buyers.shown
    assert not buyers.enough
    assert buyers.needed is not None
    assert buyers.needed[1] > 5000
    assert buyers.needed[0] > 18 * buyers.needed[1]
    assert buyers.detectable is not None
    assert buyers.detectable > buyers.difference


def test_a_handful_of_buyers_is_never_enough() -> None:
    found = measured(group(CALLED, 986, 141), group(CONTROL, 52, 2))
    assert found[Measure.REVENUE].shown
    assert not any(one.enough for one in found.values())


def test_groups_of_nobody_and_of_nobody_who_buys_are_no_error() -> None:
    for first, second in ((0, 0), (5, 0), (0, 5), (500, 500)):
        found = measured(group(CALLED, first, 0), group(CONTROL, second, 0))
        assert not any(one.shown or one.enough or one.lift for one in found.values())


def test_each_pair_of_variants_is_judged_more_strictly_the_more_there_are() -> None:
    one, two, three = (group(name, 1000, 100) for name in "ABC")
    (alone,) = compare_variants([one, two])
    assert (alone.first, alone.second, alone.level) == ("B", "A", LEVEL)
    among = compare_variants([one, two, three])
    assert [(each.first, each.second) for each in among] == [("B", "A"), ("C", "A"), ("C", "B")]
    narrow, wide = alone.comparisons[0].interval, among[0].comparisons[0].interval
    assert narrow is not None
    assert wide is not None
    assert wide.low < narrow.low < narrow.high < wide.high
    assert compare_variants([]) == compare_variants([one]) == ()
