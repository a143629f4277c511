"""The API lets only our CRM in, says everything that is wrong, and tells nobody its token."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.store.engine import check_database, open_engine
from voicebot.config import Settings
from voicebot.domain.campaign import CampaignKind
from voicebot.entrypoints.web.api.application import mount_api
from voicebot.entrypoints.web.api.keys import Api
from voicebot.testing.stopped_clock import StoppedClock

TOKEN = "a-token-of-the-tests"  # of no real API
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
EVENT = {"key": "e-1", "customer": "c1", "kind": "abandoned_cart", "at": "2026-11-24T12:00:00+03:00"}
ORDER = {
    "external_id": "O-1",
    "customer": "c1",
    "placed_at": "2026-11-24T11:00:00+03:00",
    "promo_code": "NOTACODE",
    "lines": [{"what": "Кофе", "price": 1290.10, "quantity": 3}],
}
Browser = TestClient[Any, Any]


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


def _api(shop: Shop, token: str = TOKEN, read_s: float = 5.0) -> Api:
    later = StoppedClock(NOON + timedelta(hours=1))
    return Api(
        settings=Settings(api_token=token),
        open_unit=partial(SqlDeskUnit, shop.engine),
        clock=later,
        check=lambda: check_database(shop.engine),
        read_s=read_s,
    )


def _app(api: Api) -> web.Application:
    app = web.Application()
    mount_api(app, api)
    return app


@pytest.fixture
async def crm(shop: Shop) -> AsyncIterator[Browser]:
    async with TestClient(TestServer(_app(_api(shop)))) as browser:
        yield browser


async def _problems(reply: Any) -> list[tuple[str, str]]:
    return [(one["path"], one["message"]) for one in (await reply.json())["problems"]]


async def test_an_event_is_taken_once(crm: Browser, shop: Shop) -> None:
    await shop.customer()
    await shop.campaign([await shop.customer()], name="заказы", kind=CampaignKind.SERVICE, triggers=("abandoned_cart",))
    answers = []
    for _ in range(2):
        reply = await crm.post("/api/events", json={**EVENT, "details": {"sum": 10}}, headers=AUTHORIZED)
        assert reply.status == 200
        answers.append(await reply.json())
    assert answers == [
        {"known": False, "leads": [{"campaign": "заказы", "result": "queued"}]},
        {"known": True, "leads": []},
    ]
    assert await shop.value("select count(*) from crm_events") == 1


async def test_orders_are_taken_to_the_kopeck_and_settled(crm: Browser, shop: Shop) -> None:
    await shop.campaign([await shop.customer()])
    reply = await crm.post("/api/orders", json=[ORDER, {**ORDER, "external_id": "O-2"}], headers=AUTHORIZED)
    assert reply.status == 200
    assert await reply.json() == {
        "added": 2,
        "updated": 0,
        "leads_closed": 0,  # placed an hour before the list was made
        "promo_codes": [
            {"order": "O-1", "code": "NOTACODE", "result": "unknown"},
            {"order": "O-2", "code": "NOTACODE", "result": "unknown"},
        ],
    }
    assert [str(row.total) for row in await shop.rows("select total from orders")] == ["3870.30", "3870.30"]
    again = await crm.post("/api/orders", json=ORDER, headers=AUTHORIZED)
    assert (await again.json())["updated"] == 1
    assert await shop.rows("select actor, count(*) from audit_log where action = 'orders.imported' group by 1") == [
        ("api", 2)
    ]


async def test_every_problem_comes_with_the_path_of_its_field(crm: Browser, shop: Shop) -> None:
    await shop.customer()
    reply = await crm.post("/api/orders", json=[ORDER, {**ORDER, "external_id": ""}], headers=AUTHORIZED)
    assert (reply.status, await _problems(reply)) == (422, [("[1].external_id", "empty")])
    reply = await crm.post("/api/events", json={**EVENT, "kind": "?", "customer": "c9"}, headers=AUTHORIZED)
    assert (reply.status, [path for path, _ in await _problems(reply)]) == (422, ["kind"])
    reply = await crm.post("/api/events", json={**EVENT, "customer": "c9"}, headers=AUTHORIZED)
    assert (reply.status, await _problems(reply)) == (422, [("customer", "no such customer")])
    assert await shop.value("select count(*) from orders") == 0


@pytest.mark.parametrize("path", ["/api/events", "/api/orders"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 40_000, b'{"key": NaN}', b"9" * 5_000],
    ids=["empty", "torn", "not UTF-8", "nested", "NaN", "a number beyond reason"],
)
async def test_what_is_no_json_is_said(crm: Browser, path: str, body: bytes) -> None:
    reply = await crm.post(path, data=body, headers={**AUTHORIZED, "Content-Type": "application/json"})
    ((where, message),) = await _problems(reply)
    assert (reply.status, where) == (422, "")
    assert message.startswith("no JSON: ")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"X-Token": TOKEN},
    ],
)
async def test_nobody_comes_in_without_the_token(crm: Browser, shop: Shop, headers: dict[str, str]) -> None:
    reply = await crm.post("/api/orders", json=ORDER, headers=headers)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in await reply.text()


async def test_an_api_without_a_token_is_closed_and_says_how_to_open_it(shop: Shop) -> None:
    async with TestClient(TestServer(_app(_api(shop, token="")))) as crm:
        for shown in ("Bearer ", "Bearer", "Bearer x"):
            reply = await crm.post("/api/events", json=EVENT, headers={"Authorization": shown})
            assert reply.status == 401
            assert "voicebot token create" in (await reply.json())["problems"][0]["repair"]


async def test_other_media_and_methods_are_refused(crm: Browser) -> None:
    assert (await crm.post("/api/events", data={"key": "e-1"}, headers=AUTHORIZED)).status == 415
    assert (await crm.get("/api/events", headers=AUTHORIZED)).status == 405


async def test_a_long_body_is_not_read_to_its_end(crm: Browser) -> None:
    headers = {**AUTHORIZED, "Content-Type": "application/json"}
    reply = await crm.post("/api/events", data=b'"' + b"x" * 70_000 + b'"', headers=headers)
    assert (reply.status, await _problems(reply)) == (413, [("", "the body is longer than 64 KB")])


async def test_a_slow_client_is_let_go(shop: Shop) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(1)
        yield b"}"

    async with TestClient(TestServer(_app(_api(shop, read_s=0.1)))) as crm:
        reply = await crm.post(
            "/api/events", data=trickle(), headers={**AUTHORIZED, "Content-Type": "application/json"}
        )
        assert reply.status == 408


async def test_a_database_that_is_away_is_said_and_the_request_may_come_again() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/none")
    async with TestClient(TestServer(_app(_api(Shop(engine))))) as crm:
        ready = await crm.get("/readyz")
        alive = await crm.get("/healthz")
        reply = await crm.post("/api/events", json=EVENT, headers=AUTHORIZED)
        assert (ready.status, alive.status, reply.status) == (503, 200, 503)
        assert reply.headers["Retry-After"] == "5"
    await engine.dispose()


async def test_readyz_asks_the_database(crm: Browser) -> None:
    reply = await crm.get("/readyz")
    assert (reply.status, await reply.json()) == (200, {"status": "ok"})


async def test_neither_token_nor_values_reach_the_log(crm: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for document in ({**EVENT, "customer": "Иванова"}, {**EVENT, "at": "Иванова"}):
        reply = await crm.post("/api/events", json=document, headers=AUTHORIZED)
        assert "Иванова" not in json.dumps(await reply.json(), ensure_ascii=False)
    assert TOKEN not in caplog.text
    assert "Иванова" not in caplog.text
    assert TOKEN not in repr(crm.app and list(crm.app.items()))
