"""pjsua2's errors in our words."""

from types import TracebackType
from typing import Any, Final

import pjsua2 as pj

from voicebot.domain.errors import NoFreeSlot, TelephonyError

_TOO_MANY: Final = 70010
"""PJ_ETOOMANY: the four slots of PJSUA_MAX_CALLS are taken, or one is not freed yet."""


def translated(error: Any, doing: str) -> TelephonyError:
    """The error of ours for a `pj.Error`; `doing` completes "the SIP stack could not ..."."""
    if error.status == _TOO_MANY:
        return NoFreeSlot("all four call slots of this process are taken: use fewer lines per process")
    return TelephonyError(f"the SIP stack could not {doing}: {error.reason} (pj status {error.status})")


class translating:  # reads as a statement: `with translating("dial"):`
    """Turns a `pj.Error` inside into ours; the argument completes "the SIP stack could not ..."."""

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: Any, traceback: TracebackType | None) -> None:
        """Drops the traceback: its frames hold pjsua2's objects, which must die in time and on their own thread."""
        if isinstance(error, pj.Error):
            del traceback
            raise translated(error, self._doing) from error.with_traceback(None)
