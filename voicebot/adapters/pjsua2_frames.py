"""Copies 20 ms of sound out of and into pjsua2's frames."""

import ctypes
import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

import pjsua2 as pj

from voicebot.domain.audio import FRAME_BYTES

FrameReader = Callable[[Any], bytes]
"""Samples of a `pj.MediaFrame`; empty for an empty frame."""

SILENCE: Final = bytes(FRAME_BYTES)
_log = logging.getLogger(__name__)


class _Vector(ctypes.Structure):
    """The first two words of a libstdc++ or libc++ `std::vector`."""

    _fields_ = (("begin", ctypes.c_void_p), ("end", ctypes.c_void_p))


class _Layout(Protocol):
    """Where a vector says its bytes are."""

    @property
    def begin(self) -> int | None: ...
    @property
    def end(self) -> int | None: ...


def _look(frame: Any) -> _Layout:
    return _Vector.from_address(int(frame.buf.this))


def read_by_pointer(frame: Any) -> bytes:
    """The samples in one memory copy (3 us); valid only where `std::vector` begins with its begin and end pointers."""
    vector = _look(frame)
    if not vector.begin or not vector.end:
        return b""
    return ctypes.string_at(vector.begin, vector.end - vector.begin)


def read_by_element(frame: Any) -> bytes:
    """The samples one SWIG call per byte (300 us): slow, and right whatever the memory looks like."""
    return bytes(frame.buf)


def choose_reader(*, look: Callable[[Any], _Layout] = _look, fast: FrameReader = read_by_pointer) -> FrameReader:
    """The fast reader when this build's vectors look as it expects, else the slow one."""
    frame = pj.MediaFrame()
    expected = bytes(range(256)) * 2
    frame.buf = pj.ByteVector(expected)
    seen = look(frame)
    # Pointers are compared before any byte is read: a wrong guess at the layout must not touch foreign memory.
    plausible = seen.begin and seen.end and seen.end - seen.begin == len(expected)
    if plausible and fast(frame) == expected and fast(pj.MediaFrame()) == b"":
        return fast
    _log.warning("slow frame copy: this build of pjsua2 keeps its vectors differently", extra={"action": "frame_copy"})
    return read_by_element


def write_samples(frame: Any, samples: bytes) -> None:
    """Fill a requested frame (10 us)."""
    frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
    frame.buf = pj.ByteVector(samples)
    frame.size = len(samples)
