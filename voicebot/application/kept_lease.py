"""Keeps the lease of a call that is no lead's; tells when it is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.errors import StoreError

log = logging.getLogger(__name__)

_BEATS: Final = 3
"""Signs of life in one lease."""
_T = TypeVar("_T")
Keep = Callable[[UnitOfWork, datetime], Awaitable[bool]]
"""Moves the lease on, until the given moment; False when it has been given up for lost."""


@asynccontextmanager
async def lease_kept(
    open_unit: OpenUnit, clock: Clock, lease: timedelta, keep: Keep, *, name: str
) -> AsyncIterator[asyncio.Event]:
    """Heartbeats as long as the block runs; the event tells that it was given up for lost. `name`: for the log."""
    lost = asyncio.Event()

    async def beat() -> None:
        while not lost.is_set():
            await clock.sleep(lease.total_seconds() / _BEATS)
            try:
                async with open_unit() as unit:
                    if not await keep(unit, clock.now() + lease):
                        lost.set()
                    await unit.commit()
            except StoreError as error:
                # People talk: nobody is hung up on for a database; should it come back too late, it was lost.
                log.warning("a sign of life is late: %s", error, extra={"action": "beat_missed", "of": name})

    beating = asyncio.create_task(beat(), name=f"heartbeat of {name}")
    try:
        yield lost
    finally:
        beating.cancel()
        await asyncio.wait({beating})


async def until_lost(work: Coroutine[Any, Any, _T], lost: asyncio.Event, *, otherwise: _T) -> _T:
    """What the work comes to; once its lease is lost it is given up, and comes to `otherwise`."""
    carrying = asyncio.create_task(work, name="call under a lease")
    watching = asyncio.create_task(lost.wait(), name="lease of a call")
    try:
        await asyncio.wait([carrying, watching], return_when=asyncio.FIRST_COMPLETED)
        return carrying.result() if carrying.done() else otherwise
    finally:
        for task in (carrying, watching):
            task.cancel()
        await asyncio.wait([carrying, watching])
