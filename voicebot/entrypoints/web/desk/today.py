"""The first page: what goes on now, what the day came to, what is wrong."""

from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from voicebot.application.desk.today import Picture, count_waiting, look, look_back
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.alarms import DayCounts
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import Desk, desk_of
from voicebot.entrypoints.web.desk.pages import fragment, page
from voicebot.entrypoints.web.desk.routes import get
from voicebot.entrypoints.web.desk.streams import Shared, stream

_LONG_AGO: Final = 30
"""Looks: what the week before came to is counted once in a minute."""
_LAZINESS: Final = 50
"""Whoever waits is counted anew after so many times as long as it took: one fiftieth of a core, at most."""
PICTURE: web.AppKey[Shared[Picture]] = web.AppKey("picture", Shared)
"""What all open pages of this process are shown, up to a look old: one look at the database serves them all."""


def shared_picture(desk: Desk) -> Shared[Picture]:
    """One for the whole application."""
    return share_picture(desk.open_unit, desk.clock, desk.zone, look_s=desk.look_s, fresh_s=desk.fresh_s)


def share_picture(
    open_unit: OpenDeskUnit, clock: Clock, zone: ZoneInfo, *, look_s: float, fresh_s: float
) -> Shared[Picture]:
    """`look_s`: how often somebody looks; what was seen is shown for `fresh_s`, seconds."""

    async def back() -> DayCounts:
        return await look_back(open_unit, clock.now(), zone)

    async def see() -> Picture:
        return await look(open_unit, clock.now(), zone, week=await week.see(), waiting=await waiting.see())

    week = Shared(back, fresh_s=look_s * _LONG_AGO)
    waiting = Shared(partial(count_waiting, open_unit), fresh_s=0, laziness=_LAZINESS)
    return Shared(see, fresh_s=fresh_s)


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
