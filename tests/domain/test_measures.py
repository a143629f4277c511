"""What the measures come to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from voicebot.domain.cohorts import CohortMonth, Comeback, cohorts
from voicebot.domain.measures import (
    MEASURES,
    StopLevel,
    Tally,
    burns_out,
    contact_cost,
    nps,
    reminder_effect,
    stop_level,
)
from voicebot.domain.report import ReportQuery, Span, days_of

OCTOBER = date(2026, 10, 1)


def test_tallies_are_added_field_by_field() -> None:
    one = Tally(dialled=3, revenue=Decimal("1.50"), scores=1)
    assert one + one + Tally() == Tally(dialled=6, revenue=Decimal(3), scores=2)


def test_nothing_is_divided_by_nothing() -> None:
    shares = [one for one in MEASURES if one.denominator]
    assert shares
    assert all(one.value(Tally()) is None for one in shares)


def test_every_measure_names_what_it_divides() -> None:
    tally = Tally(people_dialled=4, people_reached=3, talks=10, interested=2, promoters=5, detractors=3, scores=8)
    values = {one.key: one.value(tally) for one in MEASURES}
    assert (values["reached_share"], values["interested_share"], values["nps"]) == (0.75, 0.2, 25.0)
    assert nps(Tally(scores=4, detractors=4)) == -100


def test_a_contact_costs_calls_and_messages_over_talks() -> None:
    tally = Tally(talks=8, call_cost=Decimal("50.00"), messages=4)
    cost = contact_cost(tally, sms_price=Decimal("2.50"), operator=Decimal(30))
    assert (cost.total, cost.per_talk, cost.times_cheaper) == (Decimal(60), Decimal("7.50"), 4.0)
    assert contact_cost(tally, sms_price=Decimal(0), operator=Decimal(0)).times_cheaper is None
    assert contact_cost(Tally(), sms_price=Decimal(1), operator=Decimal(1)).per_talk is None


@pytest.mark.parametrize(
    ("stops", "talks", "level"),
    [
        (1, 19, None),
        (0, 0, None),
        (2, 100, StopLevel.NORMAL),
        (3, 100, StopLevel.RAISED),
        (5, 100, StopLevel.RAISED),
        (6, 100, StopLevel.ALARM),
    ],
)
def test_a_stop_list_rate_is_judged_where_there_are_talks_enough(
    stops: int, talks: int, level: StopLevel | None
) -> None:
    assert stop_level(stops, talks) is level


def test_a_reminder_is_compared_with_one_nobody_heard() -> None:
    tally = Tally(reminded=200, reminded_redeemed=60, missed=200, missed_redeemed=20)
    effect = reminder_effect(tally)
    assert effect is not None
    assert effect.difference == pytest.approx(0.2)
    assert effect.interval is not None
    assert not effect.interval.holds(0)
    assert reminder_effect(Tally(reminded=5)) is None


def test_conversion_that_falls_is_told_from_one_that_wavers() -> None:
    assert burns_out([(30, 100), (24, 100), (18, 100), (10, 100)]) is True
    assert burns_out([(20, 100), (24, 100), (19, 100), (21, 100)]) is False
    assert burns_out([(10, 100), (18, 100), (24, 100)]) is False
    assert burns_out([(3, 10), (1, 10)]) is None
    assert burns_out([(0, 10), (0, 10), (0, 10)]) is None
    assert burns_out([(0, 0), (5, 50), (0, 0)]) is None


def test_cohorts_add_up_to_today() -> None:
    def month(age: int, **rest: int) -> CohortMonth:
        counts = {"buyers": 0, "repeaters": 0, "orders": 0} | rest
        return CohortMonth(month=OCTOBER, age=age, revenue=Decimal(counts["orders"] * 100), **counts)

    found = cohorts([month(0, buyers=4, orders=5, repeaters=1), month(2, repeaters=2, orders=2)], now=date(2027, 1, 5))
    (october,) = found
    assert october.repeat_rates == (0.25, 0.25, 0.75, 0.75)
    assert october.values == (Decimal(125), Decimal(125), Decimal(175), Decimal(175))
    assert (october.repeat_rate, october.value) == (0.75, Decimal(175))


def test_the_won_back_are_shares_of_those_whose_days_are_over() -> None:
    back = Comeback(month=OCTOBER, people=40, waiting=7, returned=10, repeated=4, revenue=Decimal(1000))
    assert (back.return_rate, back.repeat_rate, back.value) == (0.25, 0.4, Decimal(25))
    nobody = Comeback(month=OCTOBER, people=0, waiting=7, returned=0, repeated=0, revenue=Decimal(0))
    assert (nobody.return_rate, nobody.repeat_rate, nobody.value) == (None, None, None)


def test_a_report_knows_the_days_before_it() -> None:
    query = ReportQuery(since=OCTOBER, until=OCTOBER + timedelta(days=6), script="winback")
    assert query.days == 7
    assert query.before == ReportQuery(since=date(2026, 9, 24), until=date(2026, 9, 30), script="winback")


@pytest.mark.parametrize(("span", "first"), [(Span.DAY, 30), (Span.WEEK, 24), (Span.MONTH, 1)])
def test_a_letter_tells_of_days_that_are_over(span: Span, first: int) -> None:
    assert days_of(span, OCTOBER) == (date(2026, 9, first), date(2026, 9, 30))
