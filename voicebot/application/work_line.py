"""The life of one line: claim, call, claim again."""

import asyncio
import logging
from typing import Final

from voicebot.application.claim_lead import Assignment, Line, claim_lead
from voicebot.application.make_call import make_call
from voicebot.application.station import Station
from voicebot.domain.errors import StoreError, VoicebotError

log = logging.getLogger(__name__)

IDLE_S: Final = 0.5
"""How long an idle line waits before it asks for work again, seconds."""
_STORE_AWAY_S: Final = 3.0
"""How long to wait for a database that does not answer, seconds."""


async def work_line(station: Station, line: Line, stop: asyncio.Event) -> None:
    """Call one lead after another until `stop` is set; the call under way is finished first.

    Cancelling it hangs up at once and closes the attempt as interrupted.
    """
    while not stop.is_set():
        pause = await _one_lead(station, line)
        if pause:
            await _wait_or_stop(stop, pause)


async def _one_lead(station: Station, line: Line) -> float:
    """Claim and call one lead; returns the seconds to wait before the next one."""
    try:
        assignment = await claim_lead(station.open_unit, line, station.clock.now())
    except StoreError as error:
        if not error.retryable:
            raise
        log.warning("the database is away; trying again", extra={"action": "claim_failed", "line": line.owner})
        return _STORE_AWAY_S
    if assignment is None:
        return IDLE_S
    return 0.0 if await _call(station, line, assignment) else IDLE_S


async def _call(station: Station, line: Line, assignment: Assignment) -> bool:
    extra = {"line": line.owner, "call": assignment.call.id}
    log.info("call %d: calling %s", assignment.call.id, assignment.phone.masked, extra={"action": "call", **extra})
    try:
        return await make_call(station, line, assignment)
    except VoicebotError as error:
        # The attempt has been closed as interrupted: the redial rules bring the person back; the line goes on.
        log.error("the call broke off: %s", error, extra={"action": "call_broken", **extra})
        return True


async def _wait_or_stop(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
