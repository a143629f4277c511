"""A manager builds a campaign, somebody else answers for its list (headless Chromium)."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.axe import violations
from tests.entrypoints.desk.conftest import PASSWORD, MovingClock, code_at
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.gather_list import gather_list
from voicebot.domain.user import NEEDS_CODE, Role, User
from voicebot.entrypoints.web.desk.keys import Desk

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]
NewUser = Callable[..., Awaitable[User]]
PATIENCE_MS = 30_000
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 720}


async def sit_down(browser: Browser, base: str, login: str, code: str, errors: list[str]) -> Page:
    """A browser of one's own, signed in."""
    context = await browser.new_context(locale="ru-RU", base_url=base)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    await page.goto("/sign-in", wait_until="domcontentloaded")
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    await page.fill("#code", code)
    await page.press("#code", "Enter")
    await page.wait_for_url(f"{base}/", wait_until="domcontentloaded")
    return page


async def go_on(page: Page, to: str) -> None:
    """To the next step, when everybody can use this one."""
    assert await violations(page) == [], page.url
    await page.set_viewport_size(PHONE)
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url
    await page.set_viewport_size(DESK)
    await page.get_by_role("button", name="Дальше →").click()
    await page.wait_for_url(f"**/{to}", wait_until="domcontentloaded")


async def test_a_campaign_is_built_by_one_person_and_released_by_another(
    chromium: Browser,
    open_browser: Callable[[], Awaitable[Visitor]],
    new_user: NewUser,
    engine: AsyncEngine,
    desk: Desk,
    clock: MovingClock,
) -> None:
    shop, errors = Shop(engine), list[str]()
    for _ in range(3):
        await shop.customer(spent=5000, zone="Europe/Moscow")
    await shop.customer(spent=5000, zone="Europe/Moscow", consented=())
    for login, role in (("anna", Role.MANAGER), ("olga", Role.RELEASER)):
        await new_user(login, role)
    assert Role.RELEASER in NEEDS_CODE
    base = str((await open_browser()).client.make_url("/")).rstrip("/")
    anna = await sit_down(chromium, base, "anna", "", errors)

    await anna.goto("/campaigns", wait_until="domcontentloaded")
    await anna.get_by_role("button", name="Новая кампания").click()
    await anna.wait_for_url("**/whom", wait_until="domcontentloaded")
    await expect(anna.locator("#count")).to_contain_text("нет согласия на такие звонки", timeout=PATIENCE_MS)
    # Months are changed: the count follows by itself.
    await anna.fill("#months", "30")
    await expect(anna.locator("#count")).to_contain_text("Таких клиентов сейчас нет", timeout=PATIENCE_MS)
    await anna.fill("#months", "3")
    await anna.get_by_role("button", name="Дальше →").click()
    # A mistake is said beside its field, and what was typed is there.
    await expect(anna.locator("#name-wrong")).to_be_visible(timeout=PATIENCE_MS)
    await expect(anna.locator("#months")).to_have_value("3")
    await anna.fill("#name", "Качество, осень")
    await anna.press("#name", "Enter")  # goes on, as the button does
    await anna.wait_for_url("**/say", wait_until="domcontentloaded")
    await anna.get_by_label("Сервис: качество").check()
    await anna.select_option("#script", "quality")
    await go_on(anna, "when")
    await go_on(anna, "offer")
    await anna.fill("#max_calls", "1000")
    await go_on(anna, "control")
    await anna.fill("#control_share", "0")
    await go_on(anna, "check")
    await expect(anna.locator("#count .figure-big").first).to_have_text("3", timeout=PATIENCE_MS)
    assert await violations(anna) == []
    await anna.get_by_role("button", name="Отправить на подпись").click()
    await anna.wait_for_url(re.compile(r"/campaigns/\d+$"), wait_until="domcontentloaded")
    await expect(anna.get_by_text("Собираем список…")).to_be_visible(timeout=PATIENCE_MS)
    number = int(anna.url.rsplit("/", 1)[-1])
    await gather_list(desk.open_unit, number, by="jobs", now=clock.now())
    # The page goes on by itself once the list is there.
    await expect(anna.get_by_text("ждёт подписи").first).to_be_visible(timeout=PATIENCE_MS)

    olga = await sit_down(chromium, base, "olga", code_at(clock.now()), errors)
    await olga.goto("/releases", wait_until="domcontentloaded")
    await olga.get_by_role("link", name="Качество, осень").click()
    await olga.wait_for_url("**/releases/*", wait_until="domcontentloaded")
    await expect(olga.get_by_text("Это робот компании Пример").first).to_be_visible()
    await olga.get_by_role("checkbox", name=re.compile("отвечаю за эти звонки")).check()
    await olga.get_by_role("button", name="Подписать весь список").press("Enter")
    await olga.wait_for_url(f"**/campaigns/{number}", wait_until="domcontentloaded")
    await expect(olga.locator(".badge.good", has_text="идёт").first).to_be_visible()
    assert await shop.value("select released_by from releases") == "Имя olga"

    clock.time += timedelta(minutes=1)  # the figures of a minute ago are old
    # The manager's page shows it without being asked, and its figures as plots.
    await expect(anna.locator(".badge.good", has_text="идёт").first).to_be_visible(timeout=PATIENCE_MS)
    await expect(anna.locator("svg.plot").first).to_be_visible(timeout=PATIENCE_MS)
    await anna.get_by_role("button", name="Пауза").click()
    await expect(anna.get_by_role("button", name="Продолжить")).to_be_visible(timeout=PATIENCE_MS)
    assert await shop.value("select status from campaigns") == "paused"
    assert errors == []
    for page in (anna, olga):
        await page.context.close()
