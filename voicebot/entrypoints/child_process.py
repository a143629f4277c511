"""Life of a supervised process: one event says stop, one message says what was wrong."""

import asyncio
import logging
import multiprocessing
import signal
import sys
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any

from voicebot.domain.errors import ConfigurationError, StoreError, VoicebotError


def log_to_console(level: int) -> None:
    """Our own log from `level` on, warnings of everybody: what libraries tell of themselves is no news."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(processName)s: %(message)s")
    logging.getLogger("voicebot").setLevel(level)


def report_errors(reports: Connection, level: int, target: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Run `target(*args)`; an error a user can meet goes to the supervisor as its message and becomes the exit code.

    Anything else is a fault of ours: it leaves as a traceback and exit code 1. `level` is the supervisor's log level.
    """
    log_to_console(level)
    try:
        target(*args)
    except (VoicebotError, ExceptionGroup) as error:
        meant = message_in(error)
        if meant is None:
            raise
        reports.send(str(meant))
        # The supervisor has seen the database with these settings: one that is away now comes back.
        sys.exit(StoreError.exit_code if database_away(meant) else meant.exit_code)


def message_in(error: BaseException) -> VoicebotError | None:
    """The error to show a user instead of `error`; None when a fault of ours is among what went wrong."""
    if isinstance(error, BaseExceptionGroup):
        meant = [message_in(one) for one in error.exceptions]
        return meant[0] if all(meant) else None
    return error if isinstance(error, VoicebotError) else None


def database_away(error: BaseException | None) -> bool:
    """Whether an error means no more than that the database does not answer just now."""
    return isinstance(error, StoreError | ConfigurationError) and any(
        isinstance(one, StoreError) and one.retryable for one in (error, error.__cause__)
    )


def run_until_told(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `work(stop)` in a fresh event loop; `stop` is set by SIGTERM or by the supervisor's death.

    SIGINT is ignored: Ctrl-C reaches the whole process group, and the supervisor alone decides the order of stopping.
    """
    asyncio.run(_run(work))


async def _run(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    supervisor = multiprocessing.parent_process()
    sentinel = supervisor.sentinel if supervisor is not None else None

    def supervisor_died() -> None:
        assert sentinel is not None
        loop.remove_reader(sentinel)  # the descriptor stays readable: without this the loop would spin
        stop.set()

    if sentinel is not None:
        loop.add_reader(sentinel, supervisor_died)
    await work(stop)
