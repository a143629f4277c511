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
from voicebot.entrypoints.web.desk.streams import Shared

LOOK_S = 0.5
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


async def watch(client: Client) -> ClientResponse:
    stream = await client.get("/today/stream")
    await stream.content.readuntil(b"\n\n")
    return stream


async def test_fifty_viewers_cost_as_much_as_one_and_none_cost_nothing(client: Client, engine: AsyncEngine) -> None:
    counts, streams, ticks = [], [await watch(client)], 4
    for viewers in (1, 50):
        streams += [await watch(client) for _ in range(viewers - len(streams))]
        with counted(engine) as statements:
            await asyncio.sleep(LOOK_S * ticks)
        counts.append(len([one for one in statements if "sessions" not in one]))
    for one in streams:
        one.close()
    await asyncio.sleep(LOOK_S * 2)
    with counted(engine) as statements:
        await asyncio.sleep(LOOK_S * 2)
    alone, crowd = counts
    assert alone > 0
    assert crowd <= alone * (ticks + 1) / (ticks - 1)  # a look more or less falls into the time
    assert statements == []


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
