"""The 20 ms clock of pjsua2's conference bridge, kept by the owner thread."""

import ctypes
import math
import time
from typing import Any, Final

from pjsua2 import _pjsua2

from voicebot.domain.audio import FRAME_BYTES, FRAME_MS

_FRAME_S: Final = FRAME_MS / 1000
_HOPELESS_S: Final = 0.2
"""So far behind, lost frames are not made up for: a burst of old sound would only overflow the far end's buffer."""


class _Frame(ctypes.Structure):
    """`pjmedia_frame` of pjproject 2.15."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buf", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    )


class BridgeClock:
    """Pulls one frame out of the bridge every 20 ms, which moves the sound of every call.

    pjsua2's own clock (`setNullDev`) is a thread that may send on a socket just when the SIP thread closes it, and
    pjproject 2.15 then aborts the process (its pull request 5016). One thread for both cannot race.
    """

    def __init__(self, bridge: Any) -> None:
        """`bridge`: what `setNoDev` returned."""
        self._port = int(bridge)
        # PyDLL keeps the GIL: the frames of all calls are copied in one go instead of asking for it twice a call.
        self._get_frame = ctypes.PyDLL(_pjsua2.__file__).pjmedia_port_get_frame
        self._get_frame.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Frame))
        self._samples = ctypes.create_string_buffer(FRAME_BYTES)
        self._due = time.monotonic()

    def wait_ms(self, most: int) -> int:
        """How long there is nothing to do, up to `most` milliseconds; rounded up, so that nobody spins."""
        return max(0, min(most, math.ceil((self._due - time.monotonic()) * 1000)))

    def run(self) -> None:
        """Do the ticks that are due."""
        now = time.monotonic()
        if now - self._due > _HOPELESS_S:
            self._due = now
        while self._due <= now:
            frame = _Frame(buf=ctypes.addressof(self._samples), size=FRAME_BYTES)
            self._get_frame(self._port, ctypes.byref(frame))
            self._due += _FRAME_S
