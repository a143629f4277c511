"""Virtual time jumps from timer to timer, and waits for threads."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from voicebot.application.ports.clock import Clock
from voicebot.testing.virtual_time import VirtualClock, in_virtual_time, run_in_virtual_time


def test_an_hour_of_sleep_takes_no_time() -> None:
    async def nap() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert run_in_virtual_time(nap()) == pytest.approx(3600)
    assert time.monotonic() - began < 1


@in_virtual_time
async def test_timers_fire_in_order_at_their_moments() -> None:
    loop = asyncio.get_running_loop()
    fired: list[tuple[str, float]] = []

    async def after(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        fired.append((name, round(loop.time(), 6)))

    await asyncio.gather(after("c", 3), after("a", 1), after("b", 2))
    assert fired == [("a", 1), ("b", 2), ("c", 3)]


@in_virtual_time
async def test_three_thousand_frames_end_exactly_after_a_minute() -> None:
    loop = asyncio.get_running_loop()
    due = 0.0
    done = asyncio.Event()

    def frame(left: int) -> None:
        nonlocal due
        due += 0.02
        if left:
            loop.call_at(due, frame, left - 1)
        else:
            done.set()

    frame(3000)
    await done.wait()
    assert loop.time() == pytest.approx(60, abs=1e-4)


@in_virtual_time
async def test_work_in_a_thread_takes_no_virtual_time() -> None:
    loop = asyncio.get_running_loop()
    sleeper = asyncio.create_task(asyncio.sleep(5))
    await asyncio.to_thread(time.sleep, 0.05)
    assert loop.time() < 0.001, "the pending timer has not been jumped to"
    await sleeper
    assert loop.time() == pytest.approx(5)


@in_virtual_time
async def test_a_timeout_strikes_at_its_moment() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30):
            await asyncio.Event().wait()
    assert asyncio.get_running_loop().time() == pytest.approx(30)


@in_virtual_time
async def test_the_clock_tells_the_loops_time() -> None:
    clock: Clock = VirtualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    await clock.sleep(90)
    assert clock.monotonic() == pytest.approx(90)
    assert clock.now() == datetime(2026, 3, 2, 9, 1, 30, tzinfo=UTC)
