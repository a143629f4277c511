"""Sessions, codes, passwords, cookies, headers, redirects, bodies."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from tests.entrypoints.desk.attacks.addresses import GETS, POSTS, address_of
from tests.entrypoints.desk.attacks.world import World, fingerprint
from tests.entrypoints.desk.conftest import PASSWORD, MovingClock, code_at
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk.application import mount_desk
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]
Browser = Callable[[], Awaitable[Visitor]]
NewUser = Callable[..., Awaitable[User]]
COOKIE: Final = "voicebot_session"
ELSEWHERE: Final = (
    "https://example.org",
    "//example.org",
    "///example.org",
    "/\\example.org",
    "\\\\example.org",
    "/\t/example.org",
    "/\r\n/example.org",
    "\t//example.org",
    "/a\r\nSet-Cookie: x=y",
    "javascript:alert(1)",
    "http:example.org",
    "//[",
    "example.org",
    "",
)
OUTSIDE: Final = (
    "/static/../pages.py",
    "/static/%2e%2e/pages.py",
    "/static/..%2fpages.py",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/",
    "/calls/..%2f..%2fetc%2fpasswd/recording",
    "/calls/%2e%2e/recording",
    "/calls/1%00/recording",
)


def cookie_of(visitor: Visitor) -> str:
    (found,) = [one.value for one in visitor.client.session.cookie_jar if one.key == COOKIE]
    return found


async def opens(visitor: Visitor, cookie: str) -> bool:
    return (await visitor.get("/account", headers={"Cookie": f"{COOKIE}={cookie}"})).status == 200


@pytest.fixture
async def secure(desk: Desk) -> AsyncIterator[Visitor]:
    """A desk people reach over TLS."""
    app = web.Application()
    mount_desk(app, replace(desk, settings=replace(desk.settings, web_url="https://desk.example.ru/")))
    async with TestClient(TestServer(app)) as client:
        yield Visitor(client)


async def test_a_stolen_cookie_is_worth_nothing_after_other_roles_or_being_shut_out(
    sign_in: SignIn, open_browser: Browser
) -> None:
    admin, thief = await sign_in(Role.ADMIN), await open_browser()
    first, second = await sign_in(Role.MANAGER, login="first"), await sign_in(Role.MANAGER, login="second")
    stolen = [cookie_of(first), cookie_of(second)]
    assert [await opens(thief, one) for one in stolen] == [True, True]
    await admin.send("/users/2", {"role": "auditor"})
    await admin.send("/users/3", {"role": "manager", "disabled": "yes"})
    assert [await opens(thief, one) for one in stolen] == [False, False]
    form = {"login": "second", "password": PASSWORD}
    assert (await thief.client.post("/sign-in", data=form)).status == 401


async def test_an_open_stream_ends_with_its_session(open_browser: Browser, desk: Desk, new_user: NewUser) -> None:
    await new_user("anna", Role.MANAGER)
    app = web.Application()
    mount_desk(app, replace(desk, look_s=0.02))
    async with TestClient(TestServer(app)) as client:
        visitor = Visitor(client)
        await client.post("/sign-in", data={"login": "anna", "password": PASSWORD}, allow_redirects=False)
        stream = await visitor.get("/today/stream")
        await stream.content.readuntil(b"\n\n")
        await visitor.send("/sign-out")
        async with asyncio.timeout(30):
            await stream.content.read()  # to its end


async def test_two_requests_at_once_change_the_key_once_and_both_go_on(sign_in: SignIn, clock: MovingClock) -> None:
    visitor = await sign_in(Role.MANAGER)
    clock.time += timedelta(minutes=16)
    before = cookie_of(visitor)
    replies = await asyncio.gather(*(visitor.get("/account") for _ in range(4)))
    assert [one.status for one in replies] == [200] * 4
    assert cookie_of(visitor) != before
    clock.time += timedelta(minutes=2)
    assert (await visitor.get("/account")).status == 200


async def test_one_code_opens_one_session_even_for_two_at_once(
    sign_in: SignIn, open_browser: Browser, clock: MovingClock
) -> None:
    await sign_in(Role.ADMIN, login="root")
    clock.time += timedelta(seconds=60)
    form = {"login": "root", "password": PASSWORD, "code": code_at(clock.now())}
    browsers = [await open_browser() for _ in range(3)]
    replies = await asyncio.gather(*(one.client.post("/sign-in", data=form, allow_redirects=False) for one in browsers))
    assert sorted(one.status for one in replies) == [303, 401, 401]


async def test_codes_are_replaced_with_the_password_alone(sign_in: SignIn, clock: MovingClock) -> None:
    import pyotp

    admin, secret = await sign_in(Role.ADMIN), pyotp.random_base32()
    code = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    for password in ("", "wrong password"):
        form = {"secret": secret, "code": code, "password": password}
        assert (await admin.send("/account/code", form)).status == 422
    assert (await admin.send("/account/code", {"secret": secret, "code": code, "password": PASSWORD})).status == 303


async def test_guesses_made_at_once_are_counted_one_by_one(open_browser: Browser, new_user: NewUser) -> None:
    await new_user("anna", Role.MANAGER)
    guesser = await open_browser()
    replies = await asyncio.gather(
        *(guesser.client.post("/sign-in", data={"login": "anna", "password": f"guess {n}"}) for n in range(15))
    )
    statuses = [one.status for one in replies]
    assert statuses.count(401) <= 5
    assert statuses.count(429) >= 10


async def test_behind_a_proxy_one_guesser_shuts_out_nobody_else(open_browser: Browser, new_user: NewUser) -> None:
    await new_user("anna", Role.MANAGER)
    visitor, right = await open_browser(), {"login": "anna", "password": PASSWORD}

    async def sign_in_from(address: str, form: dict[str, str]) -> int:
        headers = {"X-Forwarded-For": address}
        return (await visitor.client.post("/sign-in", data=form, headers=headers, allow_redirects=False)).status

    for number in range(31):
        await sign_in_from("1.2.3.4, 203.0.113.7", {"login": f"nobody{number}", "password": "x"})
    assert await sign_in_from("203.0.113.7", right) == 429
    assert await sign_in_from("203.0.113.7, 198.51.100.2", right) == 303  # what the client itself adds counts nothing


async def test_the_cookie_is_kept_from_scripts_other_sites_and_open_wires(
    secure: Visitor, open_browser: Browser, new_user: NewUser
) -> None:
    await new_user("anna", Role.MANAGER)
    plain, form = await open_browser(), {"login": "anna", "password": PASSWORD}
    for visitor, over_tls in ((plain, False), (secure, True)):
        reply = await visitor.client.post("/sign-in", data=form, allow_redirects=False)
        (cookie,) = reply.headers.getall("Set-Cookie")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) is over_tls


async def test_every_answer_carries_the_headers(sign_in: SignIn, secure: Visitor, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    addresses = [address_of(route, world.known) for route in GETS] + ["/nowhere", "/static/desk.css", "/static/none"]
    for address in addresses:
        reply = await boss.get(address)
        reply.close()
        policy = reply.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, address
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert "aiohttp" not in reply.headers.get("Server", "")
        if not address.startswith("/static"):
            assert "no-store" in reply.headers["Cache-Control"], address
    assert "Strict-Transport-Security" not in (await boss.get("/sign-in")).headers
    assert "max-age" in (await secure.get("/sign-in")).headers["Strict-Transport-Security"]


async def test_no_link_leads_away_after_signing_in(open_browser: Browser, new_user: NewUser) -> None:
    await new_user("anna", Role.MANAGER)
    visitor = await open_browser()
    for elsewhere in ELSEWHERE:
        page = await (await visitor.client.get("/sign-in", params={"to": elsewhere})).text()
        assert 'name="to" value="/"' in page, elsewhere
        form = {"login": "anna", "password": PASSWORD, "to": elsewhere}
        reply = await visitor.client.post("/sign-in", data=form, allow_redirects=False)
        assert (reply.status, reply.headers["Location"]) == (303, "/"), elsewhere
        reply = await visitor.send("/account/language", {"language": "en", "to": elsewhere})
        assert (reply.status, reply.headers["Location"]) == (303, "/"), elsewhere


async def test_an_invitation_never_leads_to_the_host_somebody_has_sent(sign_in: SignIn, secure: Visitor) -> None:
    admin = await sign_in(Role.ADMIN)
    form = {"role": "manager", "csrf": await admin.token()}
    reply = await admin.client.post("/users", data=form, headers={"Host": "evil.example.org"})
    text = await reply.text()
    assert "evil.example.org" not in text
    assert "data-address>/invitation/" in text
    secure.client.session.cookie_jar.update_cookies({COOKIE: cookie_of(admin)}, URL(str(secure.client.make_url("/"))))
    assert "https://desk.example.ru/invitation/" in await (await secure.send("/users", {"role": "manager"})).text()


async def test_bodies_beyond_a_megabyte_are_refused_before_anything_is_done(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    token, before = await boss.token(), await fingerprint(world.shop)
    form = f"csrf={token}&text=".encode() + b"x" * (2 << 20)
    parts = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * (2 << 20) + b"\r\n--b--\r\n"
    kinds = {"application/x-www-form-urlencoded": form, "multipart/form-data; boundary=b": parts}
    for route in POSTS:
        address = address_of(route, world.known)
        for kind, body in kinds.items():
            headers = {"Content-Type": kind, "X-CSRF-Token": token}
            try:
                reply = await boss.client.post(address, data=io.BytesIO(body), headers=headers, allow_redirects=False)
            except ConnectionError:
                continue  # the door was shut while we were still talking
            assert reply.status == 413, (address, reply.status)
    assert await fingerprint(world.shop) == before


async def test_no_address_leads_out_of_its_folder(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    for address in OUTSIDE:
        reply = await boss.client.get(URL(address, encoded=True), allow_redirects=False)
        assert reply.status in (403, 404), address
        assert "root:" not in await reply.text()
