"""A line process: up to four SIP lines, their ears and their voice."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from voicebot import bootstrap
from voicebot.adapters.local_ports import held_by_orphan
from voicebot.application.claim_lead import Line
from voicebot.application.record_surely import record_spooled
from voicebot.application.station import Station
from voicebot.application.waiting_room import waiting_at
from voicebot.application.work_inbound import work_inbound
from voicebot.application.work_line import work_line
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
    """Work all lines until `stop`; calls under way get the grace period to finish, then they are hung up on."""
    await _orphan_gone(plan, stop)
    prefix = new_process_id()
    async with (
        bootstrap.open_station(plan.settings, line=plan.number) as station,
        waiting_at(bootstrap.build_doorbell(plan.settings), lines=plan.lines) as waiting_room,
        alive(station.open_unit, ProcessKind.LINE, f"line-{plan.number}", id=prefix, lines=plan.lines),
    ):
        policy = station.rules.policy

        def line_called(name: object) -> Line:
            return Line(
                owner=f"{prefix}:{name}",
                policy=policy,
                dialplan=station.dialplan.name,
                lease=timedelta(seconds=plan.settings.lease_seconds),
            )

        lines = [line_called(number) for number in range(plan.lines)]
        tasks = [
            asyncio.create_task(work_line(station, line, waiting_room, stop), name=f"line {number}")
            for number, line in enumerate(lines)
        ]
        unanswered = why_unanswered(station.dialplan.inbound, station.scripts)
        if unanswered:
            log.warning("customers who ring us are not answered: %s", unanswered, extra={"action": "inbound_closed"})
        else:
            callers = work_inbound(station, line_called("in"), waiting_room, stop)
            tasks.append(asyncio.create_task(callers, name="callers"))
        catching_up = asyncio.create_task(_catch_up(station), name="spooled outcomes")
        try:
            await _until_done(tasks, stop, plan.settings.grace_seconds)
        finally:
            for task in (catching_up, *tasks):
                task.cancel()
            await asyncio.wait([catching_up, *tasks])


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


async def _until_done(tasks: list[asyncio.Task[None]], stop: asyncio.Event, grace_s: float) -> None:
    """Wait for the order to stop, then for the calls under way; an error of a line ends them all."""
    stopping = asyncio.create_task(stop.wait(), name="stopping")
    try:
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    failed = [task for task in tasks if task.done() and not task.cancelled() and task.exception()]
    for task in failed:
        task.result()
    _, talking = await asyncio.wait(tasks, timeout=grace_s)
    if talking:
        log.warning("the grace period is over: hanging up", extra={"action": "hang_up_all", "calls": len(talking)})
