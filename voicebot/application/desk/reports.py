"""One report: lines, totals, plots' figures, costs, the worth of the calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.application.ports.reports import LineKey, Part
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
from voicebot.domain.report import Grouping, ReportQuery, SplitKind

_DAYS_EACH: Final = 45
"""So many days are shown one by one in plots; more of them by week, still more by month."""
_WEEKS_EACH: Final = 200
_STEPS: Final = {Grouping.DAY: timedelta(days=1), Grouping.WEEK: timedelta(days=7), Grouping.MONTH: timedelta(days=31)}
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
    tallies = await unit.reports.tallies(query, by, zone=zone)
    work = await unit.reports.work(query, by, zone=zone)
    total = await _total(unit, query, prices, zone)
    course_by = _steps(query.days)
    steps = tallies if course_by is by else await unit.reports.tallies(query, course_by, zone=zone)
    course = _without_gaps({key.day: tally for key, tally in steps.items() if key.day}, course_by, query)
    weeks = course
    if course_by is Grouping.DAY:
        found = await unit.reports.tallies(query, Grouping.WEEK, zone=zone)
        weeks = tuple((key.day, tally) for key, tally in found.items() if key.day is not None)
    return Report(
        query=query,
        by=by,
        at=now,
        lines=tuple(
            _line(key, tallies.get(key, Tally()), work.get(key, NO_WORK), prices) for key in _ordered(tallies, work)
        ),
        total=total,
        before=await _total(unit, query.before, prices, zone),
        course=course,
        course_by=course_by,
        splits=await unit.reports.splits(query, zone=zone),
        lifts=await _lifts(unit, query.campaign_id),
        burns_out=burns_out([(tally.interested, tally.talks) for _, tally in weeks]),
        fresh_at=await unit.reports.fresh_at(Part.DAYS),
    )


def _steps(days: int) -> Grouping:
    if days <= _DAYS_EACH:
        return Grouping.DAY
    return Grouping.WEEK if days <= _WEEKS_EACH else Grouping.MONTH


def _without_gaps(found: Mapping[date, Tally], by: Grouping, query: ReportQuery) -> tuple[tuple[date, Tally], ...]:
    """Every day, week or month of the query; those of which nothing is known are empty."""
    first = query.since
    if by is Grouping.WEEK:
        first -= timedelta(days=first.weekday())
    elif by is Grouping.MONTH:
        first = first.replace(day=1)
    course = []
    while first <= query.until:
        course.append((first, found.get(first, Tally())))
        first = (first + _STEPS[by]).replace(day=1) if by is Grouping.MONTH else first + _STEPS[by]
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
    return _line(LineKey(), tallies.get(LineKey(), Tally()), work.get(LineKey(), NO_WORK), prices)


def _line(key: LineKey, tally: Tally, work: WorkFigures, prices: Prices) -> ReportLine:
    cost = contact_cost(tally, sms_price=prices.sms, operator=prices.operator)
    return ReportLine(key=key, tally=tally, work=work, cost=cost)


async def _lifts(unit: DeskUnit, campaign_id: int | None) -> tuple[CampaignLift, ...]:
    lifts = []
    for one in await unit.report_groups.groups(campaign_id):
        buyers, _, revenue = compare(one.called, one.control).comparisons
        lifts.append(
            CampaignLift(
                campaign=one.campaign,
                buyers=buyers,
                revenue=revenue,
                people=one.called.people,
                control=one.control.people,
            )
        )
    return tuple(lifts)


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
