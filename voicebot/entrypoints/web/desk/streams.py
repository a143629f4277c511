"""Parts of pages that are kept true: sent again whenever they have changed (server-sent events)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from aiohttp import web

from voicebot.entrypoints.web.desk.keys import desk_of

_LOOK_S: Final = 2.0
"""How often a page that is open is told what is new."""
_LONGEST: Final = timedelta(minutes=30)
"""A stream ends then; the browser opens the next one, and shows its session once more."""
_NEVER: Final = asyncio.Event()
CLOSING: web.AppKey[asyncio.Event] = web.AppKey("closing", asyncio.Event)
"""Set when the server stops: streams end instead of being waited for."""


async def stream(request: web.Request, draw: Callable[[], Awaitable[str]]) -> web.StreamResponse:
    """What `draw` gives, for the page's `data-stream` with `data-event="live"`."""
    desk = desk_of(request)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    shown, until = "", desk.clock.now() + _LONGEST
    with contextlib.suppress(ConnectionResetError):
        while desk.clock.now() < until and not request.app.get(CLOSING, _NEVER).is_set():
            text = await draw()
            if text != shown:
                shown = text
                lines = "".join(f"data: {line}\n" for line in text.splitlines())
                await response.write(f"event: live\n{lines}\n".encode())
            else:
                await response.write(b": still here\n\n")
            await asyncio.sleep(_LOOK_S)
    return response
