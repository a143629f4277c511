"""Keeps the sums of reports."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls
from voicebot.adapters.store.report_facts import CHANGED_DAYS, FILL_COHORTS, FILL_DAYS, FILL_GROUPS, FILL_SPLITS
from voicebot.adapters.store.report_tables import (
    report_cohorts,
    report_days,
    report_groups,
    report_splits,
    report_state,
)
from voicebot.application.ports.reports import Part, PartState


class SqlReportSums:
    """The sums in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, part: Part) -> PartState | None:
        await self._connection.execute(insert(report_state).values(part=part).on_conflict_do_nothing())
        found = await self._connection.execute(
            select(report_state).where(report_state.c.part == part).with_for_update(skip_locked=True)
        )
        row = found.one_or_none()
        if row is None:
            return None
        return PartState(at=row.at, took_ms=row.took_ms, zone=row.zone, before=row.before)

    async def save(self, part: Part, state: PartState) -> None:
        values = {"at": state.at, "took_ms": state.took_ms, "zone": state.zone, "before": state.before}
        await self._connection.execute(report_state.update().where(report_state.c.part == part).values(values))

    async def first_day(self, zone: ZoneInfo) -> date | None:
        first: datetime | None = await self._connection.scalar(select(func.min(calls.c.dialled_at)))
        return first.astimezone(zone).date() if first else None

    async def changed_days(self, since: datetime, until: datetime, *, zone: ZoneInfo) -> frozenset[date]:
        values = {"since": since, "until": until, "zone": zone.key}
        return frozenset(await self._connection.scalars(text(CHANGED_DAYS), values))

    async def forget_days(self) -> None:
        for table in (report_days, report_splits):
            await self._connection.execute(table.delete())

    async def add_up(self, first: date, last: date, *, zone: ZoneInfo) -> None:
        for table in (report_days, report_splits):
            await self._connection.execute(table.delete().where(table.c.day.between(first, last)))
        for statement in (FILL_DAYS, FILL_SPLITS):
            await self._connection.execute(text(statement), stretch(first, last, zone))

    async def add_up_cohorts(self, zone: ZoneInfo) -> None:
        await self._connection.execute(report_cohorts.delete())
        await self._connection.execute(text(FILL_COHORTS), {"zone": zone.key})

    async def add_up_groups(self, at: datetime, zone: ZoneInfo) -> None:
        await self._connection.execute(report_groups.delete())
        await self._connection.execute(text(FILL_GROUPS), {"at": at, "zone": zone.key})


def stretch(first: date, last: date, zone: ZoneInfo) -> dict[str, object]:
    """What the statements of `report_facts` are bound to for these days."""
    return {
        "since": datetime.combine(first, time(), zone),
        "until": datetime.combine(last + timedelta(days=1), time(), zone),
        "zone": zone.key,
    }
