"""Records both sides of calls, off the owner thread."""

import logging
import os
import queue
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from voicebot.domain.audio import TELEPHONE, AudioFormat
from voicebot.domain.errors import TelephonyError

STEREO: Final = AudioFormat(rate_hz=TELEPHONE.rate_hz, channels=2)
_FRAMES_A_WRITE: Final = 50
"""One second: what a killed process loses at most."""
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_log = logging.getLogger(__name__)


class StereoRecording:
    """One call's recording: left = our side, right = the far end.

    The file is a valid WAV after every write (once a second), whatever happens to the process.
    """

    def __init__(self, path: Path, writer: "RecordingWriter") -> None:
        self._path = path
        self._writer = writer
        self._left: list[bytes] = []
        self._right: list[bytes] = []
        self._file: BinaryIO | None = None
        self._data_bytes = 0
        self._lost = False

    def add(self, left: bytes, right: bytes) -> None:
        """20 ms of each side; called on the owner thread."""
        self._left.append(left)
        self._right.append(right)
        if len(self._right) >= _FRAMES_A_WRITE:
            self._hand_over()

    def close(self, then: Callable[[], None]) -> None:
        """Write what is left; `then` is called on the writer's thread once the file is complete."""
        self._hand_over()
        self._writer.do(self._close_file)
        self._writer.do(then)

    def _hand_over(self) -> None:
        left, self._left = self._left, []
        right, self._right = self._right, []
        self._writer.do(lambda: self._write(b"".join(left), b"".join(right)))

    def _write(self, left: bytes, right: bytes) -> None:
        if self._lost:
            return
        size = min(len(left), len(right))
        both = np.column_stack((np.frombuffer(left[:size], "<i2"), np.frombuffer(right[:size], "<i2")))
        try:
            if self._file is None:
                self._file = self._path.open("wb")
                self._file.write(_header(0))
            self._file.write(both.tobytes())
            self._data_bytes += both.nbytes
            self._file.seek(0)
            self._file.write(_header(self._data_bytes))
            self._file.seek(0, os.SEEK_END)
            self._file.flush()
        except OSError as error:
            # The call is worth more than its recording: it goes on without one.
            self._lost = True
            _log.error("recording lost: %s", error.strerror, extra={"action": "recording_lost"})

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lost = True  # a straggling frame must not write into a finished file


class RecordingWriter:
    """The one thread that writes the recordings of a process; a context manager."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)

    def __enter__(self) -> "RecordingWriter":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._work.put(None)
        self._thread.join()

    def open(self, path: Path) -> StereoRecording:
        """A recording at `path`, which appears with the first second; raises TelephonyError without a folder for it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TelephonyError(
                f"recordings cannot be written to '{path.parent}': {error.strerror} (set VOICEBOT_RECORDINGS)"
            ) from error
        return StereoRecording(path, self)

    def do(self, work: Callable[[], None]) -> None:
        """Queue work for the writer's thread; returns at once."""
        self._work.put(work)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


def _header(data_bytes: int) -> bytes:
    return _HEADER.pack(
        *(b"RIFF", 36 + data_bytes, b"WAVE"),
        *(b"fmt ", 16, 1, STEREO.channels, STEREO.rate_hz, STEREO.bytes_per_second),
        *(STEREO.channels * STEREO.sample_bytes, 8 * STEREO.sample_bytes),
        *(b"data", data_bytes),
    )
