"""One far end of a bridge: whether it answered, is gone, has heard what was played."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from voicebot.application.ports.telephone import Connected, Disconnected, PhoneCall, PlaybackEnded
from voicebot.domain.audio import Audio


class PhoneLeg:
    """Reads the call's events to the end, so that nobody's voice piles up unread."""

    def __init__(self, call: PhoneCall) -> None:
        self.call = call
        self.gone = asyncio.Event()
        """The call is over, or never came about."""
        self.ending: Disconnected | None = None
        """How it ended; None while it goes on."""
        self._answered = asyncio.Event()
        self._heard = asyncio.Condition()
        self._last_heard = 0

    async def answered(self) -> bool:
        """Waits until it is picked up (True) or over (False)."""
        await first_of(self._answered.wait(), self.gone.wait())
        return self._answered.is_set() and not self.gone.is_set()

    async def tell(self, audio: Audio) -> None:
        """Play it and wait until it was heard, or nobody is there any more."""
        number = await self.call.play(audio)
        await first_of(self._was_heard(number), self.gone.wait())

    async def listen(self) -> None:
        """Read events until the last one."""
        async for event in self.call.events():
            match event:
                case Connected():
                    self._answered.set()
                case PlaybackEnded(number=number):
                    async with self._heard:
                        self._last_heard = number
                        self._heard.notify_all()
                case Disconnected():
                    self.ending = event
        self.gone.set()

    async def _was_heard(self, number: int) -> None:
        async with self._heard:
            await self._heard.wait_for(lambda: self._last_heard >= number)


@asynccontextmanager
async def leg_of(call: PhoneCall) -> AsyncIterator[PhoneLeg]:
    """The leg as long as the block runs; then it is hung up on."""
    leg = PhoneLeg(call)
    listening = asyncio.create_task(leg.listen(), name="leg of a bridge")
    try:
        yield leg
    finally:
        await asyncio.shield(call.hang_up())
        listening.cancel()
        await asyncio.wait({listening})


async def first_of(*waits: Awaitable[Any]) -> None:
    """Return as soon as one of them does; the others are given up."""
    tasks = [asyncio.ensure_future(one) for one in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
