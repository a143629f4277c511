"""The first page: what goes on now, what the day came to, what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from aiohttp import web

from voicebot.application.ports.today import Funnel, LiveCall, OpenQueue
from voicebot.domain.alarms import Alarm, PausedTrunk, alarms
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import Desk, desk_of
from voicebot.entrypoints.web.desk.pages import fragment, page
from voicebot.entrypoints.web.desk.routes import get
from voicebot.entrypoints.web.desk.streams import Shared, stream

_ONE_LOOK: Final = 0.9
"""A little less than a look lasts: who alone looks again sees what is new."""
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """Everything the page shows."""

    now: datetime
    live: tuple[LiveCall, ...]
    funnel: Funnel
    queue: OpenQueue
    alarms: tuple[Alarm, ...]


async def look(desk: Desk) -> Picture:
    """The state of this moment."""
    now = desk.clock.now()
    midnight = now.astimezone(desk.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    async with desk.open_unit() as unit:
        paused = [one for one in await unit.trunks.known() if (one.breaker.paused_until or now) > now]
        return Picture(
            now=now,
            live=await unit.today.live(),
            funnel=await unit.today.funnel(midnight),
            queue=await unit.today.queue(),
            alarms=alarms(
                await unit.today.counts(midnight, now),
                await unit.today.counts(midnight - _WEEK, midnight),
                tuple(PausedTrunk(name=one.name, until=one.breaker.paused_until or now) for one in paused),
            ),
        )


PICTURE: web.AppKey[Shared[Picture]] = web.AppKey("picture", Shared)
"""What all open pages of this process are shown: one look at the database serves them all."""


def shared_picture(desk: Desk) -> Shared[Picture]:
    """One for the whole application."""
    return Shared(partial(look, desk), fresh_s=desk.look_s * _ONE_LOOK)


async def show_today(request: web.Request) -> web.Response:
    """The page."""
    desk = desk_of(request)
    return page(request, "today.html", picture=await look(desk), zone=desk.zone)


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
