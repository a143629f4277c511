"""What idle lines may expect of the bell, whichever it is."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.postgres_listener import PostgresDoorbell
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.ports.wake import Doorbell
from voicebot.application.waiting_room import WaitingRoom, waiting_at
from voicebot.testing.fake_doorbell import FakeDoorbell


@dataclass
class House:
    """A bell and somebody who presses it."""

    bell: Doorbell
    press: Callable[[], Awaitable[None]]


@pytest.fixture(params=["postgresql", "fake"])
async def house(request: pytest.FixtureRequest, engine: AsyncEngine, database_url: str) -> AsyncIterator[House]:
    if request.param == "fake":
        fake = FakeDoorbell()

        async def press_fake() -> None:
            fake.press()

        yield House(bell=fake, press=press_fake)
        return
    open_unit = functools.partial(SqlUnitOfWork, engine)

    async def notify() -> None:
        async with open_unit() as unit:
            await unit.wake.lines()
            await unit.commit()

    yield House(bell=PostgresDoorbell(database_url, pause_s=0.05), press=notify)


async def connected(waiting_room: WaitingRoom) -> int:
    """Rings so far, once the bell is there."""
    await waiting_room.wait(0, 10.0, asyncio.Event())
    assert waiting_room.rings >= 1
    return waiting_room.rings


async def test_everybody_who_waits_hears_a_ring(house: House) -> None:
    stop = asyncio.Event()
    async with waiting_at(house.bell) as room, asyncio.timeout(10):
        seen = await connected(room)
        waiting = [asyncio.create_task(room.wait(seen, 60.0, stop)) for _ in range(3)]
        await asyncio.sleep(0)
        await house.press()
        await asyncio.gather(*waiting)


async def test_a_ring_between_the_last_look_and_the_waiting_is_not_missed(house: House) -> None:
    async with waiting_at(house.bell) as room, asyncio.timeout(10):
        seen = await connected(room)
        await house.press()
        while room.rings == seen:  # noqa: ASYNC110  # it comes over a socket
            await asyncio.sleep(0.01)
        await room.wait(seen, 60.0, asyncio.Event())


async def test_waiting_ends_at_the_order_to_stop_and_after_its_time(house: House) -> None:
    stop = asyncio.Event()
    async with waiting_at(house.bell) as room, asyncio.timeout(10):
        seen = await connected(room)
        await room.wait(seen, 0.01, stop)
        stop.set()
        await room.wait(seen, 60.0, stop)


async def test_a_transaction_that_is_not_committed_rings_nobody(engine: AsyncEngine, database_url: str) -> None:
    async with waiting_at(PostgresDoorbell(database_url)) as room, asyncio.timeout(10):
        seen = await connected(room)
        async with SqlUnitOfWork(engine) as unit:
            await unit.wake.lines()
        await room.wait(seen, 0.2, asyncio.Event())
        assert room.rings == seen


async def test_a_lost_connection_is_made_again_and_rings(engine: AsyncEngine, database_url: str) -> None:
    async with waiting_at(PostgresDoorbell(database_url, pause_s=0.05)) as room, asyncio.timeout(10):
        seen = await connected(room)
        async with engine.begin() as connection:
            killed = await connection.scalar(
                text("select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'LISTEN%'")
            )
        assert killed == 1
        await room.wait(seen, 10.0, asyncio.Event())
        assert room.rings > seen
