"""Parts of the fake telephone: wire, player, tape."""

import asyncio
import wave
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voicebot.domain.audio import FRAME_BYTES, TELEPHONE


class Wire:
    """Carries everything on a network: first in, first out, `latency_s` later."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._under_way: deque[tuple[float, Callable[[], None]]] = deque()

    def send(self, arrival: Callable[[], None]) -> None:
        """Let `arrival` be called when it gets there."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._latency_s
        self._under_way.append((due, arrival))
        # A deque and not one timer each: timers of the same moment fire in no defined order.
        loop.call_at(due, self._arrive)

    def _arrive(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._under_way and self._under_way[0][0] <= now + 1e-6:
            self._under_way.popleft()[1]()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedFrame:
    """What goes out in one frame."""

    samples: bytes
    """320 bytes; empty when nothing plays."""
    ended: tuple[int, ...]
    """Playbacks whose last sample went out with the frame before."""


class Player:
    """Sounds after one another, cut into frames."""

    def __init__(self) -> None:
        self._queue: deque[tuple[int, bytes]] = deque()
        self._number = 0
        self._offset = 0

    def add(self, samples: bytes) -> int:
        """Play `samples` after what is there; returns the number of the playback."""
        self._number += 1
        self._queue.append((self._number, samples))
        return self._number

    def clear(self) -> None:
        """Forget everything."""
        self._queue.clear()
        self._offset = 0

    def next_frame(self) -> PlayedFrame:
        """The next 20 ms; the end of a sound is filled up with silence."""
        ended = []
        while self._queue and self._offset >= len(self._queue[0][1]):
            ended.append(self._queue.popleft()[0])
            self._offset = 0
        if not self._queue:
            return PlayedFrame(samples=b"", ended=tuple(ended))
        chunk = self._queue[0][1][self._offset : self._offset + FRAME_BYTES]
        self._offset += FRAME_BYTES
        return PlayedFrame(samples=chunk.ljust(FRAME_BYTES, b"\0"), ended=tuple(ended))


class Tape:
    """A stereo recording: left = this end, right = the far end."""

    def __init__(self) -> None:
        self._left: list[bytes] = []
        self._right: list[bytes] = []
        self._arrived: deque[bytes] = deque()
        self.stored = False

    def heard(self, samples: bytes) -> None:
        """A frame of the far end, recorded with the next of ours."""
        self._arrived.append(samples)

    def said(self, samples: bytes) -> None:
        """A frame of ours, every 20 ms."""
        self._left.append(samples)
        self._right.append(self._arrived.popleft() if self._arrived else bytes(FRAME_BYTES))

    def store(self, path: Path | None, *, then: Callable[[], None]) -> None:
        """Write the recording off the event loop, if it is wanted and anything was said, then call `then`."""
        if path is None or not self._left:
            self.stored = True
            then()
            return

        def written(future: "asyncio.Future[None]") -> None:
            future.result()
            self.stored = True
            then()

        asyncio.get_running_loop().run_in_executor(None, self._write, path).add_done_callback(written)

    def _write(self, path: Path) -> None:
        left, right = b"".join(self._left), b"".join(self._right)
        stereo = bytearray(len(left) * 2)
        for offset in (0, 1):
            stereo[offset::4] = left[offset::2]
            stereo[2 + offset :: 4] = right[offset::2]
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(TELEPHONE.sample_bytes)
            file.setframerate(TELEPHONE.rate_hz)
            file.writeframes(bytes(stereo))
