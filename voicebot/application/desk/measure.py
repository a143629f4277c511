"""Everything that is measured, at one moment."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.ports.measurements import CallKind, Spread
from voicebot.application.ports.today import OpenQueue
from voicebot.domain.alarms import Alarm, DayCounts, PausedTrunk, alarms
from voicebot.domain.pacing import TrunkLoad
from voicebot.domain.process import Process
from voicebot.domain.work_in_hand import JobCount

_WEEK: Final = timedelta(days=7)
_HOUR: Final = timedelta(hours=1)
_SETTLED: Final = timedelta(days=1)
"""Calls from before the day before are over, whatever happened to their line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What /metrics tells."""

    at: datetime
    ended: Mapping[CallKind, int]
    """All calls there ever were."""
    live: Mapping[str, int]
    """Calls by campaign."""
    queue: Mapping[tuple[str, str], int]
    """Leads by campaign and state."""
    processes: tuple[Process, ...]
    """That give signs of life."""
    trunks: tuple[TrunkLoad, ...]
    jobs: Sequence[JobCount]
    dead_letters: Mapping[str, int]
    escalations: Mapping[bool, int]
    """Open ones: urgent or not."""
    oldest_escalation: datetime | None
    reply_gaps: Spread
    """Of the last hour."""
    event_to_invite: Spread
    """Of the last hour."""
    today: DayCounts
    week: DayCounts
    """The seven days before today."""
    alarms: tuple[Alarm, ...]
    """As the first page of the desk shows them."""


@dataclass
class CallTotals:
    """Counts of all calls; those that cannot change any more are counted once."""

    until: datetime | None = None
    settled: Counter[CallKind] = field(default_factory=Counter)

    async def count(self, unit: DeskUnit, midnight: datetime) -> Mapping[CallKind, int]:
        """Every call that is over; `midnight`: when today began."""
        bound = midnight - _SETTLED
        if self.until is None or self.until < bound:
            more = await unit.measurements.ended(self.until, bound)
            self.settled, self.until = self.settled + Counter(dict(more)), bound
        return self.settled + Counter(dict(await unit.measurements.ended(self.until, None)))


async def measure(open_unit: OpenDeskUnit, totals: CallTotals, *, now: datetime, midnight: datetime) -> Measured:
    """Look at everything; raises StoreError."""
    async with open_unit() as unit:
        trunks, open_now = await unit.trunks.known(), await unit.today.queue()
        today = await unit.today.counts(midnight, now)
        week = await unit.today.counts(midnight - _WEEK, midnight)
        return Measured(
            at=now,
            ended=await totals.count(unit, midnight),
            live=await unit.measurements.live(),
            queue=await unit.measurements.queue(now),
            processes=tuple(one for one in await unit.processes.all() if not one.gone(now)),
            trunks=trunks,
            jobs=await unit.workload.jobs(),
            dead_letters=await unit.measurements.dead_letters(),
            escalations=_open(open_now),
            oldest_escalation=open_now.oldest_at,
            reply_gaps=await unit.measurements.reply_gaps(now - _HOUR),
            event_to_invite=await unit.measurements.event_to_invite(now - _HOUR),
            today=today,
            week=week,
            alarms=alarms(today, week, paused(trunks, now)),
        )


def paused(trunks: Sequence[TrunkLoad], now: datetime) -> tuple[PausedTrunk, ...]:
    """Trunks that are left alone just now."""
    return tuple(
        PausedTrunk(name=one.name, until=one.breaker.paused_until)
        for one in trunks
        if one.breaker.paused_until is not None and one.breaker.paused_until > now
    )


def _open(queue: OpenQueue) -> Mapping[bool, int]:
    return {True: queue.urgent, False: queue.open - queue.urgent}
