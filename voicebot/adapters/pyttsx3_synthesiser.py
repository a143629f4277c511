"""The synthetic voice: pyttsx3 in a worker process, with a timeout and a restart."""

import asyncio
import json
import struct
import sys
from typing import Final

from voicebot.domain.audio import TELEPHONE, Audio
from voicebot.domain.errors import SpeechError

_WORKER: Final = "voicebot.adapters.pyttsx3_worker"
_HEADER: Final = struct.Struct("<cI")


class _WorkerFailed(Exception):
    """The worker died, hung or answered nonsense: start a new one."""


class Pyttsx3Synthesiser:
    """Speaks through espeak-ng; one sentence at a time, about 30 ms each once the worker is warm (0.4 s to start).

    Belongs to the event loop it is first used on. `voice` is an espeak-ng voice with an optional variant:
    `ru`, `ru+f4`, `ru+m3`.
    """

    def __init__(
        self,
        voice: str = "ru",
        *,
        rate: int = 165,
        pitch: int = 50,
        timeout_s: float = 5.0,
        command: tuple[str, ...] = (sys.executable, "-m", _WORKER),
    ) -> None:
        """`rate` in words per minute, `pitch` 0-99 (50 is the voice's own), `timeout_s` for one sentence."""
        self._request = {"voice": voice, "rate": rate, "pitch": pitch}
        self._timeout_s = timeout_s
        self._command = command
        self._worker: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def voice(self) -> str:
        """Name of the voice with its settings: part of a cache key."""
        return "pyttsx3-espeak/{voice}/{rate}/{pitch}".format(**self._request)

    async def start(self) -> None:
        """Start the worker ahead of the first sentence; raises SpeechError when it cannot start."""
        async with self._turn:
            try:
                await self._running()
            except _WorkerFailed as error:
                raise SpeechError(f"the synthetic voice does not start: {error}") from error

    async def synthesise(self, text: str) -> Audio:
        """Speak `text`: telephone audio, trimmed, at telephone level; raises SpeechError when two workers failed."""
        if not any(letter.isalnum() for letter in text):
            return Audio(format=TELEPHONE, samples=b"")
        async with self._turn:
            try:
                return await self._speak(text)
            except _WorkerFailed:
                pass  # known to happen now and then: a fresh worker gets the sentence once more
            try:
                return await self._speak(text)
            except _WorkerFailed as error:
                raise SpeechError(f"the synthetic voice failed twice: {error}") from error

    async def close(self) -> None:
        """Stop the worker; idempotent, and a later `synthesise` starts a new one."""
        async with self._turn:
            await self._stop()

    async def _speak(self, text: str) -> Audio:
        worker = await self._running()
        line = json.dumps({**self._request, "text": " ".join(text.split())}) + "\n"
        try:
            async with asyncio.timeout(self._timeout_s):
                status, body = await _exchange(worker, line.encode())
        except TimeoutError as error:
            await self._stop()
            raise _WorkerFailed(f"no answer in {self._timeout_s:g} s") from error
        except (OSError, EOFError) as error:
            await self._stop()
            raise _WorkerFailed("the worker died") from error
        except asyncio.CancelledError:
            await self._stop()  # its answer would be taken for the next sentence's
            raise
        if status != b"A":
            raise SpeechError(f"the synthetic voice refused: {body.decode(errors='replace')}")
        return Audio(format=TELEPHONE, samples=body)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        try:
            self._worker = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise _WorkerFailed(f"cannot run {self._command[0]}: {error.strerror}") from error
        try:
            async with asyncio.timeout(self._timeout_s + 10):  # the first start on a busy machine imports numpy
                assert self._worker.stdout is not None
                await self._worker.stdout.readexactly(1)
        except (TimeoutError, EOFError) as error:
            await self._stop()
            raise _WorkerFailed("the worker did not come up") from error
        return self._worker

    async def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        assert worker.stdin is not None
        worker.stdin.close()
        if worker.returncode is None:
            worker.kill()  # it holds nothing to lose, and a hung engine listens to nothing gentler
        await worker.wait()


async def _exchange(worker: asyncio.subprocess.Process, line: bytes) -> tuple[bytes, bytes]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(line)
    await worker.stdin.drain()
    status, length = _HEADER.unpack(await worker.stdout.readexactly(_HEADER.size))
    return status, await worker.stdout.readexactly(length)
