"""All processes of one machine under one supervisor."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voicebot import bootstrap
from voicebot.config import Settings
from voicebot.entrypoints.jobs import jobs_process
from voicebot.entrypoints.line_process import LineProcess, line_process
from voicebot.entrypoints.supervisor import Child, supervise

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
    from voicebot.entrypoints.web.app import web_process  # lines alone start without all of the desk

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
