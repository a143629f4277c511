"""Lines of the trunks, shared by all processes of all machines."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.circuit_breaker import Breaker, TrunkResult
from voicebot.domain.dialplan import Trunk
from voicebot.domain.errors import NoFreeSlot, NotFound, StoreError, VoicebotError
from voicebot.domain.pacing import Rest, TrunkLoad, admit, earliest

log = logging.getLogger(__name__)

Occupy = Callable[[UnitOfWork, int, str], Awaitable[bool]]
"""Writes down that a call uses a line of the named trunk (of none when empty); False when it is over already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrunkLine:
    """A line of a trunk that one call has taken; it is free again when the call has ended."""

    call_id: int
    trunk: Trunk
    at: datetime
    """When the INVITE may leave."""
    probe: bool
    occupy: Occupy
    """Writes down which trunk the call uses."""


class NoFreeLine(NoFreeSlot):
    """No trunk that leads to the customer has a line just now."""

    def __init__(self, rests: Sequence[Rest]) -> None:
        first = earliest(rests)
        super().__init__(f"no trunk of the route takes a call just now ({first.why}): try again in a moment")
        self.until = first.until
        """When one could be free."""


class CallOver(VoicebotError):
    """The call was given up for dead before it had a line: it must not be dialled."""

    def __init__(self) -> None:
        super().__init__("the call was given up before it was dialled")


async def call_occupies(unit: UnitOfWork, call_id: int, trunk: str) -> bool:
    """A call to a lead uses a line of the trunk."""
    return await unit.trunks.occupy(call_id, trunk)


async def take_line(
    open_unit: OpenUnit, call_id: int, trunk: Trunk, now: datetime, *, occupy: Occupy = call_occupies
) -> TrunkLine | Rest:
    """A line of the trunk for a claimed call, and the moment it may be dialled; or when to ask again.

    A line whose process dies is freed by the reaper that closes its call. Raises CallOver.
    """
    async with open_unit() as unit:
        admitted = admit(await unit.trunks.lock(trunk.name, now), trunk, now)
        if isinstance(admitted, Rest):
            return admitted
        if not await occupy(unit, call_id, trunk.name):
            raise CallOver
        await unit.trunks.save(admitted.load)
        await unit.commit()
    return TrunkLine(call_id=call_id, trunk=trunk, at=admitted.at, probe=admitted.probe, occupy=occupy)


async def room(open_unit: OpenUnit, trunks: Iterable[Trunk], now: datetime) -> timedelta:
    """How long until a line could be free on any of the trunks; zero when one is. A look, not a promise."""
    wanted = {trunk.name: trunk for trunk in trunks}
    async with open_unit() as unit:
        loads = await unit.trunks.look(wanted, now)
    admitted = [admit(load, wanted[name], now) for name, load in loads.items()]
    rests = [one for one in admitted if isinstance(one, Rest)]
    return earliest(rests).until - now if rests and len(rests) == len(admitted) else timedelta(0)


async def tell_result(open_unit: OpenUnit, line: TrunkLine, *, failed: bool, now: datetime) -> None:
    """What the breaker should know of a call; after a failure its line is free for others at once.

    With the database away nothing is told, and the call goes on: a breaker that knows one call less does no harm.
    """
    try:
        async with open_unit() as unit:
            await _tell(unit, line, TrunkResult(at=now, failed=failed))
            await unit.commit()
    except StoreError as error:
        log.warning("trunk '%s': a result is lost: %s", line.trunk.name, error, extra={"action": "result_lost"})


async def resume_trunk(open_unit: OpenUnit, name: str, *, by: str, now: datetime) -> None:
    """Close a breaker by hand; raises NotFound for an unknown trunk, IllegalMove when it is not paused."""
    async with open_unit() as unit:
        if name not in {load.name for load in await unit.trunks.known()}:
            raise NotFound(f"no trunk '{name}' has ever been dialled over")
        load = await unit.trunks.lock(name, now)
        await _move(unit, load, load.breaker.resumed(now), by=by, now=now)
        await unit.wake.lines()
        await unit.commit()


async def _tell(unit: UnitOfWork, line: TrunkLine, result: TrunkResult) -> None:
    load = await unit.trunks.lock(line.trunk.name, result.at)
    breaker = load.breaker.after_probe(result) if line.probe else load.breaker.after_call(result)
    if result.failed:
        await line.occupy(unit, line.call_id, "")
    await _move(unit, load, breaker, by="line", now=result.at)


async def _move(unit: UnitOfWork, load: TrunkLoad, breaker: Breaker, *, by: str, now: datetime) -> None:
    """Write the breaker; that it opened or closed is told in the log and kept in the audit log."""
    await unit.trunks.save(replace(load, breaker=breaker))
    if breaker.trips == load.breaker.trips:
        return
    paused = breaker.paused_until is not None
    action = "trunk.paused" if paused else "trunk.resumed"
    details: dict[str, object] = {"trips": breaker.trips, "reason": breaker.reason} if paused else {}
    await unit.audit.record(at=now, actor=by, action=action, subject=f"trunk:{load.name}", details=details)
    if breaker.paused_until is not None:
        log.warning(
            "trunk '%s' is paused until %s: %s",
            *(load.name, f"{breaker.paused_until:%H:%M:%S} UTC", breaker.reason),
            extra={"action": action, "trunk": load.name},
        )
    else:
        log.info("trunk '%s' carries calls again", load.name, extra={"action": action, "trunk": load.name})
