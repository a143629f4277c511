"""All processes of one machine under one supervisor."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from voicebot import bootstrap
from voicebot.config import Settings
from voicebot.entrypoints.jobs import jobs_process
from voicebot.entrypoints.line_process import LineProcess, line_process
from voicebot.entrypoints.supervisor import Child, supervise
from voicebot.entrypoints.web.app import web_process

log = logging.getLogger(__name__)

_GRACE_MARGIN_S = 10.0
"""A process gets this much longer than its calls before it is killed."""


def line_children(settings: Settings) -> list[Child]:
    """As many line processes as the lines need."""
    children = []
    left, number = settings.lines, 0
    while left > 0:
        lines = min(left, settings.lines_per_process)
        plan = LineProcess(number=number, lines=lines, settings=settings)
        children.append(
            Child(
                name=f"line-{number}",
                target=line_process,
                args=(plan,),
                grace_s=settings.grace_seconds + _GRACE_MARGIN_S,
            )
        )
        left, number = left - lines, number + 1
    return children


async def run_machine(settings: Settings, stop: asyncio.Event, *, web: bool = True) -> None:
    """Run lines, jobs and web until `stop`.

    Bad scripts, dialplans, models and settings are reported before any process starts. Stopping: lines take no new
    call and finish those under way, then the jobs deliver what they wrote, then the web closes, last the database.
    """
    async with _ready(settings) as running:
        deliveries = Child(name="jobs", target=jobs_process, args=(running,), grace_s=settings.grace_seconds)
        pages = [Child(name="web", target=web_process, args=(running,))] if web else []
        log.info(
            "starting %d lines, jobs%s; SIGTERM or Ctrl-C ends the calls in order",
            running.lines,
            f" and http://{running.web_host}:{running.web_port}/" if web else "",
            extra={"action": "start"},
        )
        await supervise([line_children(running), [deliveries], pages], stop)


async def run_lines(settings: Settings, stop: asyncio.Event) -> None:
    """Run only the lines, as one more machine against the database."""
    async with _ready(settings) as running:
        await supervise([line_children(running)], stop)


@asynccontextmanager
async def _ready(settings: Settings) -> AsyncIterator[Settings]:
    """Settings that children can work with: files checked, database migrated, the model named for the fork server."""
    bootstrap.check_files(settings)
    os.environ[bootstrap.PRELOAD_VARIABLE] = str(settings.model.resolve())
    async with bootstrap.database_running(settings) as running:
        yield running


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C set `stop`; a second one ends the program at once."""
    loop = asyncio.get_running_loop()

    def told(number: signal.Signals) -> None:
        if stop.is_set():
            loop.remove_signal_handler(number)
            signal.raise_signal(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told, number)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
