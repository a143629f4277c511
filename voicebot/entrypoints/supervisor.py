"""Keeps the processes of one machine running and stops them in order."""

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

from voicebot.domain.errors import BadInput, VoicebotError
from voicebot.entrypoints.child_process import report_errors

log = logging.getLogger(__name__)

_PATIENT_AFTER_S: Final = 30.0
_LONGEST_PAUSE_S: Final = 30.0
_PRELOAD: Final = ["voicebot.adapters.vosk_preload"]


class CannotStart(VoicebotError):
    """A process cannot work with what it was given: its message names what is wrong."""

    exit_code = BadInput.exit_code


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """One process to keep alive."""

    name: str
    """Shown in logs and process lists: `line-1`, `jobs`, `web`."""
    target: Callable[..., None]
    """Importable function the process runs; it ends on SIGTERM."""
    args: tuple[Any, ...] = ()
    grace_s: float = 10.0
    """Time between SIGTERM and SIGKILL, seconds."""


def restart_pause(failures: int) -> float:
    """Seconds to wait before the next start after `failures` quick deaths in a row: 0, 1, 2, 4 ... 30."""
    return 0.0 if failures == 0 else min(2.0 ** (failures - 1), _LONGEST_PAUSE_S)


async def supervise(waves: Sequence[Sequence[Child]], stop: asyncio.Event) -> None:
    """Run all children until `stop`; then end them wave by wave, the first wave first.

    A child that dies is started again, after a growing pause when it keeps dying young. Waves stop one after another:
    lines (no new calls, live ones finish) before the jobs that deliver what they wrote, jobs before the web.

    Raises CannotStart when a child that has never worked ends with the exit code of bad input: starting it again would
    not help. The others are ended first, in the same order.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    async with asyncio.TaskGroup() as group:
        stops = [asyncio.Event() for _ in waves]
        keepers = [
            [group.create_task(_keep(context, child, halt), name=f"keep {child.name}") for child in wave]
            for wave, halt in zip(waves, stops, strict=True)
        ]
        everybody = [keeper for wave in keepers for keeper in wave]
        told = group.create_task(stop.wait(), name="told to stop")
        await asyncio.wait([told, *everybody], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        for halt, wave_keepers in zip(stops, keepers, strict=True):
            halt.set()
            await asyncio.wait(wave_keepers) if wave_keepers else None
    if complaints := dict.fromkeys(keeper.result() for keeper in everybody if keeper.result()):
        raise CannotStart("\n".join(complaints))  # lines of one machine say the same: once is enough


async def _keep(context: multiprocessing.context.ForkServerContext, child: Child, halt: asyncio.Event) -> str:
    """Keep one process running until `halt`; what it says when it cannot work at all, else an empty text."""
    loop = asyncio.get_running_loop()
    failures, proven = 0, False
    while not halt.is_set():
        # Starting talks to the fork server over a socket: off the loop.
        process, reports = await asyncio.to_thread(_start, context, child)
        started = loop.time()
        died = asyncio.create_task(_death_of(process), name=f"watch {child.name}")
        halted = asyncio.create_task(halt.wait(), name=f"halt {child.name}")
        await asyncio.wait({died, halted}, return_when=asyncio.FIRST_COMPLETED)
        if halt.is_set():
            await _end(process, died, child.grace_s)
            return ""
        halted.cancel()
        lived = loop.time() - started >= _PATIENT_AFTER_S
        failures, proven = 0 if lived else failures + 1, proven or lived
        message = _last_words(reports)
        if process.exitcode == BadInput.exit_code and not proven:
            return message or f"process '{child.name}' refuses to start"
        pause = restart_pause(failures)
        log.warning(
            "process '%s' died (%s); starting it again in %g s",
            child.name,
            message or f"exit code {process.exitcode}",
            pause,
            extra={"action": "restart", "child": child.name, "exit_code": process.exitcode, "pause_s": pause},
        )
        await _wait_or_halt(halt, pause)
    return ""


def _start(context: multiprocessing.context.ForkServerContext, child: Child) -> tuple[BaseProcess, Connection]:
    reading, writing = context.Pipe(duplex=False)
    process = context.Process(
        target=report_errors, args=(writing, log.getEffectiveLevel(), child.target, child.args), name=child.name
    )
    process.start()
    writing.close()  # the child has its own: ours would keep the pipe open after its death
    return process, reading


def _last_words(reports: Connection) -> str:
    """What a dead process had to say; empty when it died without a word."""
    with reports:
        try:
            return str(reports.recv()) if reports.poll() else ""
        except EOFError:
            return ""


async def _death_of(process: BaseProcess) -> None:
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()

    def ended() -> None:
        loop.remove_reader(process.sentinel)
        gone.set()

    loop.add_reader(process.sentinel, ended)
    try:
        await gone.wait()
    finally:
        if not gone.is_set():
            loop.remove_reader(process.sentinel)
    process.join()


async def _end(process: BaseProcess, died: asyncio.Task[None], grace_s: float) -> None:
    process.terminate()
    try:
        await asyncio.wait_for(asyncio.shield(died), grace_s)
    except TimeoutError:
        log.warning("process did not stop in time; killed", extra={"action": "kill", "child": process.name})
        process.kill()
        await died


async def _wait_or_halt(halt: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(halt.wait(), seconds)
    except TimeoutError:
        return
