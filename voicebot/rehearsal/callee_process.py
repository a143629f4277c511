"""A process of its own that plays up to a handful of personas on one SIP address."""

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from voicebot.domain.errors import TelephonyError, VoicebotError
from voicebot.rehearsal.callee import Actor, serve

_START_S: Final = 30.0
"""A busy machine imports slowly."""
_STOP_S: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CalleePlan:
    """Who answers, and where the evidence goes."""

    name: str
    """Unique in `folder`."""
    actors: Mapping[str, Actor]
    """By the number they answer (the user part of the request URI)."""
    folder: Path
    port: int = 0
    """SIP port; 0 lets the system choose."""


class CalleeProcess:
    """Use as `async with`; ends by itself when this process dies."""

    def __init__(self, plan: CalleePlan) -> None:
        self._plan = plan
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._address = ("", 0)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on, once started."""
        return self._address

    @property
    def pid(self) -> int | None:
        """The process, once started."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> "CalleeProcess":
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        # Not a daemon process: one killed in the middle of a call would leave a recording without its header.
        self._process = context.Process(target=_main, args=(self._plan, theirs), name=f"callee-{self._plan.name}")
        await asyncio.to_thread(self._process.start)
        theirs.close()
        try:
            self._address = await asyncio.to_thread(self._wait_for_address, self._line)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._line is not None:
            self._line.close()  # the closed pipe is what tells it to stop
        if self._process is not None:
            await asyncio.to_thread(self._end, self._process)

    @staticmethod
    def _wait_for_address(line: Connection) -> tuple[str, int]:
        try:
            answer = line.recv() if line.poll(_START_S) else f"silent for {_START_S:g} s"
        except EOFError:
            answer = "it died"
        if isinstance(answer, str):
            raise TelephonyError(f"a rehearsal callee did not start: {answer}")
        host, port = answer
        return str(host), int(port)

    @staticmethod
    def _end(process: BaseProcess) -> None:
        process.join(_STOP_S)
        if process.is_alive():
            process.kill()
            process.join()


def _main(plan: CalleePlan, line: Connection) -> None:
    # Ctrl-C reaches the whole process group; our parent alone decides when we stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_live(plan, line))


async def _live(plan: CalleePlan, line: Connection) -> None:
    # In the child only: the parent must not carry a SIP library it does not use.
    from voicebot.rehearsal.composition import callee_telephone

    loop = asyncio.get_running_loop()
    told_to_stop = asyncio.Event()

    def stop() -> None:
        loop.remove_reader(line.fileno())  # a closed pipe stays readable: the loop would spin
        told_to_stop.set()

    loop.add_reader(line.fileno(), stop)
    try:
        async with callee_telephone(plan.port) as telephone:
            journal = plan.folder / f"witness-{plan.name}.jsonl"
            serving = asyncio.create_task(
                serve(telephone, plan.actors, journal=journal, now=lambda: datetime.now(UTC)), name="serve"
            )
            await asyncio.sleep(0)  # serving takes calls before anybody learns the address
            line.send(telephone.address())
            await _until_either(serving, told_to_stop)
    except VoicebotError as error:
        with contextlib.suppress(OSError):  # the parent is gone: nobody to tell
            line.send(str(error))


async def _until_either(serving: "asyncio.Task[None]", told_to_stop: asyncio.Event) -> None:
    stopping = asyncio.create_task(told_to_stop.wait(), name="told-to-stop")
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (serving, stopping):
        task.cancel()
    results = await asyncio.gather(serving, stopping, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
