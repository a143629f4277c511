"""A process tells every few seconds that it lives."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.errors import StoreError
from voicebot.domain.process import FORGOTTEN_AFTER, Process

log = logging.getLogger(__name__)

SIGN_S: Final = 5.0
"""Between two signs, seconds."""
_LEAVING_S: Final = 2.0
"""What the database may take to note that we leave, seconds."""


@asynccontextmanager
async def signs_of_life(open_unit: OpenUnit, process: Process, clock: Clock) -> AsyncIterator[None]:
    """Signs as long as the block runs; then the process is struck out. A database that is away is waited for."""
    telling = asyncio.create_task(_tell(open_unit, process, clock), name="signs of life")
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait({telling})
        await _leave(open_unit, process)


async def _tell(open_unit: OpenUnit, process: Process, clock: Clock) -> None:
    while True:
        try:
            async with open_unit() as unit:
                now = clock.now()
                await unit.processes.seen(process, now)
                await unit.processes.forget(now - FORGOTTEN_AFTER)
                await unit.commit()
        except StoreError as error:
            log.debug("no sign of life: %s", error, extra={"action": "sign_lost"})  # the lines complain already
        await clock.sleep(SIGN_S)


async def _leave(open_unit: OpenUnit, process: Process) -> None:
    try:
        async with asyncio.timeout(_LEAVING_S), open_unit() as unit:
            await unit.processes.left(process.id)
            await unit.commit()
    except (StoreError, TimeoutError):
        log.debug("process %s left without a word", process.id, extra={"action": "sign_lost"})
