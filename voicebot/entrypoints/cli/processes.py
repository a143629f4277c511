"""`voicebot run`, `dial`, `web`: the long-running processes; `jobs` has a module of its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

import typer

from voicebot.config import Settings, read_settings
from voicebot.entrypoints.child_process import log_to_console


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("dial")(dial)
    app.command("web")(web)


def run(lines: Annotated[int | None, typer.Option(min=0, help="SIP lines; VOICEBOT_LINES by default.")] = None) -> None:
    """Run web, jobs and lines under one supervisor until SIGTERM or Ctrl-C; live calls then get a grace period."""
    from voicebot.entrypoints.machine import run_machine

    settings = _settings(lines)
    _until_stopped(lambda stop: run_machine(settings, stop))


def dial(
    lines: Annotated[int | None, typer.Option(min=1, help="SIP lines; VOICEBOT_LINES by default.")] = None,
) -> None:
    """Run only lines: one more machine against the same database."""
    from voicebot.entrypoints.machine import run_lines

    settings = _settings(lines)
    _until_stopped(lambda stop: run_lines(settings, stop))


def web() -> None:
    """Run only the web process."""
    from voicebot.entrypoints.web.app import serve

    settings = _settings(None)
    _until_stopped(lambda stop: serve(settings, stop))


def _settings(lines: int | None) -> Settings:
    log_to_console(logging.INFO)
    settings = read_settings()
    return settings if lines is None else replace(settings, lines=lines)


def _until_stopped(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    from voicebot.entrypoints.signals import stopped_by_signals

    async def main() -> None:
        stop = asyncio.Event()
        with stopped_by_signals(stop):
            await work(stop)

    asyncio.run(main())
