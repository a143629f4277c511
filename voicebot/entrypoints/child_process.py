"""Life of a supervised process: one event says stop."""

import asyncio
import multiprocessing
import signal
from collections.abc import Awaitable, Callable


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
