"""Those who mean the API no good learn nothing and break nothing."""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from itertools import product
from typing import Any

import pytest

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.web.conftest import SECRET, Holder, Program, escalated
from voicebot.application.desk.api_tokens import make_token, revoke_token
from voicebot.domain.api_token import Scope
from voicebot.domain.errors import StoreError
from voicebot.entrypoints.web.api.application import ROUTES
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.limits import Limiter
from voicebot.entrypoints.web.api.routes import ApiRoute
from voicebot.entrypoints.web.api.schema import fields_of

GUARDED = [route for route in ROUTES if route.scopes]
EVENT = {"key": "e-1", "customer": "c1", "kind": "abandoned_cart", "at": "2026-11-24T12:00:00+03:00"}
EVIL = (
    "'; drop table calls; --",
    "a%00b",
    "%FF%FE",
    "%ED%A0%80",
    "9" * 400,
    "-1",
    "9223372036854775808",
    "..%2F..%2Fetc%2Fpasswd",
    "x" * 5000,
    "",
)

BODIES = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 30_000,
    b'{"a":' * 400 + b"1" + b"}" * 400,
    b'{"key":"e","customer":"c1","kind":"a","at":"2026-11-24","details":' + b'{"a":' * 460 + b"1" + b"}" * 461,
    b'{"text":"\\u0000","resolution":"\\ud800","result":"\\u0000","name":"\\u0000","phone":"\\u0000"}',
    b'{"limit":1e400,"relieve":"yes","asked":[],"text":{},"resolution":5,"key":1,"lines":[]}',
    b'{"limit":' + b"9" * 4300 + b"}",
    b"null",
    b"[]",
    b'"text"',
    b"NaN",
    b'{"text":"' + "я".encode() * 4001 + b'"}',
    b'{"external_id":"O","customer":"c1","placed_at":"2026-11-24","lines":[{"what":"x","price":1e308,"quantity":1e-300}]}',
    b'{"external_id":"O","customer":"c1","placed_at":"9999-12-31T23:59:59-14:00","lines":[{"what":"x","price":1,"quantity":1}]}',
    b'{"key":"e","customer":"c1","kind":"a","at":"0001-01-01T00:00:00+14:00"}',
]


def address(route: ApiRoute, number: Any = 1) -> str:
    return re.sub(r"\{\w+\}", lambda _: str(number), route.path.replace("{kind}", "script"))


async def call(program: Program, route: ApiRoute, path: str, **rest: Any) -> tuple[int, str]:
    reply = await program.send(route.method, path, **rest)
    return reply.status, await reply.text()


async def test_without_its_scope_an_address_tells_nothing(api: Api, holder: Holder, shop: Shop) -> None:
    await escalated(shop)
    client = (await holder()).client
    for route in GUARDED:
        others = [one for one in Scope if one not in route.scopes]
        shown, _ = await make_token(api.open_unit, "x", others, days=None, by="test", now=api.clock.now())
        program = Program(client, shown)
        answers = {await call(program, route, address(route, number), json={}) for number in (1, 999_999, "x")}
        assert [status for status, _ in answers] == [403], route.name
        ((_, said),) = answers
        assert json.loads(said)["problems"][0]["message"] == "the token may not do this"


async def test_without_a_good_token_an_address_tells_nothing(holder: Holder, api: Api, shop: Shop) -> None:
    await escalated(shop)
    program, now = await holder(), api.clock.now()
    shown, token = await make_token(api.open_unit, "x", Scope, days=1, by="test", now=now)
    await revoke_token(api.open_unit, token.id, by="test", now=now)
    answers = set()
    for route in GUARDED:
        for bad in (shown, "", "vbt_", "x" * 4000, "\xff\xfe", f"{program.token}x", program.token[:-1]):
            answers.add(await call(Program(program.client, bad), route, address(route), json={}))
    assert [status for status, _ in answers] == [401]


async def test_a_token_that_is_revoked_or_expired_opens_nothing_from_that_moment(
    holder: Holder, api: Api, clock: MovingClock
) -> None:
    program = await holder(Scope.CALLS_READ, days=2)
    assert (await program.ask("/api/v1/calls")).status == 200
    await revoke_token(api.open_unit, 1, by="test", now=clock.now())
    assert (await program.ask("/api/v1/calls")).status == 401
    lasting = await holder(Scope.CALLS_READ, days=2)
    assert (await lasting.ask("/api/v1/calls")).status == 200
    clock.time += timedelta(days=2)
    assert (await lasting.ask("/api/v1/calls")).status == 401


async def test_no_address_breaks_whatever_stands_in_it(holder: Holder, shop: Shop) -> None:
    await escalated(shop)
    program = await holder()
    for evil, route in product(EVIL, ROUTES):
        tried = [address(route, evil)] if route.address else []
        tried += [f"{address(route)}?{one.name}={evil}" for one in fields_of(route.query)] if route.query else []
        tried.append(f"{address(route)}?{evil or 'x'}=1")
        for path in tried:
            reply = await program.send(route.method, _raw(path), json={} if route.body else None)
            assert reply.status < 500, (route.method, path, await reply.text())


async def test_no_header_breaks_anything(holder: Holder, shop: Shop) -> None:
    await escalated(shop)
    program = await holder()
    names = ("Idempotency-Key", "If-Match", "Accept", "Range", "X-Voicebot-Timestamp", "X-Voicebot-Signature")
    for evil in ("k é", "\xff", "x" * 1000):
        for route in ROUTES:
            for more in ({}, {"Authorization": evil}):
                headers = {"Content-Type": "application/json"} | dict.fromkeys(names, evil) | more
                data = b"{}" if route.body else None
                reply = await program.send(route.method, address(route), data=data, headers=headers)
                assert reply.status < 500, (route.method, evil, await reply.text())


def _raw(path: str) -> Any:
    from yarl import URL

    return URL(path, encoded=True)


async def test_no_body_breaks_anything(holder: Holder, shop: Shop) -> None:
    await escalated(shop)
    program = await holder()
    for body, route in product(BODIES, ROUTES):
        if route.body is None:
            continue
        headers = {"Content-Type": "application/json"}
        status, text = await call(program, route, address(route), data=body, headers=headers)
        assert status < 500, (route.name, text)
        assert status >= 400 or body == b"", (route.name, text)


async def test_a_body_that_is_too_long_or_too_slow_is_not_waited_for(holder: Holder) -> None:
    program = await holder(read_s=0.1)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 2**16

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(1)
        yield b"}"

    for route in ROUTES:
        if route.body is None:
            continue
        headers = {"Content-Type": "application/json"}
        status, _ = await call(
            program, route, address(route), data=BytesIO(b"x" * (route.most_bytes + 1)), headers=headers
        )
        assert status == 413
        status, _ = await call(program, route, address(route), data=slow(), headers=headers)
        assert status == 408


async def test_one_token_cannot_ask_without_end_and_does_not_hinder_another(holder: Holder, shop: Shop) -> None:
    program, other = [await holder(Scope.CALLS_READ, rate=3) for _ in range(2)]
    statuses = [(await program.ask("/api/v1/calls")).status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    late = await program.ask("/api/v1/calls")
    assert 15 <= int(late.headers["Retry-After"]) <= 20
    assert [(await program.ask("/healthz")).status for _ in range(9)] == [200] * 9
    assert (await other.ask("/api/v1/calls")).status == 200
    await shop.execute("update api_rates set full_at = full_at - interval '20 s'")
    assert (await program.ask("/api/v1/calls")).status == 200
    assert (await program.ask("/api/v1/calls")).status == 429


async def test_the_limit_of_a_token_holds_over_all_web_processes(holder: Holder) -> None:
    first = await holder(Scope.CALLS_READ, rate=6)
    second = Program((await holder(rate=6)).client, first.token)  # a server of its own, behind the same proxy
    asked = [one.ask("/api/v1/calls") for one in (first, second) for _ in range(8)]
    statuses = [reply.status for reply in await asyncio.gather(*asked)]
    assert sorted(statuses) == [200] * 6 + [429] * 10


async def test_with_the_database_away_each_process_counts_for_itself() -> None:
    def away() -> Any:
        raise StoreError("away")

    limiter = Limiter()
    waits = [await limiter.wait_s(away, "token:1", 3, 0.0) for _ in range(4)]
    assert waits == [0, 0, 0, 20]
    assert await limiter.wait_s(away, "token:1", 3, 20.0) == 0


def signed(body: bytes, clock: MovingClock, *, secret: str = SECRET, ago: int = 0) -> dict[str, str]:
    at = str(int(clock.now().timestamp()) - ago)
    digest = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Voicebot-Timestamp": at,
        "X-Voicebot-Signature": f"sha256={digest}",
    }


async def test_a_signed_webhook_is_taken_instead_of_a_token(holder: Holder, shop: Shop, clock: MovingClock) -> None:
    await shop.customer()
    client, body = (await holder()).client, json.dumps(EVENT).encode()
    reply = await client.post("/api/events", data=body, headers=signed(body, clock))
    assert (reply.status, await reply.json()) == (200, {"known": False, "leads": []})
    again = await client.post("/api/events", data=body, headers=signed(body, clock))
    assert again.headers["Idempotent-Replayed"] == "true"  # played again: the first answer, and nothing is done
    assert (await again.json())["known"] is False
    late = await client.post("/api/events", data=body, headers=signed(body, clock, ago=5))
    assert (await late.json())["known"] is True  # sent again by the CRM itself


@pytest.mark.parametrize(
    "change",
    [
        {"X-Voicebot-Signature": ""},
        {"X-Voicebot-Signature": "sha256="},
        {"X-Voicebot-Signature": "sha256=" + "0" * 64},
        {"X-Voicebot-Signature": "\xff"},
        {"X-Voicebot-Timestamp": ""},
        {"X-Voicebot-Timestamp": "9" * 4000},
        {"X-Voicebot-Timestamp": "١٢٣"},
        {"X-Voicebot-Timestamp": "-1"},
    ],
)
async def test_a_signature_of_another_request_opens_nothing(
    change: dict[str, str], holder: Holder, shop: Shop, clock: MovingClock
) -> None:
    await shop.customer()
    client, body = (await holder()).client, json.dumps(EVENT).encode()
    reply = await client.post("/api/events", data=body, headers=signed(body, clock) | change)
    assert reply.status == 401
    other = json.dumps({**EVENT, "customer": "c2"}).encode()
    assert (await client.post("/api/events", data=other, headers=signed(body, clock))).status == 401
    assert await shop.value("select count(*) from crm_events") == 0


async def test_a_signature_holds_five_minutes_and_only_where_webhooks_come(
    holder: Holder, shop: Shop, clock: MovingClock
) -> None:
    await shop.customer()
    client, body = (await holder()).client, json.dumps(EVENT).encode()
    for ago in (301, -301):
        reply = await client.post("/api/events", data=body, headers=signed(body, clock, ago=ago))
        assert (reply.status, "too old" in await reply.text()) == (401, True)
    assert (await client.post("/api/events", data=body, headers=signed(body, clock, secret="other"))).status == 401
    elsewhere = await client.post("/api/v1/customers/1/stop", data=body, headers=signed(body, clock))
    assert elsewhere.status == 401


async def test_what_is_not_there_is_said_in_json(holder: Holder) -> None:
    program = await holder()
    for method, path, status in (
        ("GET", "/api/v2/calls", 404),
        ("DELETE", "/api/v1/calls", 405),
        ("PUT", "/api/x", 404),
    ):
        reply = await program.send(method, path)
        assert (reply.status, reply.content_type) == (status, "application/problem+json")
        assert (await reply.json())["problems"]


async def test_neither_tokens_nor_people_reach_the_log(
    holder: Holder, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await shop.customer()
    program = await holder()
    await program.tell("/api/v1/customers/find", {"phone": "+7 916 000-00-01"})
    await program.tell("/api/v1/customers/find", {"phone": "Иванова"})
    assert not [one for one in (program.token, "000-00-01", "79160000001", "Иванова") if one in caplog.text]
