"""A trial call: ring somebody of the company and speak a script to them, as to a customer."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.claim_lead import Line
from voicebot.application.conversation.ears import Ears
from voicebot.application.conversation.hold_conversation import Conversation, ConversationTools, hold_conversation
from voicebot.application.kept_lease import Keep, lease_kept, until_lost
from voicebot.application.ports.telephone import CallEvent, Connected, Disconnected, PhoneCall
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.station import Station
from voicebot.application.talk_to_customer import prompts_ready
from voicebot.application.transfer_call import TransferPlan
from voicebot.application.trunk_lines import TrunkLine, take_line, tell_result
from voicebot.domain.call import Cause, Turn
from voicebot.domain.click_call import PATIENCE, phone_or_address
from voicebot.domain.dialogue import conclude
from voicebot.domain.dialplan import Route, route_call
from voicebot.domain.errors import NoFreeSlot, StoreError, TelephonyError, VoicebotError
from voicebot.domain.pacing import Rest
from voicebot.domain.script import Script
from voicebot.domain.time_zones import DEFAULT_ZONE, CustomerZone
from voicebot.domain.trial_call import TrialCall, TrialEnding, TrialResult

log = logging.getLogger(__name__)

_RINGS_S: Final = 30.0
"""How long a SIP phone rings, seconds; over a trunk, as long as the trunk says."""
_SLOT_S: Final = 10.0
"""How long to wait for a slot of the process, seconds."""
_AGAIN_S: Final = 0.5
_INTERRUPTED: Final = TrialEnding(result=TrialResult.INTERRUPTED)
_NO_WAY: Final = TrialEnding(result=TrialResult.NO_WAY)
_RESULTS: Final = {
    Cause.BUSY: TrialResult.BUSY,
    Cause.REJECTED: TrialResult.BUSY,
    Cause.FAILED: TrialResult.NO_WAY,
    Cause.UNALLOCATED: TrialResult.NO_WAY,  # a slip in one's own number; another trunk may know it
}
"""Every other cause is one of nobody answering."""


async def claim_trial_call(open_unit: OpenUnit, line: Line, now: datetime) -> TrialCall | None:
    """The oldest one that waits for a line of this dialplan; None when none does.

    The gate is not asked: somebody of the company rings their own phone.
    """
    async with open_unit() as unit:
        trial = await unit.trial_calls.lock_next(dialplan=line.dialplan, asked_after=now - PATIENCE)
        if trial is None:
            return None
        await unit.trial_calls.claim(trial.id, owner=line.owner, until=now + line.lease)
        await unit.commit()
    return trial


async def try_script(station: Station, line: Line, trial: TrialCall) -> TrialResult:
    """Carry it out and write down what was said; cancelling it hangs up."""
    ending, name = _INTERRUPTED, f"trial call {trial.id}"
    try:
        async with lease_kept(station.open_unit, station.clock, line.lease, _keep(trial, line), name=name) as lost:
            ending = await until_lost(_carry_out(station, trial), lost, otherwise=_INTERRUPTED)
    except VoicebotError as error:
        log.error("a trial call broke off: %s", error, extra={"action": "trial_call_broken", "trial": trial.id})
    finally:
        await asyncio.shield(_end(station, trial.id, ending))
    log.info("%s ended: %s", name, ending.result, extra={"action": "trial_call_ended", "trial": trial.id})
    return ending.result


async def close_lost_trial_calls(open_unit: OpenUnit, now: datetime) -> int:
    """End trial calls whose process died, and those no line took in time; returns how many."""
    async with open_unit() as unit:
        closed = await unit.trial_calls.close_lost(now, asked_before=now - PATIENCE)
        await unit.commit()
    return closed


async def _carry_out(station: Station, trial: TrialCall) -> TrialEnding:
    script = station.scripts.get(trial.script)
    if script is None:
        return TrialEnding(result=TrialResult.NO_SCRIPT)
    async with prompts_ready(station, script, trial.variables):
        return await _reach(station, trial, script)


async def _reach(station: Station, trial: TrialCall, script: Script) -> TrialEnding:
    """Over the trunks of the route, one after another while they fail on our side."""
    target = phone_or_address(trial.address)
    if isinstance(target, str):
        caller_id = station.dialplan.trunks[0].caller_ids[0].e164
        async with _dialled(station, target, caller_id, _RINGS_S) as call:
            return _NO_WAY if call is None else await _speak(station, trial, script, call)
    tried: list[str] = []
    while isinstance(route := route_call(station.dialplan, target, tried=tried), Route):
        tried.append(route.trunk.name)
        line = await take_line(station.open_unit, trial.id, route.trunk, station.clock.now(), occupy=_occupy)
        if isinstance(line, Rest):
            continue
        await station.clock.sleep(max((line.at - station.clock.now()).total_seconds(), 0.0))
        async with _dialled(station, route.uri, route.caller_id, route.ring_timeout_s) as call:
            ending = _NO_WAY if call is None else await _speak(station, trial, script, call, line)
        if call is None:
            await _tell(station, line, failed=True)
        if ending.result is not TrialResult.NO_WAY:
            return ending
    return _NO_WAY


@asynccontextmanager
async def _dialled(station: Station, uri: str, caller_id: str, rings_s: float) -> AsyncIterator[PhoneCall | None]:
    """The call as long as the block runs; None when the telephone refused. Not recorded: it is nobody's proof."""
    try:
        call = await _dial(station, uri, caller_id, rings_s)
    except TelephonyError as error:
        log.warning("the telephone refused to dial: %s", error, extra={"action": "dial_failed"})
        yield None
        return
    try:
        yield call
    finally:
        await asyncio.shield(call.hang_up())


async def _dial(station: Station, uri: str, caller_id: str, rings_s: float) -> PhoneCall:
    """Waits for a free slot of the process for a while. Raises TelephonyError."""
    until = station.clock.monotonic() + _SLOT_S
    while True:
        try:
            return await station.telephone.dial(uri, caller_id=caller_id, ring_timeout_s=rings_s, recording=None)
        except NoFreeSlot:
            if station.clock.monotonic() >= until:
                raise
            await station.clock.sleep(_AGAIN_S)


async def _speak(
    station: Station, trial: TrialCall, script: Script, call: PhoneCall, line: TrunkLine | None = None
) -> TrialEnding:
    events = call.events()
    over = await _until_answered(events)
    failed = isinstance(over, Disconnected) and over.cause is Cause.FAILED
    if line is not None:
        await _tell(station, line, failed=failed)
    if isinstance(over, Disconnected):
        return TrialEnding(result=_RESULTS.get(over.cause, TrialResult.AWAY))
    async with station.open_unit() as unit:
        await unit.trial_calls.answered(trial.id, at=station.clock.now())
        await unit.commit()
    zone = ZoneInfo(DEFAULT_ZONE)
    conversation = Conversation(
        script=script,
        variables=trial.variables,
        zone=zone,
        hours=station.dialplan.contact.spoken_hours(CustomerZone(spoken=zone)),
        longest_call_s=station.dialplan.longest_call_s,
        # No manager is rung for a trial: who asks for one hears what customers hear when nobody answers.
        transfer=TransferPlan(targets=(), caller_id="", ring_timeout_s=0.0),
        answering_machine=station.dialplan.answering_machine,
    )
    ears = Ears(station.recogniser.open(), station.new_detector())
    talked = await hold_conversation(call, events, over.at, conversation, ears, _tools(station))
    outcome = conclude(script, talked.position, earlier_hang_ups=0)
    return TrialEnding(
        result=TrialResult.TALKED, turns=talked.turns, group=outcome.group, disposition=outcome.disposition
    )


async def _until_answered(events: AsyncIterator[CallEvent]) -> Connected | Disconnected:
    async for event in events:
        if isinstance(event, Connected | Disconnected):
            return event
    raise AssertionError("a call's events end with Disconnected")


def _tools(station: Station) -> ConversationTools:
    async def nobody_is_stopped() -> None:
        """A trial is nobody's wish: no stop-list hears of it."""

    def written_at_the_end(_turns: tuple[Turn, ...]) -> None:
        """A trial is not watched live."""

    return ConversationTools(
        telephone=station.telephone,
        library=station.library,
        understanding=station.understanding,
        clock=station.clock,
        stop_heard=nobody_is_stopped,
        noted=written_at_the_end,
    )


def _keep(trial: TrialCall, line: Line) -> Keep:
    async def keep(unit: UnitOfWork, until: datetime) -> bool:
        return await unit.trial_calls.keep(trial.id, owner=line.owner, until=until)

    return keep


async def _occupy(unit: UnitOfWork, trial_id: int, trunk: str) -> bool:
    return await unit.trial_calls.occupy(trial_id, trunk)


async def _tell(station: Station, line: TrunkLine, *, failed: bool) -> None:
    await tell_result(station.open_unit, line, failed=failed, now=station.clock.now())


async def _end(station: Station, trial_id: int, ending: TrialEnding) -> None:
    """With the database away its lease runs out, and that closes it too."""
    try:
        async with station.open_unit() as unit:
            await unit.trial_calls.end(trial_id, ending, at=station.clock.now())
            await unit.commit()
    except StoreError as error:
        log.warning("a trial call is left to its lease: %s", error, extra={"action": "not_closed", "trial": trial_id})
