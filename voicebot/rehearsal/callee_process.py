"""A process of its own that plays up to a handful of personas on one SIP address.

A bare interpreter rather than a multiprocessing child: that would import the parent's main module again, and with it
half of the product. Protocol: the plan comes on standard input, pickled, after its length (4 bytes, little-endian);
one line of JSON goes out: `{"host", "port"}` or `{"error"}`. Anything more on the input, or its end, means stop.
"""

import asyncio
import json
import os
import pickle
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from voicebot.application.ports.telephone import Telephone
from voicebot.domain.errors import TelephonyError, VoicebotError
from voicebot.rehearsal.callee import Actor, Ring, Stage, ring_up, serve

_LENGTH: Final = struct.Struct("<I")
_START_S: Final = 30.0
"""A busy machine imports slowly."""
_STOP_S: Final = 10.0
_ENDING_S: Final = 0.5
"""The caller tells us to stop when *it* has hung up: the BYE may still be on its way to us."""


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
    bot: str = ""
    """host:port at which the bot answers those who ring it; empty: nobody does."""
    rings: tuple[Ring, ...] = ()
    """Personas that ring the bot by themselves."""
    anyone: tuple[Actor, ...] = ()
    """Who answer at phone numbers that are nobody's in `actors`; without them 404."""


class CalleeProcess:
    """Use as `async with`; ends by itself when this process dies."""

    def __init__(self, plan: CalleePlan) -> None:
        self._plan = plan
        self._process: asyncio.subprocess.Process | None = None
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
        """Raises TelephonyError when it does not come up (a taken port, for one)."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for our parent, which alone decides when we stop
        )
        try:
            self._address = await self._introduce(self._process)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _introduce(self, process: asyncio.subprocess.Process) -> tuple[str, int]:
        assert process.stdin is not None
        assert process.stdout is not None
        plan = pickle.dumps(self._plan)
        try:
            async with asyncio.timeout(_START_S):
                process.stdin.write(_LENGTH.pack(len(plan)) + plan)
                await process.stdin.drain()
                answer: dict[str, Any] = json.loads(await process.stdout.readline() or '{"error": "it died"}')
        except TimeoutError:
            answer = {"error": f"silent for {_START_S:g} s"}
        except OSError:
            answer = {"error": "it died"}
        if "error" in answer:
            raise TelephonyError(f"a rehearsal callee did not start: {answer['error']}")
        return str(answer["host"]), int(answer["port"])


async def _live(plan: CalleePlan, orders: int, answers: int) -> None:
    from voicebot.rehearsal.composition import callee_telephone  # not in the parent: it needs no SIP library

    loop = asyncio.get_running_loop()
    told_to_stop = asyncio.Event()

    def stop() -> None:
        loop.remove_reader(orders)  # a closed pipe stays readable: the loop would spin
        told_to_stop.set()

    loop.add_reader(orders, stop)
    try:
        async with callee_telephone(plan.port) as telephone:
            journal = plan.folder / f"witness-{plan.name}.jsonl"
            serving = asyncio.create_task(_play(plan, telephone, journal), name="serve")
            await asyncio.sleep(0)  # calls are taken before anybody learns the address
            host, port = telephone.address()
            _answer(answers, host=host, port=port)
            await _until_either(serving, told_to_stop)
    except VoicebotError as error:
        _answer(answers, error=str(error))


async def _play(plan: CalleePlan, telephone: Telephone, journal: Path) -> None:
    """Answer, and ring, until cancelled."""
    stage = Stage(telephone=telephone, journal=journal, now=lambda: datetime.now(UTC), bot=plan.bot)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            serve(telephone, plan.actors, journal=journal, now=stage.now, anyone=plan.anyone, bot=plan.bot)
        )
        for ring in plan.rings:
            tasks.create_task(ring_up(ring, stage))


async def _until_either(serving: "asyncio.Task[None]", told_to_stop: asyncio.Event) -> None:
    async def stop() -> None:
        await told_to_stop.wait()
        await asyncio.sleep(_ENDING_S)

    stopping = asyncio.create_task(stop(), name="told-to-stop")
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (serving, stopping):
        task.cancel()
    results = await asyncio.gather(serving, stopping, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


def _answer(answers: int, **fields: object) -> None:
    os.write(answers, json.dumps(fields).encode() + b"\n")


def _exactly(orders: int, count: int) -> bytes:
    """Unbuffered, so that what follows is left for the event loop to see."""
    body = b""
    while len(body) < count:
        chunk = os.read(orders, count - len(body))
        if not chunk:
            raise SystemExit(0)  # our parent is gone already
        body += chunk
    return body


def main() -> None:
    """Read the plan, play it until told to stop."""
    orders = sys.stdin.fileno()
    (length,) = _LENGTH.unpack(_exactly(orders, _LENGTH.size))
    # Our own parent's words: nothing a stranger could have written.
    plan = pickle.loads(_exactly(orders, length))
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    asyncio.run(_live(plan, orders, answers))


if __name__ == "__main__":
    main()
