"""Where this process introduces itself."""

import os
import socket
import uuid
from contextlib import AbstractAsyncContextManager

from voicebot import __version__
from voicebot.adapters.system_clock import SystemClock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.sign_of_life import signs_of_life
from voicebot.domain.process import Process, ProcessKind


def alive(
    open_unit: OpenUnit, kind: ProcessKind, name: str, *, id: str = "", lines: int = 0
) -> AbstractAsyncContextManager[None]:
    """Use as `async with`: `voicebot status` shows this process as long as the block runs."""
    clock = SystemClock()
    process = Process(
        id=id or new_process_id(),
        host=socket.gethostname(),
        pid=os.getpid(),
        kind=kind,
        name=name,
        lines=lines,
        version=__version__,
        started_at=clock.now(),
        seen_at=clock.now(),
    )
    return signs_of_life(open_unit, process, clock)


def new_process_id() -> str:
    """host:process:number; unique over machines and restarts: a lease of a dead process must never look like ours."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
