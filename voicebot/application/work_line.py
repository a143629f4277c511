"""The life of one line: claim, call, claim again."""

import asyncio
import logging
from typing import Final

from voicebot.application.bridge_manager import bridge_manager, claim_click_call
from voicebot.application.claim_lead import Assignment, Line, return_lead
from voicebot.application.make_call import make_call
from voicebot.application.renew_station import renewed
from voicebot.application.shared_claims import SharedClaims
from voicebot.application.station import Station
from voicebot.application.trunk_lines import room
from voicebot.application.try_script import claim_trial_call, try_script
from voicebot.application.waiting_room import WaitingRoom
from voicebot.domain.errors import StoreError, VoicebotError

log = logging.getLogger(__name__)

IDLE_S: Final = 0.5
"""How long a line waits when it could not do what is due (another line talks to that person), seconds."""
_POLL_S: Final = 5.0
"""An idle line looks by itself at least so often: a ring may get lost, seconds."""
_STORE_AWAY_S: Final = 3.0
"""How long to wait for a database that does not answer, seconds."""


async def work_line(
    station: Station, line: Line, claims: SharedClaims, waiting_room: WaitingRoom, stop: asyncio.Event
) -> None:
    """Call one lead after another until `stop` is set; the call under way is finished first.

    Cancelling it hangs up at once and closes the attempt as interrupted.
    """
    while not stop.is_set():
        rings, pause_s = waiting_room.rings, IDLE_S
        if not waiting_room.held_back:
            with waiting_room.talking():
                pause_s = await _one_call(station, line, claims, waiting_room)
        if pause_s:
            await waiting_room.wait(rings, pause_s, stop)


async def _one_call(station: Station, line: Line, claims: SharedClaims, waiting_room: WaitingRoom) -> float:
    """Claim and make one call, those asked for at the desk first; returns the seconds to wait before the next one."""
    open_unit, clock = station.open_unit, station.clock
    try:
        station, line = await renewed(station, line)
        if _rewired(station):
            return _POLL_S  # by the plan of before, over trunks that may be gone, nobody is called any more
        click = await claim_click_call(open_unit, line, clock.now())
        if click is not None:
            await bridge_manager(station, line, click, waiting_room)
            return 0.0
        trial = await claim_trial_call(open_unit, line, clock.now())
        if trial is not None:
            await try_script(station, line, trial)
            return 0.0
        full = await room(open_unit, station.dialplan.trunks, clock.now())
        if full:
            return min(full.total_seconds(), _POLL_S)
        assignment = await claims.claim(line)
        if assignment is None:
            return await _until_next_due(station, line)
        await renewed(station, line)
        if _rewired(station):  # saved between the first look and the claim
            await return_lead(open_unit, assignment, clock.now())
            return _POLL_S
    except StoreError as error:
        if not error.retryable:
            raise
        log.warning("the database is away; trying again", extra={"action": "claim_failed", "line": line.owner})
        return _STORE_AWAY_S
    return 0.0 if await _call(station, line, assignment) else IDLE_S


def _rewired(station: Station) -> bool:
    return station.documents is not None and station.documents.rewired.is_set()


async def _until_next_due(station: Station, line: Line) -> float:
    async with station.open_unit() as unit:
        next_due = await unit.leads.next_due(dialplan=line.dialplan)
    if next_due is None:
        return _POLL_S
    return min(max((next_due - station.clock.now()).total_seconds(), IDLE_S), _POLL_S)


async def _call(station: Station, line: Line, assignment: Assignment) -> bool:
    extra = {"line": line.owner, "call": assignment.call.id}
    log.info("call %d: calling %s", assignment.call.id, assignment.phone.masked, extra={"action": "call", **extra})
    try:
        return await make_call(station, line, assignment)
    except VoicebotError as error:
        # The attempt has been closed as interrupted: the redial rules bring the person back; the line goes on.
        log.error("the call broke off: %s", error, extra={"action": "call_broken", **extra})
        return True
