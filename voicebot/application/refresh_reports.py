"""Sums that reports are made of are kept up to date."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.ports.reports import Part, PartState

_CHUNK: Final = timedelta(days=30)
"""Added up in one transaction."""
_DAY: Final = timedelta(days=1)
"""No call lasts longer: what happened before the last look is seen once more."""
_PAUSE: Final = timedelta(minutes=10)
_LAZINESS: Final = 100
"""Work on all orders is done anew after so many times as long as it took: one hundredth of the database, at most."""


async def refresh_reports(open_unit: OpenDeskUnit, clock: Clock, zone: ZoneInfo) -> int:
    """Add up the days before today that are not, or have changed; now and then the cohorts. Days added up."""
    days = await _refresh_days(open_unit, clock.now(), zone)
    for part in (Part.COHORTS, Part.GROUPS):
        await _refresh_all(open_unit, part, clock, zone)
    return days


async def _refresh_days(open_unit: OpenDeskUnit, now: datetime, zone: ZoneInfo) -> int:
    """Today is not among them: reports count it as it goes."""
    done = await _refresh_changed(open_unit, now, zone)
    while added := await _add_up_missing(open_unit, now.astimezone(zone).date(), zone):
        done += added
    return done


async def _refresh_changed(open_unit: OpenDeskUnit, now: datetime, zone: ZoneInfo) -> int:
    """Days that were added up and are not the same any more. Those that are missing come later, as they are by then:
    after a long pause nothing is added up twice."""
    async with open_unit() as unit:
        state = await unit.report_sums.lock(Part.DAYS)
        if state is None:
            return 0
        if state.zone != zone.key:
            await unit.report_sums.forget_days()
            state = PartState(zone=zone.key)
        done = await _add_up_changed(unit, state.before, state.at - _DAY, now, zone) if state.at and state.before else 0
        await unit.report_sums.save(Part.DAYS, replace(state, at=now))
        await unit.commit()
    return done


async def _add_up_missing(open_unit: OpenDeskUnit, today: date, zone: ZoneInfo) -> int:
    """The next stretch of days before today that have never been added up; how many days it was."""
    async with open_unit() as unit:
        state = await unit.report_sums.lock(Part.DAYS)
        if state is None:
            return 0
        before = state.before or await unit.report_sums.first_day(zone) or today
        until = min(before + _CHUNK, today)
        if before < until:
            await unit.report_sums.add_up(before, until - _DAY, zone=zone)
        if state.before is None or before < until:
            await unit.report_sums.save(Part.DAYS, replace(state, before=max(before, until)))
            await unit.commit()
    return max((until - before).days, 0)


async def _add_up_changed(unit: DeskUnit, before: date, since: datetime, now: datetime, zone: ZoneInfo) -> int:
    changed = await unit.report_sums.changed_days(since, now, zone=zone)
    days = sorted(day for day in changed if day < before)
    for day in days:
        await unit.report_sums.add_up(day, day, zone=zone)
    return len(days)


async def _refresh_all(open_unit: OpenDeskUnit, part: Part, clock: Clock, zone: ZoneInfo) -> None:
    async with open_unit() as unit:
        state = await unit.report_sums.lock(part)
        if state is None or not _is_due(state, clock.now(), zone):
            return
        started, now = clock.monotonic(), clock.now()
        if part is Part.COHORTS:
            await unit.report_sums.add_up_cohorts(zone)
        else:
            await unit.report_sums.add_up_groups(now, zone)
        took_ms = round((clock.monotonic() - started) * 1000)
        await unit.report_sums.save(part, PartState(at=now, took_ms=took_ms, zone=zone.key))
        await unit.commit()


def _is_due(state: PartState, now: datetime, zone: ZoneInfo) -> bool:
    if state.at is None or state.zone != zone.key:
        return True
    return now - state.at >= max(_PAUSE, timedelta(milliseconds=state.took_ms * _LAZINESS))
