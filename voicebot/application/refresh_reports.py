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
    today, done, missing = now.astimezone(zone).date(), 0, True
    while missing:
        async with open_unit() as unit:
            state = await unit.report_sums.lock(Part.DAYS)
            if state is None:
                return done
            if state.zone != zone.key:
                await unit.report_sums.forget_days()
                state = PartState(zone=zone.key)
            before = state.before or await unit.report_sums.first_day(zone) or today
            missing = before < today
            if missing:
                until = min(before + _CHUNK, today)
                await unit.report_sums.add_up(before, until - _DAY, zone=zone)
                done, state = done + (until - before).days, replace(state, before=until)
            else:
                done += await _add_up_changed(unit, before, (state.at or now) - _DAY, now, zone)
                state = replace(state, before=before, at=now)
            await unit.report_sums.save(Part.DAYS, state)
            await unit.commit()
    return done


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
