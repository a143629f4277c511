"""An event loop whose time jumps instead of passing."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """When everybody waits for a timer, it is that timer's moment: a call of a minute takes milliseconds.

    Work handed to an executor takes no virtual time: while such a job runs, the clock stands still. Sockets and
    `call_soon_threadsafe` are served at once, but nothing waits for *them* once a timer is pending.
    """

    def __init__(self) -> None:
        self._virtual_now = 0.0
        self._jobs = 0
        super().__init__(_JumpingSelector(self))
        self._clock_resolution = 1e-6  # a sum of 20 ms steps may miss a timer's moment by a rounding error

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_now

    def advance(self, seconds: float) -> None:
        """Move the clock on; nothing that falls into the stretch is skipped, only late."""
        self._virtual_now += seconds

    @property
    def stands_still(self) -> bool:
        """Whether a job in a thread holds the clock."""
        return self._jobs > 0

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Wait in real time for something real (another process, a library's own thread): timers do not fire."""
        self._jobs += 1
        try:
            yield
        finally:
            self._jobs -= 1

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Arguments], _Result], *args: *_Arguments
    ) -> "asyncio.Future[_Result]":
        """As in asyncio; holds the clock until the job is done."""
        self._jobs += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _: "asyncio.Future[Any]") -> None:
        self._jobs -= 1


class _JumpingSelector(selectors.SelectSelector):
    """Never waits for a timer: tells the loop that the time has come."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self._loop.stands_still:
            return super().select(None)
        self._loop.advance(timeout)
        return ready


class VirtualClock:
    """The Clock port on the running loop's time."""

    def __init__(self, started_at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        """`started_at`: the wall-clock moment of loop time 0 (a Monday noon in Moscow unless told otherwise)."""
        self._started_at = started_at

    def now(self) -> datetime:
        """The aware wall-clock moment, UTC."""
        return self._started_at + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds of the running loop."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` of the loop's time pass."""
        await asyncio.sleep(seconds)


def run_in_virtual_time(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run `work` to its end in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Turn an `async def` test into one that runs in virtual time (fixtures it names stay as they are)."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        run_in_virtual_time(test(*args, **kwargs))

    return run
