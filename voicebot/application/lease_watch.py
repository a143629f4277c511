"""Keeps the lease of a call; ends the call when it is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from voicebot.application.claim_lead import Assignment, Line, keep_lease
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.telephone import PhoneCall
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.errors import StoreError

log = logging.getLogger(__name__)

_BEATS: Final = 3
"""Signs of life in one lease."""
_AGAIN_S: Final = 1.0
"""Between two tries while the database is away, seconds."""
_MARGIN: Final = 0.9
"""Part of a lease after which an unheard line ends its call itself: clocks of two machines differ a little."""


class LeaseWatch:
    """Nobody talks to a customer whose lease has run out: another line may be about to call the same person."""

    def __init__(self) -> None:
        self.lost = False
        """Whether the lease is gone and the call had to end."""
        self._call: PhoneCall | None = None

    async def guard(self, call: PhoneCall) -> None:
        """Hang up on `call` when the lease is lost; at once when it is already."""
        self._call = call
        if self.lost:
            await call.hang_up()

    async def lose(self) -> None:
        """The lease is gone."""
        self.lost = True
        if self._call is not None:
            await self._call.hang_up()


@asynccontextmanager
async def lease_kept(
    open_unit: OpenUnit, assignment: Assignment, line: Line, clock: Clock
) -> AsyncIterator[LeaseWatch]:
    """Heartbeats as long as the block runs."""
    watch = LeaseWatch()

    async def beat() -> None:
        why = await heartbeat(open_unit, assignment, line, clock)
        log.warning(
            "call %d is ended: %s",
            assignment.call.id,
            why,
            extra={"action": "lease_lost", "call": assignment.call.id, "line": line.owner},
        )
        await watch.lose()

    beating = asyncio.create_task(beat(), name=f"heartbeat {assignment.call.id}")
    try:
        yield watch
    finally:
        beating.cancel()
        await asyncio.wait({beating})


async def heartbeat(open_unit: OpenUnit, assignment: Assignment, line: Line, clock: Clock) -> str:
    """Keep the lease alive until it is lost; returns why.

    A database that is away for less than the lease is waited out; a longer absence loses the lease, for another
    machine may see the database that we do not.
    """
    lease_s = line.lease.total_seconds()
    renewed_at = clock.monotonic()
    while True:
        asked_at = clock.monotonic()
        left_s = renewed_at + lease_s * _MARGIN - asked_at
        if left_s <= 0:
            return "the database was away for longer than the lease"
        try:
            async with asyncio.timeout(left_s):
                if not await keep_lease(open_unit, assignment, line, clock.now()):
                    return "its lease ran out, the attempt has been closed"
        except TimeoutError:
            continue
        except StoreError as error:
            if not error.retryable:
                return str(error)
            await clock.sleep(min(_AGAIN_S, left_s))
        else:
            renewed_at = asked_at
            await clock.sleep(lease_s / _BEATS)
