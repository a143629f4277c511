"""A web application with the API alone, and programs that hold tokens of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, TURNS, Shop, answered, outcome
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.desk.test_today import RULES
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.store.engine import check_database
from voicebot.application.desk.api_tokens import make_token
from voicebot.application.record_outcome import record_outcome
from voicebot.config import Settings
from voicebot.domain.api_token import Scope
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.entrypoints.web.api.application import mount_api
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.limits import Limiter
from voicebot.entrypoints.web.api.meters import Meters

SECRET = "a-secret-of-the-tests"  # of no real webhook


class Program:
    """Somebody with a token."""

    def __init__(self, client: TestClient[Any, Any], token: str) -> None:
        self.client = client
        self.token = token

    async def ask(self, path: str, **rest: Any) -> ClientResponse:
        """GET."""
        return await self.send("GET", path, **rest)

    async def tell(self, path: str, body: Any = None, *, key: str = "", **rest: Any) -> ClientResponse:
        """POST of JSON."""
        headers = dict(rest.pop("headers", {})) | ({"Idempotency-Key": key} if key else {})
        return await self.send("POST", path, json=body, headers=headers, **rest)

    async def send(self, method: str, path: str, **rest: Any) -> ClientResponse:
        """Anything."""
        headers = {"Authorization": f"Bearer {self.token}"} | dict(rest.pop("headers", {}))
        return await self.client.request(method, path, headers=headers, **rest)

    async def read(self, path: str, **rest: Any) -> Any:
        """What an address answers; it must be there."""
        reply = await self.ask(path, **rest)
        assert reply.status == 200, (path, reply.status, await reply.text())
        return await reply.json()


Holder = Callable[..., Awaitable[Program]]


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(NOON)


@pytest.fixture
def api(engine: AsyncEngine, clock: MovingClock, tmp_path: Path) -> Api:
    return Api(
        settings=Settings(home=tmp_path, recordings=tmp_path / "recordings", webhook_secret=SECRET, api_rate=0),
        open_unit=partial(SqlDeskUnit, engine),
        clock=clock,
        check=lambda: check_database(engine),
    )


@pytest.fixture
async def holder(api: Api) -> AsyncIterator[Holder]:
    """Programs with tokens of these scopes; without any, of all."""
    opened: list[TestClient[Any, Any]] = []

    async def made(
        *scopes: Scope, days: int | None = None, rate: int = 0, read_s: float = 15.0, metrics: str = "token"
    ) -> Program:
        settings = replace(api.settings, api_rate=rate, metrics=metrics)
        app = web.Application()
        mount_api(app, replace(api, settings=settings, read_s=read_s, limiter=Limiter(), meters=Meters()))
        client = TestClient(TestServer(app))
        await client.start_server()
        opened.append(client)
        token, _ = await make_token(
            api.open_unit, "CRM", scopes or tuple(Scope), days=days, by="Админ", now=api.clock.now()
        )
        return Program(client, token)

    yield made
    for client in opened:
        await client.close()


async def escalated(shop: Shop, *, reason: str = "курьер нагрубил") -> tuple[int, int]:
    """A talk that ended with a wish for a manager: the call and the escalation."""
    await shop.campaign([await shop.customer()])
    call = (await shop.claim()).call
    wish = FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason=reason)
    complaint = outcome(Disposition.COMPLAINT, wish, group=Group.NEGATIVE, tags=("vip",))
    await record_outcome(shop.open_unit, call.id, answered(NOON, TURNS), complaint, RULES)
    return call.id, int(await shop.value(f"select id from escalations where call_id = {call.id}"))
