"""Take the calls that reach a process, as many at once as it has slots."""

import asyncio
import logging
from typing import Final

from voicebot.application.answer_call import answer_call
from voicebot.application.claim_lead import Line
from voicebot.application.ports.telephone import IncomingCall
from voicebot.application.renew_station import renewed
from voicebot.application.station import Station
from voicebot.application.waiting_room import WaitingRoom
from voicebot.domain.errors import TelephonyError, VoicebotError

log = logging.getLogger(__name__)

_UNAVAILABLE: Final = 480


async def work_inbound(station: Station, line: Line, waiting_room: WaitingRoom, stop: asyncio.Event) -> None:
    """Answer until `stop` is set; calls under way are finished first, and who rings meanwhile is turned away.

    No slot is held free for callers: a telephone without one says busy by itself. A caller may take the slot that is
    kept for transfers; the lines then begin one call less, so that it is soon free again. Cancelling it hangs up on
    everybody and closes their calls as interrupted.
    """
    under_way: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as calls:

        async def at_the_door() -> None:
            async for incoming in station.telephone.incoming():
                if stop.is_set():
                    await _turn_away(incoming)
                    continue
                call = calls.create_task(_take(station, line, waiting_room, incoming), name="incoming call")
                under_way.add(call)
                call.add_done_callback(under_way.discard)

        door = calls.create_task(at_the_door(), name="incoming calls")
        await stop.wait()
        while under_way:
            await asyncio.wait(set(under_way))
        door.cancel()


async def _take(station: Station, line: Line, waiting_room: WaitingRoom, incoming: IncomingCall) -> None:
    try:
        with waiting_room.talking():
            station, line = await renewed(station, line)
            await answer_call(station, line, incoming)
    except VoicebotError as error:
        # What was written of the call has been closed as interrupted; the others go on.
        log.error("a call from a customer broke off: %s", error, extra={"action": "inbound_broken", "line": line.owner})


async def _turn_away(incoming: IncomingCall) -> None:
    try:
        await incoming.refuse(_UNAVAILABLE)
    except TelephonyError:
        return  # gone already
