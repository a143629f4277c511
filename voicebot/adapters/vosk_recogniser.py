"""The ears: Vosk, one model and one decoding thread per process."""

import asyncio
import contextlib
import functools
import json
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import vosk

from voicebot.adapters.upsampling import Upsampler
from voicebot.adapters.vosk_models import check_model, sample_rate
from voicebot.domain.audio import TELEPHONE
from voicebot.domain.errors import BadInput, SpeechError

CHUNK_BYTES: Final = TELEPHONE.bytes_for(100)
"""Audio decoded at a time: five frames of the line, about 3 ms of work."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """The final text of one utterance."""

    text: str
    """Lower-case words; empty when none were recognised."""
    confidence: float
    """Mean word confidence 0..1; 0 for an empty text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VoskModel:
    """A model in memory."""

    folder: Path
    rate_hz: int
    handle: Any = field(repr=False)


def load_model(folder: Path) -> VoskModel:
    """The model of `folder`, loaded once per process (a forked child finds its parent's).

    Raises BadInput naming the folder, what is missing, and the repair.
    """
    return _loaded(folder.resolve())


@functools.lru_cache(maxsize=2)
def _loaded(folder: Path) -> VoskModel:
    check_model(folder)
    vosk.SetLogLevel(-1)
    try:
        with _without_kaldi():
            handle = vosk.Model(str(folder))
    except Exception as error:  # vosk raises bare Exception: "Failed to create a model"
        message = "Vosk cannot load this model: its files are damaged or for another version"
        raise BadInput.one(str(folder), message, repair=f"run: voicebot models pull {folder.name} --force") from error
    return VoskModel(folder=folder, rate_hz=sample_rate(folder), handle=handle)


@contextlib.contextmanager
def _without_kaldi() -> Iterator[None]:
    """Kaldi writes its errors to descriptor 2 whatever the log level; what is wrong is told by our own message."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class VoskRecogniser:
    """Opens recognitions on one model; all of them are decoded by one thread of this process.

    The thread starts with the first `open`, so that a process may fork between loading and opening.
    """

    def __init__(self, model: VoskModel) -> None:
        self._model = model
        self._work = _Workload()
        self._thread: threading.Thread | None = None

    def open(self) -> "VoskRecognition":
        """A fresh recognition for one call; use it on one event loop."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work.run, name="vosk", daemon=True)
            self._thread.start()
        return VoskRecognition(self._model, self._work)

    def close(self) -> None:
        """Finish what is queued and end the thread; idempotent."""
        if self._thread is not None:
            self._work.stop()
            self._thread.join()
            self._thread = None
            self._work = _Workload()


class VoskRecognition:
    """One call's utterances, one after another. All methods are for the event loop's thread."""

    def __init__(self, model: VoskModel, work: "_Workload") -> None:
        self._decoder = _Decoder(model)
        self._work = work
        self._waiting = bytearray()
        self._closed = False

    def feed(self, samples: bytes) -> None:
        """Queue telephone PCM; returns at once."""
        if self._closed:
            raise SpeechError("this recognition is closed")
        self._waiting += samples
        while len(self._waiting) >= CHUNK_BYTES:
            chunk = bytes(self._waiting[:CHUNK_BYTES])
            del self._waiting[:CHUNK_BYTES]
            self._work.add(self, functools.partial(self._decoder.accept, chunk))

    def partial(self) -> str:
        """The words decoded so far; lags by up to 0.5 s, the stretch Vosk decodes at once."""
        return self._decoder.partial

    async def finish(self) -> Recognised:
        """Decode what is queued, give the final text, begin the next utterance.

        Raises SpeechError when the decoder failed on this utterance; the next one starts clean.
        """
        if self._closed:
            raise SpeechError("this recognition is closed")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Recognised] = loop.create_future()
        rest = bytes(self._waiting)
        self._waiting.clear()

        def decode() -> None:
            try:
                self._decoder.accept(rest)
                result = self._decoder.finish()
            except Exception as error:  # whatever it is belongs to the one who waits, not to this thread
                _deliver(loop, answer, functools.partial(answer.set_exception, error))
            else:
                _deliver(loop, answer, functools.partial(answer.set_result, result))

        self._work.hurry(self, decode)
        return await answer

    def close(self) -> None:
        """Release the recogniser once the thread is through with it; idempotent."""
        if not self._closed:
            self._closed = True
            self._work.add(self, self._decoder.release)


def _deliver(loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[Recognised]", settle: Callable[[], None]) -> None:
    def settle_if_awaited() -> None:
        if not answer.done():  # the one who asked may have been cancelled
            settle()

    with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
        loop.call_soon_threadsafe(settle_if_awaited)


class _Decoder:
    """A KaldiRecognizer and what it has said of the current utterance; touched by the decoding thread only."""

    def __init__(self, model: VoskModel) -> None:
        self._model = model
        self._handle: Any = None
        self._upsampler = Upsampler() if model.rate_hz > TELEPHONE.rate_hz else None
        self._parts: list[dict[str, Any]] = []
        self._failure: SpeechError | None = None
        self.partial = ""
        """Written by the decoding thread, read by the event loop: a reference is swapped whole."""

    def accept(self, samples: bytes) -> None:
        """Decode a chunk; a failure is kept for `finish`."""
        if not samples or self._failure:
            return
        if self._handle is None:
            # The rate is the model's: Vosk brings high rates down, but refuses to bring low ones up.
            self._handle = vosk.KaldiRecognizer(self._model.handle, float(self._rate_hz))
            self._handle.SetWords(True)
        try:
            if self._handle.AcceptWaveform(self._upsampler(samples) if self._upsampler else samples):
                self._parts.append(json.loads(self._handle.Result()))  # Vosk's own endpoint: the utterance goes on
            said = [
                *(part["text"] for part in self._parts),
                json.loads(self._handle.PartialResult()).get("partial", ""),
            ]
            self.partial = _joined(said)
        except Exception as error:  # vosk raises bare Exception: "Failed to process waveform"
            self._failure = SpeechError(f"Vosk could not decode: {error}")

    def finish(self) -> Recognised:
        """The text of all parts; the next utterance starts clean whatever happened to this one."""
        parts, self._parts, self.partial = self._parts, [], ""
        failure, self._failure = self._failure, None
        if failure:
            self._handle = None
            raise failure
        if self._handle is not None:
            parts.append(json.loads(self._handle.FinalResult()))
            self._handle.Reset()
        if self._upsampler:
            self._upsampler = Upsampler()
        certainties = [word["conf"] for part in parts for word in part.get("result", ())]
        text = _joined([part.get("text", "") for part in parts])
        return Recognised(
            text=text, confidence=min(1.0, sum(certainties) / len(certainties)) if text and certainties else 0.0
        )

    def release(self) -> None:
        """Free Vosk's memory on the thread that used it."""
        self._handle = None

    @property
    def _rate_hz(self) -> int:
        return TELEPHONE.rate_hz * (2 if self._upsampler else 1)


def _joined(texts: list[str]) -> str:
    return " ".join(" ".join(texts).lower().split())


class _Workload:
    """Jobs of all calls in order, and the thread's loop over them; a call that waits for its text goes first."""

    def __init__(self) -> None:
        self._jobs: deque[tuple[object, Callable[[], None]]] = deque()
        self._urgent: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._count = threading.Semaphore(0)

    def add(self, owner: object, job: Callable[[], None]) -> None:
        """Queue a job behind everybody's."""
        with self._lock:
            self._jobs.append((owner, job))
        self._count.release()

    def hurry(self, owner: object, job: Callable[[], None]) -> None:
        """Queue a job behind the owner's own ones, and all of these before everybody else's."""
        with self._lock:
            self._urgent.extend(queued for whose, queued in self._jobs if whose is owner)
            self._urgent.append(job)
            self._jobs = deque((whose, queued) for whose, queued in self._jobs if whose is not owner)
        self._count.release()

    def stop(self) -> None:
        """End the loop after the jobs queued so far."""
        self._count.release()

    def run(self) -> None:
        """The thread's life."""
        while job := self._next():
            job()

    def _next(self) -> Callable[[], None] | None:
        self._count.acquire()
        with self._lock:
            if self._urgent:
                return self._urgent.popleft()
            return self._jobs.popleft()[1] if self._jobs else None
