"""What is to be played on one call, cut into frames."""

import threading
from collections import deque

from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio


class PlaybackQueue:
    """Sounds one after another without a gap; filled by the event loop, emptied by the owner thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, memoryview]] = deque()
        self._last_number = 0

    def add(self, audio: Audio) -> int:
        """Queue a sound and return its number; raises ValueError unless it is telephone audio."""
        if audio.format != TELEPHONE:
            raise ValueError(f"a line plays {TELEPHONE}, not {audio.format}: convert it first")
        with self._lock:
            self._last_number += 1
            self._waiting.append((self._last_number, memoryview(audio.samples)))
            return self._last_number

    def clear(self) -> None:
        """Forget everything: the next frame is silent already."""
        with self._lock:
            self._waiting.clear()

    def take(self) -> tuple[bytes, tuple[int, ...]]:
        """The next frame, padded with silence, and the numbers of the sounds that ended in it."""
        with self._lock:
            if not self._waiting:
                return _SILENCE, ()
            parts: list[memoryview] = []
            ended: list[int] = []
            missing = FRAME_BYTES
            while self._waiting and (missing or not self._waiting[0][1]):
                number, rest = self._waiting.popleft()
                parts.append(rest[:missing])
                if len(rest) > missing:
                    self._waiting.appendleft((number, rest[missing:]))
                else:
                    ended.append(number)
                missing -= len(parts[-1])
            return b"".join(parts).ljust(FRAME_BYTES, b"\0"), tuple(ended)


_SILENCE = bytes(FRAME_BYTES)
