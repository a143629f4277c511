"""Parts of pages that are kept true: sent again whenever they have changed (server-sent events)."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final, Generic, TypeVar
from weakref import WeakValueDictionary

from aiohttp import web

from voicebot.entrypoints.web.desk.keys import desk_of, session_of

_LONGEST: Final = timedelta(minutes=30)
"""A stream ends then; the browser opens the next one, and shows its session once more."""
_LOOKS_PER_PROOF: Final = 10
"""After so many looks the session must still be there: who signed out or was shut out sees no more."""
_NEVER: Final = asyncio.Event()
CLOSING: web.AppKey[asyncio.Event] = web.AppKey("closing", asyncio.Event)
"""Set when the server stops: streams end instead of being waited for."""
_Key = TypeVar("_Key")
_Seen = TypeVar("_Seen")


class Shared(Generic[_Seen]):
    """One look of a process for however many viewers; nobody looks while there are none."""

    def __init__(self, look: Callable[[], Awaitable[_Seen]], *, fresh_s: float, laziness: float = 0) -> None:
        """What was seen is shown for `fresh_s` seconds, or for `laziness` times as long as the look took if that is
        longer; then somebody looks again."""
        self._look = look
        self._fresh_s = fresh_s
        self._laziness = laziness
        self._lock = asyncio.Lock()
        self._seen: _Seen
        self._at = self._until = -math.inf

    async def see(self, *, since: float = -math.inf) -> _Seen:
        """What was seen of late, and not before `since` as the loop tells the time; those who come while somebody looks
        wait for what they see."""
        clock = asyncio.get_running_loop().time
        async with self._lock:
            began = clock()
            if began >= self._until or self._at < since:
                self._seen = await self._look()
                self._at, self._until = began, began + max(self._fresh_s, self._laziness * (clock() - began))
            return self._seen


class SharedByKey(Generic[_Key, _Seen]):
    """One `Shared` for each thing that is looked at, as long as somebody holds it."""

    def __init__(self, look: Callable[[_Key], Awaitable[_Seen]], *, fresh_s: float) -> None:
        self._look = look
        self._fresh_s = fresh_s
        self._held: WeakValueDictionary[_Key, Shared[_Seen]] = WeakValueDictionary()

    def of(self, key: _Key) -> Shared[_Seen]:
        """What everybody who looks at this sees."""
        shared = self._held.get(key)
        if shared is None:
            shared = self._held[key] = Shared(partial(self._look, key), fresh_s=self._fresh_s)
        return shared


async def stream(request: web.Request, draw: Callable[[], Awaitable[str]]) -> web.StreamResponse:
    """What `draw` gives, for the page's `data-stream` with `data-event="live"`."""
    return await send_parts(request, _drawn(request, draw), over=False)


async def send_parts(
    request: web.Request, parts: AsyncIterator[str | None], *, over: bool = True
) -> web.StreamResponse:
    """Each part as it comes; None is a sign of life. `over` tells the page at the end not to ask again."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with contextlib.suppress(ConnectionResetError):
        async for text in parts:
            if text is None:
                await response.write(b": still here\n\n")
            else:
                lines = "".join(f"data: {line}\n" for line in text.splitlines())
                await response.write(f"event: live\n{lines}\n".encode())
        if over:
            await response.write(b"event: over\ndata:\n\n")
    return response


async def _drawn(request: web.Request, draw: Callable[[], Awaitable[str]]) -> AsyncIterator[str | None]:
    """The part whenever it has changed, until the stream is old, the server stops or the session is over."""
    desk, shown, looks = desk_of(request), "", 0
    until = desk.clock.now() + _LONGEST
    while desk.clock.now() < until and not request.app.get(CLOSING, _NEVER).is_set():
        text = await draw()
        yield text if text != shown else None
        shown, looks = text, looks + 1
        await asyncio.sleep(desk.look_s)
        if looks % _LOOKS_PER_PROOF == 0 and not await _signed_in(request):
            return


async def _signed_in(request: web.Request) -> bool:
    """Whether the session of the request goes on; its key may have changed, its token for forms never does."""
    async with desk_of(request).open_unit() as unit:
        return await unit.sessions.goes_on(session_of(request).csrf)
