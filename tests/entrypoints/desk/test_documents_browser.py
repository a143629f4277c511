"""An admin edits a script in headless Chromium: an error is said as it is typed, mended, saved, rolled back."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.conftest import PASSWORD, MovingClock, code_at
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import Role, User

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]
SLOW = 30_000  # milliseconds: the machine of the tests is busy


async def sit_down(browser: Browser, base: str, clock: MovingClock, errors: list[str]) -> Page:
    """An admin at the list of scripts."""
    page = await (await browser.new_context(locale="ru-RU")).new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    await page.goto(f"{base}/sign-in?to=/scripts", wait_until="domcontentloaded")
    await page.fill("#login", "admin")
    await page.fill("#password", PASSWORD)
    await page.fill("#code", code_at(clock.now()))
    await page.press("#password", "Enter")
    await page.wait_for_url(f"{base}/scripts", wait_until="domcontentloaded")
    return page


async def replace(page: Page, old: str, new: str) -> None:
    """As if typed into the editor."""
    await page.evaluate(
        "([old, now]) => { const text = document.querySelector('#text'); text.value = text.value.replace(old, now);"
        " text.dispatchEvent(new Event('input', { bubbles: true })); }",
        [old, new],
    )


async def test_a_script_is_broken_mended_tried_saved_and_rolled_back(
    chromium: Browser,
    open_browser: Callable[[], Awaitable[Visitor]],
    new_user: Callable[..., Awaitable[User]],
    clock: MovingClock,
    engine: AsyncEngine,
) -> None:
    shop, errors = Shop(engine), list[str]()
    await new_user("admin", Role.ADMIN)
    base = str((await open_browser()).client.make_url("/")).rstrip("/")
    page = await sit_down(chromium, base, clock, errors)
    await page.get_by_role("link", name="winback").click()
    await expect(page.locator(".graph svg")).to_be_visible(timeout=SLOW)
    await expect(page.locator(".numbers")).to_contain_text("125")

    # An error is said while it is typed, with its place, and in the picture.
    await replace(page, "      yes: offer\n", "      yes: ofer\n")
    problem = page.locator(".problems li")
    await expect(problem).to_contain_text("нет состояния «ofer»", timeout=SLOW)
    await expect(page.locator(".graph .wrong")).to_have_count(1, timeout=SLOW)
    await problem.get_by_role("button").click()
    caret = await page.evaluate(
        "() => { const t = document.querySelector('#text');"
        " return document.activeElement === t && t.value.slice(0, t.selectionStart).split('\\n').length; }"
    )
    assert caret == 19  # where the name is written
    # It cannot be saved; what was typed stays.
    page.once("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Сохранить").click()
    await expect(page.locator(".problems li")).to_contain_text("нет состояния «ofer»", timeout=SLOW)
    assert "yes: ofer" in await page.input_value("#text")
    assert await shop.value("select count(*) from document_versions") == 0

    # Mended, it is tried before it is saved, by keyboard alone.
    await replace(page, "      yes: ofer\n", "      yes: offer\n")
    await expect(page.get_by_text("Проблем нет")).to_be_visible(timeout=SLOW)
    await replace(page, "вам удобно говорить", "вы не заняты")
    await page.get_by_role("button", name="Начать разговор").press("Enter")
    await expect(page.locator("[data-tried]")).to_contain_text("вы не заняты", timeout=SLOW)
    await page.locator("#reply").press_sequentially("не занят, слушаю")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-tried] li.customer")).to_have_count(1, timeout=SLOW)
    assert await shop.value("select count(*) from document_versions") == 0

    await page.fill("#note", "короче")
    await page.get_by_role("button", name="Сохранить").click()
    await page.wait_for_url("**/scripts/winback?saved=1", wait_until="domcontentloaded")
    await expect(page.get_by_role("status").first).to_contain_text("версия 1")

    # The difference is shown, and the file is put back in force.
    await page.get_by_role("link", name="Версии").click()
    await expect(page.locator("tr.added")).to_contain_text("вы не заняты", timeout=SLOW)
    await page.get_by_role("button", name="Вернуть файл").click()
    await page.wait_for_url("**/scripts/winback?saved=2", wait_until="domcontentloaded")
    assert "вам удобно говорить" in await page.input_value("#text")
    assert [tuple(row) for row in await shop.rows("select version, author from document_versions order by id")] == [
        (1, "Имя admin"),
        (2, "Имя admin"),
    ]
    assert errors == []
    await page.context.close()
