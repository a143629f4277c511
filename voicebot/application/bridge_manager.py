"""A call-back by a click: ring the manager, then the customer, put them through."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from voicebot.application.claim_lead import Line
from voicebot.application.kept_lease import Keep, lease_kept, until_lost
from voicebot.application.phone_leg import PhoneLeg, first_of, leg_of
from voicebot.application.ports.contact_facts import Asked
from voicebot.application.ports.telephone import PhoneCall
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.station import Station
from voicebot.application.trunk_lines import Occupy, TrunkLine, take_line, tell_result
from voicebot.application.waiting_room import WaitingRoom
from voicebot.domain.audio import Audio
from voicebot.domain.call import Cause
from voicebot.domain.click_call import LONGEST, PATIENCE, ClickCall, ClickLeg, ClickResult, phone_or_address
from voicebot.domain.dialplan import Route, route_call
from voicebot.domain.errors import NoFreeSlot, StoreError, TelephonyError, VoicebotError
from voicebot.domain.pacing import Rest
from voicebot.domain.phone import Phone
from voicebot.domain.prompt import Piece, Prompt

log = logging.getLogger(__name__)

_SLOT_S: Final = 30.0
"""How long a manager waits for a second slot of the process, seconds."""
_AGAIN_S: Final = 0.5
_RINGS_S: Final = 30.0
"""How long a manager's SIP phone rings, seconds; over a trunk, as long as the trunk says."""
_HOLD_ON: Final = "connecting"
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        _HOLD_ON: "соединяю с клиентом",
        ClickResult.BUSY: "у клиента занято",
        ClickResult.NO_ANSWER: "клиент не отвечает",
        ClickResult.NO_WAY: "соединить не получилось",
    }
)
"""What the manager is told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedClick:
    """A call-back that a line carries out."""

    click: ClickCall
    customer: Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bridge:
    """Everything one call-back is carried out with."""

    station: Station
    room: WaitingRoom
    claimed: ClaimedClick

    @property
    def id(self) -> int:
        return self.claimed.click.id


async def claim_click_call(open_unit: OpenUnit, line: Line, now: datetime) -> ClaimedClick | None:
    """The oldest call-back that waits for a line; None when none does, or when it may not be made.

    Of the gate only the stop-list is asked: a person rings a customer who wants to be rung, about what that customer
    said. It is no advertising and no automatic call: consents, hours, caps and budgets are not about it.
    """
    async with open_unit() as unit:
        click = await unit.click_calls.lock_next(dialplan=line.dialplan, asked_after=now - PATIENCE)
        if click is None:
            return None
        claimed = await _weigh(unit, click)
        if isinstance(claimed, ClickResult):
            await unit.click_calls.end(click.id, claimed, at=now)
        else:
            await unit.click_calls.claim(click.id, owner=line.owner, until=now + line.lease)
        await unit.commit()
    return claimed if isinstance(claimed, ClaimedClick) else None


async def bridge_manager(station: Station, line: Line, claimed: ClaimedClick, room: WaitingRoom) -> ClickResult:
    """Carry it out and write down what came of it; cancelling it hangs up on both."""
    bridge = _Bridge(station=station, room=room, claimed=claimed)
    result = ClickResult.INTERRUPTED
    try:
        name, keep = f"call-back {bridge.id}", _keep(bridge.id, line)
        async with (
            lease_kept(station.open_unit, station.clock, line.lease, keep, name=name) as lost,
            AsyncExitStack() as legs,
        ):
            result = await until_lost(_carry_out(bridge, legs), lost, otherwise=ClickResult.INTERRUPTED)
    except VoicebotError as error:
        log.error("a call-back broke off: %s", error, extra={"action": "click_call_broken", "click": bridge.id})
    finally:
        await asyncio.shield(_end(station, bridge.id, result))
    log.info("call-back %d ended: %s", bridge.id, result, extra={"action": "click_call_ended", "click": bridge.id})
    return result


async def close_lost_click_calls(open_unit: OpenUnit, now: datetime) -> int:
    """End call-backs whose process died, and those no line took in time; returns how many."""
    async with open_unit() as unit:
        closed = await unit.click_calls.close_lost(now, asked_before=now - PATIENCE)
        await unit.commit()
    return closed


async def _weigh(unit: UnitOfWork, click: ClickCall) -> ClaimedClick | ClickResult:
    customer = await unit.customers.get(click.customer_id)
    if customer.dialable is None:
        return ClickResult.NO_PHONE
    asked = Asked(customer_id=customer.id, campaign_id=click.campaign_id, phone=customer.dialable)
    (record,) = await unit.contact_facts.of((asked,))
    if record.stopped:
        return ClickResult.STOPPED
    if record.in_call:
        return ClickResult.IN_A_CALL
    return ClaimedClick(click=click, customer=customer.dialable)


async def _carry_out(bridge: _Bridge, legs: AsyncExitStack) -> ClickResult:
    address = phone_or_address(bridge.claimed.click.manager_address)
    rendering = asyncio.create_task(_words(bridge.station), name="words of a call-back")
    legs.push_async_callback(_given_up, rendering)
    manager = await _reach(bridge, legs, address, ClickLeg.MANAGER, None)
    if isinstance(manager, ClickResult):
        return ClickResult.NO_WAY if manager is ClickResult.NO_WAY else ClickResult.MANAGER_AWAY
    words = await rendering
    await manager.call.play(words[_HOLD_ON])
    customer = await _reach(bridge, legs, bridge.claimed.customer, ClickLeg.CUSTOMER, manager)
    if isinstance(customer, ClickResult):
        if customer in words and not manager.gone.is_set():
            await manager.tell(words[customer])
        return customer
    await manager.call.stop_playing()
    await customer.call.bridge(manager.call)
    await first_of(manager.gone.wait(), customer.gone.wait(), bridge.station.clock.sleep(LONGEST.total_seconds()))
    return ClickResult.TALKED


async def _reach(
    bridge: _Bridge, legs: AsyncExitStack, target: Phone | str, which: ClickLeg, waiting: PhoneLeg | None
) -> PhoneLeg | ClickResult:
    """Ring one of the two over the trunks of the route in turn; `waiting`: the other one, who may hang up meanwhile."""
    if isinstance(target, str):
        caller_id = bridge.station.dialplan.trunks[0].caller_ids[0].e164
        try:
            call = await _dial(bridge, target, caller_id, _RINGS_S)
        except TelephonyError:
            return ClickResult.NO_WAY
        return await _picked_up(bridge, legs, call, which, waiting)
    tried: list[str] = []
    while isinstance(route := route_call(bridge.station.dialplan, target, tried=tried), Route):
        tried.append(route.trunk.name)
        reached = await _reach_over(bridge, legs, route, which, waiting)
        if reached is not ClickResult.NO_WAY:
            return reached
    return ClickResult.NO_WAY


async def _reach_over(
    bridge: _Bridge, legs: AsyncExitStack, route: Route, which: ClickLeg, waiting: PhoneLeg | None
) -> PhoneLeg | ClickResult:
    station = bridge.station
    line = await take_line(station.open_unit, bridge.id, route.trunk, station.clock.now(), occupy=_occupy(which))
    if isinstance(line, Rest):
        return ClickResult.NO_WAY
    await station.clock.sleep(max((line.at - station.clock.now()).total_seconds(), 0.0))
    try:
        call = await _dial(bridge, route.uri, route.caller_id, route.ring_timeout_s)
    except TelephonyError as error:
        log.warning("the telephone refused to dial: %s", error, extra={"action": "dial_failed"})
        await _tell_trunk(station, line, failed=not isinstance(error, NoFreeSlot))
        return ClickResult.NO_WAY
    reached = await _picked_up(bridge, legs, call, which, waiting)
    await _tell_trunk(station, line, failed=reached is ClickResult.NO_WAY)
    return reached


async def _dial(bridge: _Bridge, uri: str, caller_id: str, rings_s: float) -> PhoneCall:
    """Waits for a free slot of the process for a while: its lines begin no call meanwhile. Raises TelephonyError."""
    telephone, clock = bridge.station.telephone, bridge.station.clock
    until = clock.monotonic() + _SLOT_S
    with bridge.room.hold_back():
        while True:
            try:
                # Not recorded: nobody has told the customer so in this call.
                return await telephone.dial(uri, caller_id=caller_id, ring_timeout_s=rings_s, recording=None)
            except NoFreeSlot:
                if clock.monotonic() >= until:
                    raise
                await clock.sleep(_AGAIN_S)


async def _picked_up(
    bridge: _Bridge, legs: AsyncExitStack, call: PhoneCall, which: ClickLeg, waiting: PhoneLeg | None
) -> PhoneLeg | ClickResult:
    leg = await legs.enter_async_context(leg_of(call))
    await first_of(leg.answered(), *([waiting.gone.wait()] if waiting else []))
    if waiting is not None and waiting.gone.is_set():
        return ClickResult.GAVE_UP
    if leg.ending is not None:
        return _RESULTS.get(leg.ending.cause, ClickResult.NO_ANSWER)
    station = bridge.station
    async with station.open_unit() as unit:
        await unit.click_calls.answered(bridge.id, which, at=station.clock.now())
        await unit.commit()
    return leg


_RESULTS: Final[Mapping[Cause, ClickResult]] = MappingProxyType(
    {Cause.BUSY: ClickResult.BUSY, Cause.FAILED: ClickResult.NO_WAY}
)
"""Every other cause is one of nobody answering."""


def _keep(click_id: int, line: Line) -> Keep:
    async def keep(unit: UnitOfWork, until: datetime) -> bool:
        return await unit.click_calls.keep(click_id, owner=line.owner, until=until)

    return keep


def _occupy(which: ClickLeg) -> Occupy:
    async def occupy(unit: UnitOfWork, click_id: int, trunk: str) -> bool:
        return await unit.click_calls.occupy(click_id, which, trunk)

    return occupy


async def _tell_trunk(station: Station, line: TrunkLine, *, failed: bool) -> None:
    await tell_result(station.open_unit, line, failed=failed, now=station.clock.now())


async def _words(station: Station) -> dict[str, Audio]:
    prompts = {name: Prompt(key=f"click_call.{name}", pieces=(Piece(text=text),)) for name, text in _WORDS.items()}
    return {name: await station.library.render(prompt) for name, prompt in prompts.items()}


async def _given_up(task: "asyncio.Task[dict[str, Audio]]") -> None:
    task.cancel()
    await asyncio.wait({task})


async def _end(station: Station, click_id: int, result: ClickResult) -> None:
    """With the database away its lease runs out, and that closes it too."""
    try:
        async with station.open_unit() as unit:
            await unit.click_calls.end(click_id, result, at=station.clock.now())
            await unit.commit()
    except StoreError as error:
        log.warning("a call-back is left to its lease: %s", error, extra={"action": "not_closed", "click": click_id})
