"""A line process: up to four SIP lines, their ears and their voice."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from voicebot.adapters.local_ports import held_by_orphan
from voicebot.application.claim_lead import Line
from voicebot.application.record_surely import record_spooled
from voicebot.application.shared_claims import SharedClaims
from voicebot.application.station import Station
from voicebot.application.waiting_room import WaitingRoom, waiting_at
from voicebot.application.work_inbound import work_inbound
from voicebot.application.work_line import work_line
from voicebot.bootstrap_line import build_doorbell, open_station
from voicebot.config import Settings
from voicebot.domain.errors import StoreError
from voicebot.domain.inbound import why_unanswered
from voicebot.domain.process import ProcessKind
from voicebot.entrypoints.alive import alive, new_process_id
from voicebot.entrypoints.child_process import run_until_told

log = logging.getLogger(__name__)

_CATCH_UP_S = 5.0
"""Between two tries to record what an earlier process left behind, seconds."""

_PORT_S = 1.0
"""Between two looks at a port that is still held, seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineProcess:
    """What one line process is given."""

    number: int
    """Its place among the line processes of this machine, from 0."""
    lines: int
    """How many lines it works, 1-4."""
    settings: Settings


def line_process(plan: LineProcess) -> None:
    """Body of the supervised process."""
    run_until_told(lambda stop: work_lines(plan, stop))


async def work_lines(plan: LineProcess, stop: asyncio.Event) -> None:
    """Work all lines until `stop`; calls under way get the grace period to finish, then they are hung up on.

    A dialplan with other trunks is taken up between two calls: those under way are finished, then the telephone is
    opened again.
    """
    await _orphan_gone(plan, stop)
    while not stop.is_set():
        await _work_one_telephone(plan, stop)


async def _work_one_telephone(plan: LineProcess, stop: asyncio.Event) -> None:
    prefix = new_process_id()
    halt = asyncio.Event()
    async with (
        open_station(plan.settings, line=plan.number) as station,
        _halted(halt, stop, station) as waiting,
        waiting_at(build_doorbell(plan.settings), lines=plan.lines) as waiting_room,
        alive(station.open_unit, ProcessKind.LINE, f"line-{plan.number}", id=prefix, lines=plan.lines),
    ):
        claims = SharedClaims(station.open_unit, station.clock)
        tasks = _lines(plan, station, prefix, claims, waiting_room, halt)
        catching_up = asyncio.create_task(_catch_up(station), name="spooled outcomes")
        try:
            await _until_done(tasks, waiting, stop, plan.settings.grace_seconds)
        finally:
            for task in (catching_up, *tasks):
                task.cancel()
            await asyncio.wait([catching_up, *tasks])
            await claims.close()


def _lines(
    plan: LineProcess,
    station: Station,
    prefix: str,
    claims: SharedClaims,
    waiting_room: WaitingRoom,
    halt: asyncio.Event,
) -> list[asyncio.Task[None]]:
    """Everybody at work: the lines, and whoever takes the calls of customers; `prefix` begins their names."""

    def line_called(name: object) -> Line:
        return Line(
            owner=f"{prefix}:{name}",
            policy=station.rules.policy,
            dialplan=station.dialplan.name,
            lease=timedelta(seconds=plan.settings.lease_seconds),
        )

    tasks = [
        asyncio.create_task(work_line(station, line_called(number), claims, waiting_room, halt), name=f"line {number}")
        for number in range(plan.lines)
    ]
    unanswered = why_unanswered(station.dialplan.inbound, station.scripts)
    if unanswered:
        log.warning("customers who ring us are not answered: %s", unanswered, extra={"action": "inbound_closed"})
    else:
        callers = work_inbound(station, line_called("in"), waiting_room, halt)
        tasks.append(asyncio.create_task(callers, name="callers"))
    return tasks


@asynccontextmanager
async def _halted(halt: asyncio.Event, stop: asyncio.Event, station: Station) -> AsyncIterator[asyncio.Task[None]]:
    """Sets `halt` at `stop`, or when the telephone is to be opened again; gives the task that waits for it."""

    async def wait() -> None:
        reasons = [asyncio.create_task(stop.wait(), name="stopping")]
        if station.documents is not None:
            reasons.append(asyncio.create_task(station.documents.rewired.wait(), name="other trunks"))
        try:
            await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for reason in reasons:
                reason.cancel()
        if not stop.is_set():
            log.info("the dialplan has other trunks: the telephone is opened again", extra={"action": "rewired"})
        halt.set()

    waiting = asyncio.create_task(wait(), name="halt")
    try:
        yield waiting
    finally:
        waiting.cancel()
        await asyncio.wait({waiting})


async def _orphan_gone(plan: LineProcess, stop: asyncio.Event) -> None:
    """Wait for our SIP port: lines of a supervisor that was killed finish their calls first, a minute at most."""
    port = plan.settings.sip_port and plan.settings.sip_port + plan.number
    told = False
    while port and not stop.is_set() and await asyncio.to_thread(held_by_orphan, port):
        if not told:
            log.warning("SIP port %d waits for a call of a killed supervisor", port, extra={"action": "port_waits"})
            told = True
        await asyncio.sleep(_PORT_S)


async def _catch_up(station: Station) -> None:
    """Record what a process before us could not."""
    while True:
        try:
            news = await record_spooled(station.open_unit, station.rules, spool=station.spool, clock=station.clock)
        except StoreError as error:
            log.warning("spooled outcomes wait: %s", error, extra={"action": "spool_waits"})
            await station.clock.sleep(_CATCH_UP_S)
        else:
            if news:
                log.info("%d outcomes of an earlier process were recorded", news, extra={"action": "spool_recorded"})
            return


async def _until_done(
    tasks: list[asyncio.Task[None]], halted: asyncio.Task[None], stop: asyncio.Event, grace_s: float
) -> None:
    """Wait for the order to halt, then for the calls under way; an error of a line ends them all.

    Calls are waited for as long as they take, until the order to `stop`: then for the grace period.
    """
    await asyncio.wait([halted, *tasks], return_when=asyncio.FIRST_COMPLETED)
    _raise_errors(tasks)
    if not stop.is_set():
        stopping = asyncio.create_task(stop.wait(), name="stopping")
        try:
            while not stop.is_set() and (under_way := [task for task in tasks if not task.done()]):
                await asyncio.wait([stopping, *under_way], return_when=asyncio.FIRST_COMPLETED)
                _raise_errors(tasks)
        finally:
            stopping.cancel()
    _, talking = await asyncio.wait(tasks, timeout=grace_s)
    if talking:
        log.warning("the grace period is over: hanging up", extra={"action": "hang_up_all", "calls": len(talking)})


def _raise_errors(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()
