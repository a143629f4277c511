"""Two managers at two browsers at once (headless Chromium)."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.conftest import PASSWORD
from tests.entrypoints.desk.test_escalations import escalate
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import Role, User

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]
NewUser = Callable[..., Awaitable[User]]


async def sit_down(browser: Browser, base: str, login: str, errors: list[str]) -> Page:
    """A browser of one's own, signed in and at the queue."""
    page = await (await browser.new_context(locale="ru-RU")).new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    await page.goto(f"{base}/sign-in?to=/escalations", wait_until="domcontentloaded")
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"{base}/escalations", wait_until="domcontentloaded")
    return page


async def test_two_managers_work_one_queue_by_keyboard(
    chromium: Browser, open_browser: Callable[[], Awaitable[Visitor]], new_user: NewUser, engine: AsyncEngine
) -> None:
    shop, errors = Shop(engine), list[str]()
    number = await escalate(shop, reason="<img src=x onerror=alert(1)>")
    for login in ("anna", "boris"):
        await new_user(login, Role.MANAGER)
    base = str((await open_browser()).client.make_url("/")).rstrip("/")
    anna = await sit_down(chromium, base, "anna", errors)
    boris = await sit_down(chromium, base, "boris", errors)
    stale = await boris.context.new_page()
    await stale.goto(f"{base}/escalations/{number}", wait_until="domcontentloaded")
    await stale.evaluate("window.stop()")  # a page that hears no news, as on a bad line
    await stale.route("**/stream", lambda route: route.abort())

    await anna.keyboard.press("j")
    await anna.keyboard.press("t")
    await anna.wait_for_url(f"{base}/escalations/{number}", wait_until="domcontentloaded")
    # Boris sees it without doing anything ...
    await expect(boris.get_by_text("в работе: Имя anna")).to_be_visible(timeout=20_000)
    await expect(boris.get_by_role("button", name="Взять в работу")).to_have_count(0)
    # ... and if he was quicker than the news, he is told.
    await stale.evaluate(
        "number => { const form = document.createElement('form'); form.method = 'post';"
        " form.action = `/escalations/${number}/take`; const token = document.createElement('input');"
        " token.name = 'csrf'; token.value = document.querySelector('meta[name=csrf]').content;"
        " form.append(token); document.body.append(form); form.submit(); }",
        number,
    )
    await expect(stale.get_by_role("alert")).to_contain_text("Имя anna", timeout=20_000)

    await anna.keyboard.press("n")
    await anna.keyboard.type("перезвонить после шести")
    await anna.get_by_role("button", name="Записать").press("Enter")
    await expect(anna.locator(".notes")).to_contain_text("перезвонить после шести", timeout=20_000)
    await anna.keyboard.press("r")
    await anna.keyboard.press("Space")
    await anna.fill("#result", "вернулся со скидкой")
    await anna.get_by_role("button", name="Закрыть эскалацию").press("Enter")
    await anna.wait_for_url(f"{base}/escalations", wait_until="domcontentloaded")
    await expect(boris.get_by_text("Очередь пуста")).to_be_visible(timeout=20_000)
    assert await shop.value("select resolution from escalations") == "won_back"
    assert errors == []
    for page in (anna, boris):
        await page.context.close()  # its streams end, and the server need not wait for them
