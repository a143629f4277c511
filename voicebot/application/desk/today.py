"""What goes on now, what the day came to, what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from voicebot.application.desk.measure import paused
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.today import Funnel, LiveCall, OpenQueue
from voicebot.domain.alarms import Alarm, DayCounts, alarms

_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """Everything there is to show."""

    now: datetime
    live: tuple[LiveCall, ...]
    waiting: int
    """People on the lists of running campaigns who wait for a call."""
    funnel: Funnel
    queue: OpenQueue
    alarms: tuple[Alarm, ...]


async def look(open_unit: OpenDeskUnit, now: datetime, zone: ZoneInfo, *, week: DayCounts, waiting: int) -> Picture:
    """The state of this moment; `week` and `waiting`, which are dear, were counted a little before."""
    midnight = _midnight(now, zone)
    async with open_unit() as unit:
        today = await unit.today.counts(midnight, now)
        return Picture(
            now=now,
            live=await unit.today.live(),
            waiting=waiting,
            funnel=await unit.today.funnel(midnight),
            queue=await unit.today.queue(),
            alarms=alarms(today, week, paused(await unit.trunks.known(), now)),
        )


async def look_back(open_unit: OpenDeskUnit, now: datetime, zone: ZoneInfo) -> DayCounts:
    """What the seven days before today came to."""
    midnight = _midnight(now, zone)
    async with open_unit() as unit:
        return await unit.today.counts(midnight - _WEEK, midnight)


async def count_waiting(open_unit: OpenDeskUnit) -> int:
    """How many people on the lists of running campaigns wait for a call."""
    async with open_unit() as unit:
        return await unit.today.waiting()


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
