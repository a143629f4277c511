"""One call to one claimed lead: route, dial, talk, record."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final

from voicebot.application.claim_lead import Assignment, Line, return_lead
from voicebot.application.lease_watch import LeaseWatch
from voicebot.application.ports.telephone import CallEvent, Connected, Disconnected
from voicebot.application.prepare_conversation import prepare_conversation
from voicebot.application.see_through import see_through
from voicebot.application.station import Station
from voicebot.application.talk_to_customer import AnsweredCall, Talk, recording_of, talk_to_customer, words_ready
from voicebot.application.trunk_lines import NoFreeLine, TrunkLine, take_line, tell_result
from voicebot.domain.call import CallReport, Cause, HungUpBy
from voicebot.domain.dialogue import conclude
from voicebot.domain.dialplan import Route, Trunk, route_call
from voicebot.domain.errors import NoFreeSlot, NotFound, TelephonyError
from voicebot.domain.outcome import Outcome, unanswered
from voicebot.domain.pacing import Rest

log = logging.getLogger(__name__)

_OK: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class _Errand:
    """One attempt with the words it needs."""

    talk: Talk
    address: str
    """SIP URI to dial instead of the route's; empty for the route's."""
    watch: LeaseWatch
    """Ends the call when its lease is lost."""

    @property
    def assignment(self) -> Assignment:
        """The claimed lead with its attempt."""
        return self.talk.assignment


async def make_call(station: Station, line: Line, assignment: Assignment, *, address: str = "") -> bool:
    """Dial the lead, talk, and write the outcome down; the lease is kept alive meanwhile.

    False when the process had no free slot or no trunk of the route a free line: the lead went back undialled, and it
    is wise to wait a moment.
    `address` dials there instead of where the dialplan leads (a test call to one's own phone). A process that is told
    to stop cancels this: the customer is hung up on and the attempt closed as interrupted.
    """
    try:
        await see_through(station, line, assignment, lambda watch: _attempt(station, assignment, address, watch))
    except NoFreeLine as full:
        await return_lead(station.open_unit, assignment, station.clock.now(), due=full.until)
        return False
    except NoFreeSlot:
        await return_lead(station.open_unit, assignment, station.clock.now())
        return False
    return True


async def _attempt(
    station: Station, assignment: Assignment, address: str, watch: LeaseWatch
) -> tuple[CallReport, Outcome]:
    name = assignment.campaign.script_for(assignment.lead)
    if name not in station.scripts:
        raise NotFound(f"campaign '{assignment.campaign.name}' speaks the script '{name}', and there is none")
    talk = Talk(
        assignment=assignment,
        script=station.scripts[name],
        variables=prepare_conversation(assignment.facts(company=station.company)),
    )
    async with words_ready(station, talk):
        return await _reach(station, _Errand(talk=talk, address=address, watch=watch))


async def _reach(station: Station, errand: _Errand) -> tuple[CallReport, Outcome]:
    """Dial over the trunks of the route, one after another while they fail on our side of the network.

    A trunk without a free line is passed over; raises NoFreeLine when there was no other.
    """
    assignment, tried, rests = errand.assignment, list[str](), list[Rest]()
    report = _report(station, errand, cause=Cause.FAILED)
    while isinstance(route := route_call(station.dialplan, assignment.phone, tried=tried), Route):
        tried.append(route.trunk.name)
        line = None  # a call to another address goes over no trunk
        if not errand.address:
            line = await take_line(station.open_unit, assignment.call.id, route.trunk, station.clock.now())
        if isinstance(line, Rest):
            rests.append(line)
            continue
        report, outcome = await _dial(station, errand, route, line)
        if report.cause is not Cause.FAILED:
            return report, outcome
    if rests and len(rests) == len(tried):
        raise NoFreeLine(rests)
    log.warning(
        "no trunk took call %d (tried: %s; last SIP answer: %s)",
        *(assignment.call.id, ", ".join(tried) or "none", report.sip_code or "none"),
        extra={"action": "call_failed", "call": assignment.call.id, "tried": tried, "sip_code": report.sip_code},
    )
    return report, unanswered(report.cause)


async def _dial(station: Station, errand: _Errand, route: Route, line: TrunkLine | None) -> tuple[CallReport, Outcome]:
    if line is not None:
        await station.clock.sleep(max((line.at - station.clock.now()).total_seconds(), 0.0))
    try:
        call = await station.telephone.dial(
            errand.address or route.uri,
            caller_id=route.caller_id,
            ring_timeout_s=route.ring_timeout_s,
            recording=station.recordings / recording_of(errand.assignment),
        )
    except NoFreeSlot:
        raise
    except TelephonyError as error:
        log.warning("the telephone refused to dial: %s", error, extra={"action": "dial_failed"})
        await _tell(station, line, failed=True)
        return _report(station, errand, cause=Cause.FAILED), unanswered(Cause.FAILED)
    telling: asyncio.Task[None] | None = None
    try:
        await errand.watch.guard(call)
        events = call.events()
        over = await _until_answered(events)
        cause = over.cause if isinstance(over, Disconnected) else Cause.ANSWERED
        if isinstance(over, Disconnected) and cause is Cause.ANSWERED:
            cause = Cause.FAILED
        # Beside the talk: the customer does not wait for the database.
        telling = asyncio.create_task(_tell(station, line, failed=cause is Cause.FAILED), name="tell the trunk")
        if isinstance(over, Disconnected):
            return _report(station, errand, cause=cause, sip_code=over.sip_code), unanswered(cause)
        answered = AnsweredCall(
            call=call,
            events=events,
            connected=over,
            caller_id=route.caller_id,
            ring_timeout_s=route.ring_timeout_s,
        )
        return await _talk(station, errand, route.trunk, answered)
    finally:
        await asyncio.shield(call.hang_up())
        if telling is not None:
            await asyncio.wait({telling})


async def _talk(station: Station, errand: _Errand, trunk: Trunk, answered: AnsweredCall) -> tuple[CallReport, Outcome]:
    answered_at = station.clock.now()
    conversed = await talk_to_customer(station, errand.talk, answered)
    report = _report(station, errand, cause=Cause.ANSWERED, sip_code=_OK)
    report = replace(
        report,
        answered_at=answered_at,
        hung_up_by=HungUpBy.BOT if conversed.ended_by_us else HungUpBy.CUSTOMER,
        turns=conversed.turns,
        recording=str(recording_of(errand.assignment)),
        cost=trunk.cost_of(report.ended_at - answered_at),
    )
    # Whether earlier hang-ups make this one negative is decided where the history is: in record_outcome.
    return report, conclude(errand.talk.script, conversed.position, earlier_hang_ups=0)


async def _tell(station: Station, line: TrunkLine | None, *, failed: bool) -> None:
    if line is not None:
        await tell_result(station.open_unit, line, failed=failed, now=station.clock.now())


async def _until_answered(events: AsyncIterator[CallEvent]) -> Connected | Disconnected:
    async for event in events:
        if isinstance(event, Connected | Disconnected):
            return event
    raise AssertionError("a call's events end with Disconnected")


def _report(station: Station, errand: _Errand, *, cause: Cause, sip_code: int = 0) -> CallReport:
    return CallReport(
        cause=cause,
        sip_code=sip_code,
        dialled_at=errand.assignment.call.dialled_at,
        answered_at=None,
        ended_at=station.clock.now(),
        hung_up_by=None,
    )
