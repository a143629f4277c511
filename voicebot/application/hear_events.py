"""Events told by NOTIFY: one after another, without anybody to answer."""

import asyncio
import logging
from typing import Final

from voicebot.application.accept_event import accept_event, read_event
from voicebot.application.json_input import read_json
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.errors import BadInput, StoreError

log = logging.getLogger(__name__)

_WAITING: Final = 10_000
"""Events that may wait for us; PostgreSQL itself keeps more for no listener without growing."""
_TRIES: Final = 3
_PAUSE_S: Final = 2.0


class EventInbox:
    """Takes payloads as they are heard and works through them; what is wrong is counted and logged, never quoted."""

    def __init__(self, *, open_unit: OpenUnit, clock: Clock) -> None:
        self._open_unit = open_unit
        self._clock = clock
        self._heard: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self.accepted = 0
        """Events taken, those told twice included."""
        self.refused = 0
        """Payloads that were no event, of nobody we know, or too many."""

    def hear(self, payload: str) -> None:
        """Put one payload in; returns at once."""
        try:
            self._heard.put_nowait(payload)
        except asyncio.QueueFull:
            self._refuse("more events than can be worked on")

    async def work(self) -> None:
        """Accept what is heard until cancelled."""
        while True:
            await self._accept(await self._heard.get())

    async def _accept(self, payload: str) -> None:
        for number in range(_TRIES):
            try:
                now = self._clock.now()
                await accept_event(self._open_unit, read_event(read_json(payload), now), now)
            except BadInput as error:
                self._refuse("; ".join(f"{one.where or 'payload'}: {one.message}" for one in error.problems))
                return
            except StoreError as error:
                if not error.retryable or number == _TRIES - 1:
                    self._refuse(str(error))
                    return
                await self._clock.sleep(_PAUSE_S)
            else:
                self.accepted += 1
                return

    def _refuse(self, why: str) -> None:
        self.refused += 1
        log.warning(
            "an event told by NOTIFY was refused (%d so far): %s",
            self.refused,
            why,
            extra={"action": "event_refused"},
        )
