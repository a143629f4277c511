"""Open pages that are kept true: one look at the database for all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.entrypoints.desk.conftest import PASSWORD
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk.application import mount_desk
from voicebot.entrypoints.web.desk.keys import Desk
from voicebot.entrypoints.web.desk.streams import Shared, SharedByKey

LOOK_S = 0.25
Client = TestClient[Any, Any]


@pytest.fixture
async def client(desk: Desk, new_user: Callable[..., Awaitable[User]]) -> AsyncIterator[Client]:
    await new_user("anna", Role.MANAGER)
    app = web.Application()
    mount_desk(app, replace(desk, look_s=LOOK_S))
    async with TestClient(TestServer(app)) as client:
        await client.post("/sign-in", data={"login": "anna", "password": PASSWORD}, allow_redirects=False)
        yield client


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """Every statement the database is asked."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def watch(client: Client, address: str = "/today/stream") -> ClientResponse:
    stream = await client.get(address)
    await stream.content.readuntil(b"\n\n")
    return stream


@pytest.mark.parametrize("address", ["/today/stream", "/escalations/stream"])
async def test_many_viewers_cost_as_much_as_one_and_none_cost_nothing(
    client: Client, engine: AsyncEngine, address: str
) -> None:
    streams, ticks = [await watch(client, address) for _ in range(30)], 4
    with counted(engine) as statements:
        await asyncio.sleep(LOOK_S * ticks)
    looks = [one for one in statements if "FROM escalations" in one]
    for one in streams:
        one.close()
    await asyncio.sleep(LOOK_S * 2)
    with counted(engine) as after:
        await asyncio.sleep(LOOK_S * 2)
    assert 0 < len(looks) <= ticks / 0.9 + 1, "however slow the machine is, and however many look"
    assert after == []


async def test_who_comes_later_sees_nothing_older_than_their_coming() -> None:
    looks = 0

    async def look(key: str) -> str:
        nonlocal looks
        looks += 1
        return f"{key}{looks}"

    shared = SharedByKey(look, fresh_s=10)
    held, clock = shared.of("a"), asyncio.get_running_loop().time
    assert await held.see() == await shared.of("a").see(since=clock() - 5) == "a1"
    await asyncio.sleep(0.01)
    came = clock()
    assert await held.see(since=came) == await held.see(since=came) == "a2"
    assert await shared.of("b").see() == "b3"
    del held
    assert await shared.of("a").see() == "a4", "nobody held it: it was forgotten"


async def test_what_was_dear_to_count_is_counted_seldom() -> None:
    looks = 0

    async def look() -> int:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.02)
        return looks

    shared = Shared(look, fresh_s=0, laziness=10)
    assert [await shared.see() for _ in range(5)] == [1] * 5
    await asyncio.sleep(0.5)
    assert await shared.see() == 2


async def test_who_comes_while_somebody_looks_sees_the_same() -> None:
    looks = 0

    async def look() -> int:
        nonlocal looks
        await asyncio.sleep(0.01)
        looks += 1
        return looks

    shared = Shared(look, fresh_s=0.2)
    assert set(await asyncio.gather(*(shared.see() for _ in range(20)))) == {1}
    await asyncio.sleep(0.25)
    assert await shared.see() == 2


async def test_a_look_that_fails_fails_for_one_and_the_next_looks_again() -> None:
    looks = 0

    async def look() -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise ConnectionError
        return looks

    shared = Shared(look, fresh_s=10)
    with pytest.raises(ConnectionError):
        await shared.see()
    assert await shared.see() == 2
