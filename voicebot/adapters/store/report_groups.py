"""Cohorts, and the called against the control groups, out of the sums."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import campaigns
from voicebot.adapters.store.report_tables import report_cohorts, report_groups
from voicebot.application.ports.reports import CampaignGroups
from voicebot.domain.cohorts import CohortMonth, Comeback
from voicebot.domain.confidence import Sample
from voicebot.domain.customer import ValueClass
from voicebot.domain.lift import CALLED, CONTROL, GroupFigures

LIFT_DAYS: Final = 30
COMEBACK_DAYS: Final = 90
_SUMS: Final = ("people", "waiting", "buyers", "repeaters", "orders", "orders_squared", "revenue", "revenue_squared")
_COHORT_SUMS: Final = ("buyers", "repeaters", "orders", "revenue")


class SqlReportGroups:
    """The questions in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def groups(self, campaign_id: int | None = None) -> tuple[CampaignGroups, ...]:
        table = report_groups.c
        query = (
            select(campaigns.c.id, campaigns.c.name, table.side, *_sums())
            .join(campaigns)
            .where(table.days == LIFT_DAYS, _of(campaign_id))
            .group_by(campaigns.c.id, table.side)
            .order_by(campaigns.c.id.desc())
        )
        sides: dict[str, dict[str, GroupFigures]] = {}
        for row in await self._connection.execute(query):
            sides.setdefault(row.name, {})[row.side] = _group(row)
        return tuple(
            CampaignGroups(campaign=name, called=both[CALLED], control=both[CONTROL])
            for name, both in sides.items()
            if len(both) > 1 and both[CALLED].people and both[CONTROL].people
        )

    async def comebacks(self, campaign_id: int | None = None) -> Mapping[str, tuple[Comeback, ...]]:
        table = report_groups.c
        query = (
            select(table.month, table.side, *_sums())
            .where(table.days == COMEBACK_DAYS, _of(campaign_id))
            .group_by(table.month, table.side)
            .order_by(table.month.desc())
        )
        found: dict[str, list[Comeback]] = {CALLED: [], CONTROL: []}
        for row in await self._connection.execute(query):
            found[row.side].append(_comeback(row))
        return {side: tuple(months) for side, months in found.items()}

    async def cohorts(self, value_class: ValueClass | None = None) -> tuple[CohortMonth, ...]:
        table = report_cohorts.c
        query = select(table.month, table.age, *(func.sum(table[name]).label(name) for name in _COHORT_SUMS))
        query = query.group_by(table.month, table.age)
        if value_class is not None:
            query = query.where(table.value_class == value_class)
        return tuple(_cohort_month(row) for row in await self._connection.execute(query))


def _sums() -> list[Any]:
    return [func.sum(report_groups.c[name]).label(name) for name in _SUMS]


def _of(campaign_id: int | None) -> Any:
    return report_groups.c.campaign_id == campaign_id if campaign_id is not None else True


def _group(row: Row[Any]) -> GroupFigures:
    people = int(row.people)
    return GroupFigures(
        name=row.side,
        buyers=int(row.buyers),
        orders=Sample(count=people, total=float(row.orders), squares=float(row.orders_squared)),
        revenue=Sample(count=people, total=float(row.revenue), squares=float(row.revenue_squared)),
        waiting=int(row.waiting),
    )


def _comeback(row: Row[Any]) -> Comeback:
    return Comeback(
        month=row.month,
        people=int(row.people),
        waiting=int(row.waiting),
        returned=int(row.buyers),
        repeated=int(row.repeaters),
        revenue=row.revenue,
    )


def _cohort_month(row: Row[Any]) -> CohortMonth:
    return CohortMonth(
        month=row.month,
        age=row.age,
        buyers=int(row.buyers),
        repeaters=int(row.repeaters),
        orders=int(row.orders),
        revenue=row.revenue,
    )
