"""A call written down while it goes on."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.update_crm import tell_crm
from voicebot.domain.attempt import Attempt
from voicebot.domain.call import Turn
from voicebot.domain.crm_news import stop_news
from voicebot.domain.errors import StoreError

log = logging.getLogger(__name__)

_AGAIN_S: Final = 1.0
"""Between two tries while the database is away, seconds."""


class LiveRecord:
    """Takes notes at once and writes them in small transactions of its own, so that no reply ever waits for one.

    What the database cannot take now is written as soon as it can; several notes that waited make one transaction.
    """

    def __init__(self, open_unit: OpenUnit, call: Attempt, clock: Clock) -> None:
        self._open_unit = open_unit
        self._call = call
        self._clock = clock
        self._news = asyncio.Event()
        self._answer: tuple[datetime, str] | None = None
        self._stop_at: datetime | None = None
        self._turns: tuple[Turn, ...] = ()
        self._written: tuple[Turn, ...] = ()

    def answered(self, at: datetime, *, recording: str) -> None:
        """Somebody picked up; `recording` is the path below the recordings folder."""
        self._answer = (at, recording)
        self._news.set()

    def noted(self, turns: tuple[Turn, ...]) -> None:
        """The transcript as it stands."""
        self._turns = turns
        self._news.set()

    async def stop_heard(self) -> None:
        """The customer must never be called again; returns at once."""
        self._stop_at = self._clock.now()
        self._news.set()

    async def write(self) -> None:
        """Write what comes until cancelled; outages of the database are waited out."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._write_news()
            except StoreError as error:
                if not error.retryable:
                    raise
                log.warning("a call cannot be written down just now; trying again", extra=self._extra("live_failed"))
                self._news.set()
                await self._clock.sleep(_AGAIN_S)

    async def _write_news(self) -> None:
        answer, stop_at, turns = self._answer, self._stop_at, self._turns
        async with self._open_unit() as unit:
            if stop_at is not None:
                source = f"call:{self._call.id}"
                await unit.stop_list.add(self._call.customer_id, at=stop_at, reason="said so", source=source)
                customer = await unit.customers.get(self._call.customer_id)
                # Every minute in which the CRM does not know is one in which it may write to this person.
                news = stop_news(customer, at=stop_at, source=source, reason="said so", call_id=self._call.id)
                await tell_crm(unit, news)
            if answer is not None:
                at, recording = answer
                await unit.calls.answer(self._call.id, at=at, recording=recording)
            if changed := _changes(self._written, turns):
                await unit.calls.write_turns(self._call.id, changed)
            await unit.commit()
        self._written = turns
        self._answer = None if self._answer == answer else self._answer
        self._stop_at = None if self._stop_at == stop_at else self._stop_at

    def _extra(self, action: str) -> dict[str, object]:
        return {"action": action, "call": self._call.id}


@asynccontextmanager
async def live_record(open_unit: OpenUnit, call: Attempt, clock: Clock) -> AsyncIterator[LiveRecord]:
    """A record that is written as long as the block runs; afterwards the outcome's own record holds everything."""
    record = LiveRecord(open_unit, call, clock)
    writing = asyncio.create_task(record.write(), name=f"live record {call.id}")
    try:
        yield record
    finally:
        writing.cancel()
        await asyncio.wait({writing})
        if not writing.cancelled() and (error := writing.exception()):
            # The call went on without it; whatever refuses a turn refuses the outcome too, which is told loudly.
            log.error("a call was not written down as it went on: %s", error, extra={"action": "live_lost"})


def _changes(written: tuple[Turn, ...], turns: tuple[Turn, ...]) -> dict[int, Turn]:
    """Turns by their place, where it does not hold them already."""
    return {place: turn for place, turn in enumerate(turns) if place >= len(written) or written[place] != turn}
