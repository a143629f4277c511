"""The first page: what goes on now, what the day came to, what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from aiohttp import web

from voicebot.application.desk.measure import paused
from voicebot.application.ports.today import Funnel, LiveCall, OpenQueue
from voicebot.domain.alarms import Alarm, DayCounts, alarms
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import Desk, desk_of
from voicebot.entrypoints.web.desk.pages import fragment, page
from voicebot.entrypoints.web.desk.routes import get
from voicebot.entrypoints.web.desk.streams import Shared, stream

_ONE_LOOK: Final = 0.9
"""A little less than a look lasts: who alone looks again sees what is new."""
_LONG_AGO: Final = 30
"""Looks: what the week before came to is counted once in a minute."""
_LAZINESS: Final = 50
"""Whoever waits is counted anew after so many times as long as it took: one fiftieth of a core, at most."""
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """Everything the page shows."""

    now: datetime
    live: tuple[LiveCall, ...]
    waiting: int
    """People on the lists of running campaigns who wait for a call."""
    funnel: Funnel
    queue: OpenQueue
    alarms: tuple[Alarm, ...]


async def _look(desk: Desk, week: Shared[DayCounts], waiting: Shared[int]) -> Picture:
    """The state of this moment."""
    now, midnight = desk.clock.now(), _midnight(desk)
    before, people = await week.see(), await waiting.see()
    async with desk.open_unit() as unit:
        today = await unit.today.counts(midnight, now)
        return Picture(
            now=now,
            live=await unit.today.live(),
            waiting=people,
            funnel=await unit.today.funnel(midnight),
            queue=await unit.today.queue(),
            alarms=alarms(today, before, paused(await unit.trunks.known(), now)),
        )


async def _look_back(desk: Desk) -> DayCounts:
    async with desk.open_unit() as unit:
        return await unit.today.counts(_midnight(desk) - _WEEK, _midnight(desk))


async def _count_waiting(desk: Desk) -> int:
    async with desk.open_unit() as unit:
        return await unit.today.waiting()


def _midnight(desk: Desk) -> datetime:
    return desk.clock.now().astimezone(desk.zone).replace(hour=0, minute=0, second=0, microsecond=0)


PICTURE: web.AppKey[Shared[Picture]] = web.AppKey("picture", Shared)
"""What all open pages of this process are shown, up to a look old: one look at the database serves them all."""


def shared_picture(desk: Desk) -> Shared[Picture]:
    """One for the whole application."""
    week = Shared(partial(_look_back, desk), fresh_s=desk.look_s * _LONG_AGO)
    waiting = Shared(partial(_count_waiting, desk), fresh_s=0, laziness=_LAZINESS)
    return Shared(partial(_look, desk, week, waiting), fresh_s=desk.look_s * _ONE_LOOK)


async def show_today(request: web.Request) -> web.Response:
    """The page."""
    picture = await request.app[PICTURE].see()
    return page(request, "today.html", picture=picture, zone=desk_of(request).zone)


async def stream_today(request: web.Request) -> web.StreamResponse:
    """The same, again whenever it has changed (server-sent events)."""

    async def draw() -> str:
        picture = await request.app[PICTURE].see()
        return fragment(request, "today/live.html", picture=picture, zone=desk_of(request).zone)

    return await stream(request, draw)


ROUTES: Final = (
    get("/", show_today, Permission.SEE_TODAY),
    get("/today/stream", stream_today, Permission.SEE_TODAY),
)
