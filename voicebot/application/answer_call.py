"""Somebody rings us: meet them, answer, talk, record."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from voicebot.application.claim_lead import Line
from voicebot.application.lease_watch import LeaseWatch
from voicebot.application.meet_caller import Meeting, Reception, meet_caller, part_with_caller
from voicebot.application.ports.telephone import CallEvent, Connected, Disconnected, IncomingCall, PhoneCall
from voicebot.application.prepare_conversation import prepare_conversation
from voicebot.application.see_through import CallerGone, see_through
from voicebot.application.station import Station
from voicebot.application.talk_to_customer import AnsweredCall, Talk, recording_of, talk_to_customer, words_ready
from voicebot.domain.call import CallReport, Cause, HungUpBy
from voicebot.domain.dialogue import conclude
from voicebot.domain.errors import StoreError, TelephonyError
from voicebot.domain.inbound import caller_phone, is_ours
from voicebot.domain.outcome import Outcome

log = logging.getLogger(__name__)

_OK: Final = 200
_NOT_FOUND: Final = 404
_BUSY_HERE: Final = 486
_UNAVAILABLE: Final = 480
_MANAGER_RINGS_S: Final = 30.0
"""How long a manager's phone rings where no trunk of ours says so, seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Visit:
    """One caller with the words for them."""

    incoming: IncomingCall
    talk: Talk
    rings_until: float
    """Monotonic moment at which we answer."""


async def answer_call(station: Station, line: Line, incoming: IncomingCall) -> int | None:
    """Ring shortly, answer, talk, write it down; returns the call's number, None when there was no call.

    Turned away: 404 for what is no number of ours, 486 for somebody who is in a call of ours already (two processes
    that both ring included: the other one answers), 480 while the database is away.
    """
    if not is_ours(station.dialplan, incoming.called):
        log.warning("somebody rang what is no number of ours", extra={"action": "inbound_not_ours"})
        await incoming.refuse(_NOT_FOUND)
        return None
    rings_until = station.clock.monotonic() + station.dialplan.inbound.ring_s
    try:
        await incoming.ring()
        meeting = await _met(station, line, incoming)
    except (TelephonyError, StoreError) as error:
        log.warning("a call could not be taken: %s", error, extra={"action": "inbound_failed"})
        await incoming.refuse(_UNAVAILABLE)
        return None
    if meeting is None:
        log.info("somebody in a call of ours rings: busy", extra={"action": "inbound_busy"})
        await incoming.refuse(_BUSY_HERE)
        return None
    return await _answered(station, line, meeting, incoming, rings_until)


async def _met(station: Station, line: Line, incoming: IncomingCall) -> Meeting | None:
    reception = Reception(
        open_unit=station.open_unit,
        line=line,
        dialplan=station.dialplan,
        scripts=station.scripts,
        draw=station.rules.draw,
    )
    return await meet_caller(reception, caller_phone(incoming.caller), station.clock.now())


async def _answered(
    station: Station, line: Line, meeting: Meeting, incoming: IncomingCall, rings_until: float
) -> int | None:
    assignment = meeting.assignment
    extra = {"line": line.owner, "call": assignment.call.id}
    log.info(
        "call %d: %s rings us, talking '%s'",
        assignment.call.id,
        assignment.phone.masked,
        meeting.script.name,
        extra={"action": "inbound_call", **extra},
    )
    variables = prepare_conversation(assignment.facts(company=station.company))
    talk = Talk(assignment=assignment, script=meeting.script, variables=variables)
    visit = _Visit(incoming=incoming, talk=talk, rings_until=rings_until)
    try:
        await see_through(station, line, assignment, lambda watch: _hold(station, visit, watch))
    except CallerGone:
        await part_with_caller(station.open_unit, meeting, station.clock.now())
        log.info("call %d: gave up before we answered", assignment.call.id, extra={"action": "inbound_gone", **extra})
        return None
    return assignment.call.id


async def _hold(station: Station, visit: _Visit, watch: LeaseWatch) -> tuple[CallReport, Outcome]:
    async with words_ready(station, visit.talk):
        recording = recording_of(visit.talk.assignment)
        call = await _picked_up(station, visit, str(recording))
        try:
            await watch.guard(call)
            return await _talk(station, visit.talk, call, str(recording))
        finally:
            await asyncio.shield(call.hang_up())


async def _picked_up(station: Station, visit: _Visit, recording: str) -> PhoneCall:
    """Answer when it has rung long enough; raises CallerGone."""
    left_s = visit.rings_until - station.clock.monotonic()
    try:
        async with asyncio.timeout(max(left_s, 0.0)):
            await visit.incoming.cancelled()
    except TimeoutError:
        try:
            return await visit.incoming.accept(recording=station.recordings / recording)
        except TelephonyError as error:
            raise CallerGone from error
    raise CallerGone


async def _talk(station: Station, talk: Talk, call: PhoneCall, recording: str) -> tuple[CallReport, Outcome]:
    events = call.events()
    connected = await _connected(events)
    answered_at = station.clock.now()
    caller_id, ring_timeout_s = _way_to_managers(station)
    answered = AnsweredCall(
        call=call, events=events, connected=connected, caller_id=caller_id, ring_timeout_s=ring_timeout_s
    )
    conversed = await talk_to_customer(station, talk, answered)
    report = CallReport(
        cause=Cause.ANSWERED,
        sip_code=_OK,
        dialled_at=talk.assignment.call.dialled_at,
        answered_at=answered_at,
        ended_at=station.clock.now(),
        hung_up_by=HungUpBy.BOT if conversed.ended_by_us else HungUpBy.CUSTOMER,
        turns=conversed.turns,
        recording=recording,
    )
    return report, conclude(talk.script, conversed.position, earlier_hang_ups=0)


async def _connected(events: AsyncIterator[CallEvent]) -> Connected:
    async for event in events:
        if isinstance(event, Connected):
            return event
        if isinstance(event, Disconnected):
            break
    raise CallerGone  # their CANCEL crossed our answer


def _way_to_managers(station: Station) -> tuple[str, float]:
    """The number shown to a manager, and how long their phone rings."""
    first = next((trunk for trunk in station.dialplan.trunks if trunk.caller_ids), None)
    return (first.caller_ids[0].e164, first.ring_timeout_s) if first else ("", _MANAGER_RINGS_S)
