"""Decides on every call that comes in, before pjsua2 sees it."""

import ctypes
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from pjsua2 import _pjsua2

_PRIORITY: Final = 56
"""After the layers that know their own dialogues (48), before pjsua's (64): what comes here belongs to no call yet."""
_HANDLED: Final = 1
_PASSED_ON: Final = 0
_SOCKETS_KEPT_S: Final = 0.6
"""pjlib's PJ_IOQUEUE_KEY_FREE_DELAY is half a second."""
_MOST_CALLS: Final = 24
"""Two sockets each of the 64 an ioqueue can hold; the others are left to SIP itself."""

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class _Module(ctypes.Structure):
    """`pjsip_module` of pjproject 2.15."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("name_length", ctypes.c_ssize_t),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load", ctypes.c_void_p),
        ("start", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
        ("unload", ctypes.c_void_p),
        ("on_rx_request", _Callback),
        ("on_rx_response", ctypes.c_void_p),
        ("on_tx_request", ctypes.c_void_p),
        ("on_tx_response", ctypes.c_void_p),
        ("on_tsx_state", ctypes.c_void_p),
    )


class Door:
    """Turns unwanted INVITEs away without a dialogue, a call slot or sockets; outlives the library it is hung in.

    pjsua2 itself asks only when a call has all of these, so a stranger could take the lines from the campaign, or
    abort the process by thirty INVITEs in half a second.
    """

    def __init__(self, refusal: Callable[[], int]) -> None:
        """Owner thread, once the library is set up. `refusal`: SIP code for the call at the door, 0 to let it in."""
        self._refusal = refusal
        library = ctypes.PyDLL(_pjsua2.__file__)
        library.pjsua_get_pjsip_endpt.restype = ctypes.c_void_p
        self._endpoint = ctypes.c_void_p(library.pjsua_get_pjsip_endpt())
        self._describe = library.pjsip_rx_data_get_info
        self._describe.restype = ctypes.c_char_p
        self._describe.argtypes = (ctypes.c_void_p,)
        self._respond: Any = library.pjsip_endpt_respond_stateless
        self._respond.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 3)
        name = b"voicebot-door"
        self._module = _Module(
            name=name, name_length=len(name), id=-1, priority=_PRIORITY, on_rx_request=_Callback(self._look)
        )
        status = library.pjsip_endpt_register_module(self._endpoint, ctypes.byref(self._module))
        assert status == 0, status

    def _look(self, message: int) -> int:
        if not self._describe(message).startswith(b"Request msg INVITE/"):
            return _PASSED_ON
        code = self._refusal()
        if not code:
            return _PASSED_ON
        self._respond(self._endpoint, message, code, None, None, None)
        return _HANDLED


class SocketBudget:
    """Counts the calls whose sockets pjlib still holds: at the 65th socket it aborts the process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ended_at: deque[float] = deque()

    def call_ended(self) -> None:
        """A call's sockets were closed just now."""
        self._ended_at.append(self._monotonic())

    def has_room(self, calls: int) -> bool:
        """Whether one more may begin beside `calls` that live."""
        while self._ended_at and self._ended_at[0] < self._monotonic() - _SOCKETS_KEPT_S:
            self._ended_at.popleft()
        return calls + len(self._ended_at) < _MOST_CALLS
