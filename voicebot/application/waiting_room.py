"""Where the idle lines of a process wait for work."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from voicebot.application.ports.wake import Doorbell


class WaitingRoom:
    """Everybody who waits is woken by every ring; a ring between the last look and the waiting is not missed."""

    def __init__(self, *, lines: int | None = None) -> None:
        """`lines`: conversations of this process at once, those of callers included; None: no bound here."""
        self._lines = lines
        self._talking = 0
        self.rings = 0
        """Rings so far: read it *before* looking for work, and pass it to `wait`."""
        self._rung = asyncio.Event()
        self._holding = 0

    def ring(self) -> None:
        """Wake everybody."""
        self.rings += 1
        self._rung.set()
        self._rung = asyncio.Event()

    @property
    def held_back(self) -> bool:
        """Whether no line may begin a call just now.

        A manager's call-back needs a second slot; or callers have taken lines' places: one slot is to stay free, for a
        customer who asks for a manager is put through over a slot of its own.
        """
        return self._holding > 0 or (self._lines is not None and self._talking >= self._lines)

    @contextmanager
    def talking(self) -> Iterator[None]:
        """One conversation more as long as the block runs; a caller's is never refused, the lines make up for it."""
        self._talking += 1
        try:
            yield
        finally:
            self._talking -= 1

    @contextmanager
    def hold_back(self) -> Iterator[None]:
        """The lines of this process begin no new call as long as the block runs."""
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
            self.ring()

    async def wait(self, seen: int, seconds: float, stop: asyncio.Event) -> None:
        """Return at a ring after the first `seen` ones, at `stop`, or after so many seconds."""
        if self.rings > seen or stop.is_set():
            return
        waiting = [
            asyncio.ensure_future(self._rung.wait()),
            asyncio.ensure_future(stop.wait()),
        ]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.wait(waiting)


@asynccontextmanager
async def waiting_at(doorbell: Doorbell, *, lines: int | None = None) -> AsyncIterator[WaitingRoom]:
    """A room for so many conversations at once whose bell is connected as long as the block runs."""
    waiting_room = WaitingRoom(lines=lines)
    listening = asyncio.create_task(doorbell.listen(waiting_room.ring), name="doorbell")
    try:
        yield waiting_room
    finally:
        listening.cancel()
        await asyncio.wait({listening})
