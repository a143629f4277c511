"""Tokens of the API at the desk."""

import re
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.desk.api_tokens import know_token
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def test_a_token_is_shown_once_and_opens_until_it_is_revoked(sign_in: SignIn, shop: Shop, desk: Desk) -> None:
    admin = await sign_in(Role.ADMIN)
    assert "Токенов нет" in await admin.text("/tokens")
    fields = [("name", "<b>CRM</b>"), ("days", "90"), ("scope", "calls:read"), ("scope", "events:write")]
    page = await (await admin.send("/tokens", fields)).text()
    (shown,) = re.findall(r"vbt_[\w-]{40,}", page)
    assert "<b>CRM" not in page
    token = await know_token(desk.open_unit, shown, desk.clock.now())
    assert token is not None
    assert (token.scopes, (token.expires_at or token.created_at) - token.created_at) == (
        frozenset({"calls:read", "events:write"}),
        (token.expires_at or token.created_at) - token.created_at,
    )
    listed = await admin.text("/tokens")
    assert shown not in listed
    assert "24.11.2026, 12:00" in listed  # its last use
    assert (await admin.send(f"/tokens/{token.id}/revoke")).status == 303
    assert await know_token(desk.open_unit, shown, desk.clock.now()) is None
    assert "отозван" in await admin.text("/tokens")
    assert (await admin.send("/tokens/999/revoke")).status == 404
    deeds = await shop.rows("select action from audit_log where subject like 'token:%' order by id")
    assert [row.action for row in deeds] == ["token.created", "token.revoked"]


async def test_what_is_wrong_is_said_and_what_was_typed_stays(sign_in: SignIn, shop: Shop) -> None:
    admin = await sign_in(Role.ADMIN)
    reply = await admin.send("/tokens", {"name": "Склад", "days": "-5"})
    page = await reply.text()
    assert reply.status == 422
    assert "Отметьте хотя бы одно" in page and 'value="Склад"' in page
    reply = await admin.send("/tokens", {"name": "x" * 61, "scope": "campaigns:release"})
    page = await reply.text()
    assert (reply.status, "до 60 знаков" in page) == (422, True)
    assert await shop.value("select count(*) from api_tokens") == 0


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMIN])
async def test_only_admins_make_and_revoke_tokens(role: Role, sign_in: SignIn) -> None:
    visitor = await sign_in(role)
    assert (await visitor.get("/tokens")).status == 403
    assert (await visitor.send("/tokens", {"name": "x", "scope": "calls:read"})).status == 403
    assert (await visitor.send("/tokens/1/revoke")).status == 403
