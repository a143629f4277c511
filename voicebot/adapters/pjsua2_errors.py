"""pjsua2's errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def translating(doing: str) -> Iterator[None]:
    """Turns a `pj.Error` inside into ours.

    The traceback is dropped: its frames would keep call objects alive, to be destroyed later on a wrong thread.
    """
    try:
        yield
    except pj.Error as error:
        raise translated(error, doing) from error.with_traceback(None)
