"""A desk on a real database, and people who sign in to it."""

import functools
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.entrypoints.desk.visitor import Visitor
from voicebot.adapters.argon2_passwords import Argon2Passwords
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.application.desk.users import NewUser, accept_invitation, invite_user
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.config import Settings
from voicebot.domain.user import NEEDS_CODE, Role, User
from voicebot.entrypoints.web.desk.application import build_desk, mount_desk
from voicebot.entrypoints.web.desk.keys import Desk

if TYPE_CHECKING:
    from playwright.async_api import Browser

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"  # of every user of the tests


class MovingClock:
    """The Clock port; tests move it."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(NOON)


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovingClock, tmp_path: Path) -> Desk:
    open_unit: OpenDeskUnit = functools.partial(SqlDeskUnit, engine)
    settings = Settings(home=tmp_path, company="Пример", recordings=tmp_path / "recordings")
    quick = Argon2Passwords(time_cost=1, memory_kib=64)
    return await build_desk(settings, open_unit, clock, passwords=quick)


@pytest.fixture
async def open_browser(desk: Desk) -> AsyncIterator[Callable[[], Awaitable[Visitor]]]:
    """New browsers on one server."""
    app = web.Application()
    mount_desk(app, desk)
    server = TestServer(app)
    await server.start_server()
    clients: list[TestClient] = []  # type: ignore[type-arg]  # generic over two types nobody names

    async def opened() -> Visitor:
        client = TestClient(server)
        clients.append(client)
        return Visitor(client)

    yield opened
    for client in clients:
        await client.session.close()
    await server.close()


@pytest.fixture
def new_user(desk: Desk, clock: MovingClock) -> Callable[..., Awaitable[User]]:
    """Users with the roles one names; who needs one-time codes has them set up with the secret of `PyotpCodes`."""

    async def made(login: str, *roles: Role) -> User:
        token = await invite_user(desk.open_unit, roles, by="test", now=clock.now())
        wanted = NewUser(login=login, name=f"Имя {login}", password=PASSWORD)
        accepted = await accept_invitation(desk.keeper, token, wanted, clock.now())
        assert accepted is not None
        if NEEDS_CODE & set(roles):
            async with desk.open_unit() as unit:
                await unit.users.save(accepted.user, code_secret=SECRET)
                await unit.commit()
        return accepted.user

    return made


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(moment: datetime) -> str:
    """What an authenticator shows."""
    import pyotp

    return pyotp.TOTP(SECRET).at(int(moment.timestamp()))


@pytest.fixture
def sign_in(
    open_browser: Callable[[], Awaitable[Visitor]],
    new_user: Callable[..., Awaitable[User]],
    clock: MovingClock,
) -> Callable[..., Awaitable[Visitor]]:
    """A browser in which a new user with these roles is signed in."""

    async def signed_in(*roles: Role, login: str = "") -> Visitor:
        login = login or "-".join(sorted(roles))
        await new_user(login, *roles)
        visitor = await open_browser()
        form = {"login": login, "password": PASSWORD, "code": code_at(clock.now()) if NEEDS_CODE & set(roles) else ""}
        reply = await visitor.client.post("/sign-in", data=form, allow_redirects=False)
        assert reply.status == 303, await reply.text()
        return visitor

    return signed_in


@pytest.fixture
async def chromium() -> AsyncIterator["Browser"]:
    """A browser without a window; without one the test is skipped, or fails where peers are required."""
    from playwright.async_api import async_playwright

    path = shutil.which("chromium")
    if path is None and os.environ.get("VOICEBOT_PEERS") == "required":
        pytest.fail("chromium is missing and VOICEBOT_PEERS=required: apt-get install chromium")
    if path is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()
