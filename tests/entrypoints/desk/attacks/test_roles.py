"""Every address x every role: who may not is refused, learns nothing and changes nothing."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientResponse

from tests.entrypoints.desk.attacks.addresses import PRIVATE, address_of, has_holes
from tests.entrypoints.desk.attacks.world import SECRETS, World, fingerprint
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import PERMISSIONS, Permission, Role
from voicebot.entrypoints.web.desk.application import ROUTES
from voicebot.entrypoints.web.desk.routes import Route

SignIn = Callable[..., Awaitable[Visitor]]


async def ask(visitor: Visitor, route: Route, address: str, token: str) -> ClientResponse:
    if route.method == "GET":
        return await visitor.get(address)
    return await visitor.send(address, token=token)


async def said(reply: ClientResponse, address: str) -> str:
    """The body without the address that was asked for; of a stream only that it began."""
    if reply.content_type == "text/event-stream":
        reply.close()
        return ""
    return (await reply.text(errors="replace")).replace(address, "")


def test_every_address_but_signing_in_has_its_permission_or_is_ones_own() -> None:
    everybody = {one.path for one in ROUTES if one.permission is None and not one.public}
    assert all(path.startswith(("/account", "/sign-out")) for path in everybody), everybody
    assert {one.path for one in ROUTES if one.public} == {"/sign-in", "/invitation/{token}"}


@pytest.mark.parametrize("role", tuple(Role))
async def test_who_may_not_is_refused_learns_nothing_and_changes_nothing(
    role: Role, sign_in: SignIn, world: World
) -> None:
    visitor = await sign_in(role)
    token = await visitor.token()
    before = await fingerprint(world.shop)
    forbidden = [one for one in PRIVATE if one.permission and one.permission not in PERMISSIONS[role]]
    assert forbidden
    for route in forbidden:
        address = address_of(route, world.known)
        reply = await ask(visitor, route, address, token)
        body = await said(reply, address)
        assert reply.status == 403, (route.method, address)
        assert not [one for one in SECRETS if one in body], address
        if has_holes(route):
            gone = address_of(route, world.known, missing=True)
            nothing = await ask(visitor, route, gone, token)
            assert (nothing.status, await said(nothing, gone)) == (403, body), route.path
    assert await fingerprint(world.shop) == before


async def test_a_stranger_is_sent_to_sign_in_wherever_they_knock(
    open_browser: Callable[[], Awaitable[Visitor]], world: World
) -> None:
    stranger, before = await open_browser(), await fingerprint(world.shop)
    for route in PRIVATE:
        for missing in (False, True):
            address = address_of(route, world.known, missing=missing)
            reply = await ask(stranger, route, address, "")
            wanted = 303 if route.method == "GET" else 401
            assert reply.status == wanted, (route.method, address)
            if wanted == 303:
                assert reply.headers["Location"].startswith("/sign-in?to="), address
            body = await said(reply, address)
            assert not [one for one in SECRETS if one in body], address
    assert await fingerprint(world.shop) == before


@pytest.mark.parametrize("role", tuple(Role))
async def test_who_may_gets_a_page_and_names_only_with_the_right_to_them(
    role: Role, sign_in: SignIn, world: World
) -> None:
    visitor = await sign_in(role)
    allowed = [one for one in PRIVATE if one.method == "GET"]
    allowed = [one for one in allowed if one.permission is None or one.permission in PERMISSIONS[role]]
    sees_names = Permission.SEE_PERSONAL in PERMISSIONS[role]
    for route in allowed:
        address = address_of(route, world.known)
        reply = await visitor.get(address)
        body = await said(reply, address)
        assert reply.status in (200, 303, 404), (address, reply.status)
        if not sees_names and route.permission is not Permission.ERASE:  # who erases must know whom
            assert not [one for one in SECRETS[:4] if one in body], (address, role)
        if has_holes(route):
            gone = await visitor.get(address_of(route, world.known, missing=True))
            assert gone.status in (200, 303, 404), route.path
            gone.close()


async def test_an_admin_without_codes_gets_nowhere_but_to_setting_them_up(
    open_browser: Callable[[], Awaitable[Visitor]],
    new_user: Callable[..., Awaitable[object]],
    sign_in: SignIn,
    world: World,
) -> None:
    visitor = await sign_in(Role.ADMIN)
    await world.shop.execute("update users set code_secret = ''")
    for route in PRIVATE:
        address = address_of(route, world.known)
        reply = await ask(visitor, route, address, "")
        if not route.without_code:
            assert (reply.status, reply.headers["Location"]) == (303, "/account/code"), address
