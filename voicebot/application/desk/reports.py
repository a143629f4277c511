"""One report: lines, totals, plots' figures, costs, the worth of the calls."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.application.ports.reports import CampaignGroups, LineKey, Part
from voicebot.domain.cohorts import Cohort, Comeback, cohorts
from voicebot.domain.customer import ValueClass
from voicebot.domain.escalation_work import WorkFigures
from voicebot.domain.lift import CALLED, CONTROL, Comparison, compare
from voicebot.domain.measures import (
    ContactCost,
    ReminderEffect,
    StopLevel,
    Tally,
    burns_out,
    contact_cost,
    reminder_effect,
    stop_level,
)
from voicebot.domain.report import TIMES, Grouping, ReportQuery, SplitKind

_DAYS_EACH: Final = 45
"""So many days are shown one by one in plots; more of them by week, still more by month."""
_WEEKS_EACH: Final = 200
_STEPS: Final = {Grouping.DAY: timedelta(days=1), Grouping.WEEK: timedelta(days=7), Grouping.MONTH: timedelta(days=31)}
_LIFTS: Final = 8
"""Campaigns compared with their control groups, the newest."""
NO_WORK: Final = WorkFigures(taken=0, median=None, p90=None, resolved=0, first_contact=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prices:
    """What a contact costs beside the telephone."""

    sms: Decimal
    """RUB a message."""
    operator: Decimal
    """RUB that one talk costs when a person calls; 0: not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLine:
    """Everything that is known of one line."""

    key: LineKey
    tally: Tally
    work: WorkFigures
    cost: ContactCost

    @property
    def reminder(self) -> ReminderEffect | None:
        return reminder_effect(self.tally)

    @property
    def stop_level(self) -> StopLevel | None:
        return stop_level(self.tally.stops, self.tally.talks)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignLift:
    """Buyers of a campaign against its control group."""

    campaign: str
    buyers: Comparison
    revenue: Comparison
    """RUB a person."""
    people: int
    control: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One report as of one moment."""

    query: ReportQuery
    by: Grouping
    at: datetime
    lines: tuple[ReportLine, ...]
    total: ReportLine
    before: ReportLine
    """The total of the stretch before, as long as this one."""
    course: tuple[tuple[date, Tally], ...]
    """Over time: days, weeks or months, the oldest first."""
    course_by: Grouping
    splits: Mapping[SplitKind, Mapping[str, int]]
    lifts: tuple[CampaignLift, ...]
    burns_out: bool | None
    """Whether conversion falls; None for too little to tell."""
    fresh_at: datetime | None
    """When late news of earlier days were counted last; None: never."""


async def read_report(
    unit: DeskUnit, query: ReportQuery, by: Grouping, *, prices: Prices, zone: ZoneInfo, now: datetime
) -> Report:
    """The report; nothing of a person is in it."""
    course_by = _steps(query.days)
    slow_by = max(course_by, Grouping.WEEK, key=tuple(_STEPS).index)
    over_time = await _over_time(unit, query, {course_by, slow_by, by} & TIMES, zone)
    tallies = over_time[by] if by in TIMES else await unit.reports.tallies(query, by, zone=zone)
    work = await unit.reports.work(query, by, zone=zone)
    return Report(
        query=query,
        by=by,
        at=now,
        lines=tuple(
            _line(key, tallies.get(key, Tally()), work.lines.get(key, NO_WORK), prices)
            for key in _ordered(tallies, work.lines)
        ),
        total=_line(LineKey(), sum(over_time[slow_by].values(), Tally()), work.total, prices),
        before=await _total(unit, query.before, prices, zone),
        course=_without_gaps(over_time[course_by], course_by, query),
        course_by=course_by,
        splits=await unit.reports.splits(query, zone=zone),
        lifts=tuple(_lift(one) for one in (await unit.report_groups.groups(query.campaign_id))[:_LIFTS]),
        burns_out=burns_out([(tally.interested, tally.talks) for tally in over_time[slow_by].values()]),
        fresh_at=await unit.reports.fresh_at(Part.DAYS),
    )


async def _over_time(
    unit: DeskUnit, query: ReportQuery, wanted: Set[Grouping], zone: ZoneInfo
) -> Mapping[Grouping, Mapping[LineKey, Tally]]:
    """By each of these stretches; where days are wanted anyway, the others are added up from them."""
    if Grouping.DAY not in wanted:
        return {by: await unit.reports.tallies(query, by, zone=zone) for by in sorted(wanted)}
    found = await unit.reports.tallies(query, Grouping.DAY, zone=zone)
    days = {key.day: tally for key, tally in found.items() if key.day}
    return {by: found if by is Grouping.DAY else _stretches(days, by) for by in wanted}


def _stretches(days: Mapping[date, Tally], by: Grouping) -> dict[LineKey, Tally]:
    """Days added up to weeks or months, the oldest first."""
    found: dict[LineKey, Tally] = {}
    for day in sorted(days):
        key = LineKey(day=_beginning(day, by))
        found[key] = found.get(key, Tally()) + days[day]
    return found


def _beginning(day: date, by: Grouping) -> date:
    if by is Grouping.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by is Grouping.MONTH else day


def _steps(days: int) -> Grouping:
    if days <= _DAYS_EACH:
        return Grouping.DAY
    return Grouping.WEEK if days <= _WEEKS_EACH else Grouping.MONTH


def _without_gaps(found: Mapping[LineKey, Tally], by: Grouping, query: ReportQuery) -> tuple[tuple[date, Tally], ...]:
    """Every day, week or month of the query; those of which nothing is known are empty."""
    at, course = _beginning(query.since, by), []
    while at <= query.until:
        course.append((at, found.get(LineKey(day=at), Tally())))
        at = _beginning(at + _STEPS[by], by)
    return tuple(course)


def _ordered(tallies: Mapping[LineKey, Tally], work: Mapping[LineKey, WorkFigures]) -> list[LineKey]:
    """By time, else the line with most calls first."""
    return sorted(
        {**dict.fromkeys(tallies), **dict.fromkeys(work)},
        key=lambda key: (key.day or date.min, -tallies[key].dialled if key in tallies else 0, key.name, key.detail),
    )


async def _total(unit: DeskUnit, query: ReportQuery, prices: Prices, zone: ZoneInfo) -> ReportLine:
    tallies = await unit.reports.tallies(query, None, zone=zone)
    work = await unit.reports.work(query, None, zone=zone)
    return _line(LineKey(), sum(tallies.values(), Tally()), work.total, prices)


def _line(key: LineKey, tally: Tally, work: WorkFigures, prices: Prices) -> ReportLine:
    cost = contact_cost(tally, sms_price=prices.sms, operator=prices.operator)
    return ReportLine(key=key, tally=tally, work=work, cost=cost)


@lru_cache(maxsize=128)
def _lift(groups: CampaignGroups) -> CampaignLift:
    """Intervals take milliseconds; the groups change a few times an hour."""
    buyers, _, revenue = compare(groups.called, groups.control).comparisons
    return CampaignLift(
        campaign=groups.campaign,
        buyers=buyers,
        revenue=revenue,
        people=groups.called.people,
        control=groups.control.people,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortReport:
    """Customers by the month of their first order, and the won back against those left alone."""

    cohorts: tuple[Cohort, ...]
    """The newest first."""
    buyers: int
    repeat_rate: float | None
    """Customers with a second order / customers; None without any."""
    value: Decimal | None
    """LTV: RUB of all orders / customers."""
    called: tuple[Comeback, ...]
    control: tuple[Comeback, ...]
    """The newest month first; orders of 90 days count."""
    fresh_at: datetime | None


async def read_cohorts(
    unit: DeskUnit, *, value_class: ValueClass | None, campaign_id: int | None, today: date
) -> CohortReport:
    """The class narrows the cohorts, the campaign the won back."""
    found = cohorts(await unit.report_groups.cohorts(value_class), now=today)
    buyers = sum(one.buyers for one in found)
    comebacks = await unit.report_groups.comebacks(campaign_id)
    revenue = sum((one.value * one.buyers for one in found), Decimal(0))
    return CohortReport(
        cohorts=found,
        buyers=buyers,
        repeat_rate=sum(one.repeat_rate * one.buyers for one in found) / buyers if buyers else None,
        value=(revenue / buyers).quantize(Decimal("0.01")) if buyers else None,
        called=comebacks[CALLED],
        control=comebacks[CONTROL],
        fresh_at=await unit.reports.fresh_at(Part.COHORTS),
    )
