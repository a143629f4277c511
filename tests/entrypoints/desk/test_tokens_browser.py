"""An admin opens the API to a program and closes it again; the page of the API is read (headless Chromium)."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from tests.entrypoints.desk.axe import violations
from tests.entrypoints.desk.conftest import PASSWORD, MovingClock, code_at
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.app import build_app
from voicebot.entrypoints.web.desk.keys import Desk

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]


@pytest.fixture
async def base(desk: Desk) -> AsyncIterator[str]:
    """Address of the whole application: the desk and the API."""

    async def up() -> None: ...

    api = Api(settings=desk.settings, open_unit=desk.open_unit, clock=desk.clock, check=up)
    server = TestServer(build_app(api, desk))
    await server.start_server()
    yield str(server.make_url("/")).rstrip("/")
    await server.close()


@pytest.fixture
async def page(chromium: Browser, base: str) -> AsyncIterator[Page]:
    context = await chromium.new_context(locale="ru-RU", base_url=base, viewport={"width": 390, "height": 844})
    context.set_default_timeout(30_000)
    page = await context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda told: said.append(told.text) if "Content Security Policy" in told.text else None)
    yield page
    await context.close()
    assert said == []


_KEEP_A_FEW = """() => {
    const seen = {};
    for (const one of document.querySelectorAll("article")) {
        const method = one.textContent.trim().split(/\\s/)[0];
        seen[method] = (seen[method] ?? 0) + 1;
        if (seen[method] > 2) one.remove();
    }
}"""
"""Two articles a method: all are of one make, and axe measures the colours of each word."""


async def status(base: str, token: str) -> int:
    async with (
        ClientSession() as program,
        program.get(f"{base}/api/v1/calls", headers={"Authorization": f"Bearer {token}"}) as reply,
    ):
        return reply.status


async def test_a_token_is_made_by_keyboard_opens_the_api_and_is_revoked(
    page: Page, base: str, new_user: Callable[..., Awaitable[User]], clock: MovingClock
) -> None:
    await new_user("admin", Role.ADMIN)
    await page.goto("/sign-in?to=/tokens", wait_until="domcontentloaded")
    await page.fill("#login", "admin")
    await page.fill("#password", PASSWORD)
    await page.fill("#code", code_at(clock.now()))
    await page.press("#code", "Enter")
    await page.wait_for_url("**/tokens", wait_until="domcontentloaded")
    await page.get_by_label("Для чего").fill("Склад")
    await page.get_by_role("button", name="Сделать токен").press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Отметьте хотя бы одно.")
    await expect(page.get_by_label("Для чего")).to_have_value("Склад")
    await page.get_by_label("видеть звонки").press("Space")
    await page.get_by_role("button", name="Сделать токен").press("Enter")
    shown = await page.get_by_role("status").locator("code").inner_text()
    assert shown.startswith("vbt_")
    assert await violations(page) == []
    assert await status(base, shown) == 200
    await page.goto("/tokens", wait_until="domcontentloaded")
    assert shown not in await page.content()
    await page.get_by_role("button", name="Отозвать токен Склад").press("Enter")
    await expect(page.get_by_text("отозван")).to_be_visible()
    assert await status(base, shown) == 401


async def test_the_page_of_the_api_is_accessible_fits_a_phone_and_needs_nothing_from_elsewhere(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/api/docs", wait_until="load")
    assert await violations(page, colours=False) == []
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await page.get_by_role("link", name="/api/v1/calls/{id}/recording").press("Enter")
    await expect(page.locator("article:target")).to_contain_text("The recording: WAV")
    assert {one.split("/")[2] for one in asked} == {page.url.split("/")[2]}
    await page.evaluate(_KEEP_A_FEW)
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of its literals
        assert await violations(page, others=False) == []
