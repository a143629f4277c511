"""A manager looks at reports, takes them along and prints a page (headless Chromium)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from zipfile import is_zipfile

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.adapters.store.test_reports import Book, Clock, fill
from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.desk.conftest import PASSWORD
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.refresh_reports import refresh_reports
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk.keys import Desk

NOTHING_IS_CUT = """() => {
    const sheet = document.querySelector(".sheet");
    return sheet.scrollHeight <= sheet.clientHeight && sheet.scrollWidth <= sheet.clientWidth;
}"""
pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]


async def fill_much(shop: Shop) -> None:
    """More campaigns, reasons, stages and days than a page of paper has room for."""
    await fill(shop)
    book = Book(shop)
    for number in range(9):
        customer = await shop.customer()
        await shop.execute("update leads set state = 'done', lease_until = null")
        name = f"Очень длинное название кампании номер {number}: возврат тех, кто давно молчит"
        campaign = await shop.campaign([customer], name=name)
        lead = await book.lead(customer, campaign.id)
        for attempt in range(1, 6):
            at = NOON - timedelta(days=5 * number + attempt)
            state = f"состояние_скрипта_с_длинным_именем_{attempt}"
            call = await book.call(lead, at, attempt=attempt, nps=attempt, hangup_state=state, disposition="hung_up")
            await shop.execute(f"insert into call_tags (call_id, tag) values ({call}, 'причина {attempt} {number}')")


async def test_reports_are_read_taken_along_and_printed(
    chromium: Browser,
    open_browser: Callable[[], Awaitable[Visitor]],
    new_user: Callable[..., Awaitable[User]],
    engine: AsyncEngine,
    desk: Desk,
    tmp_path: Path,
) -> None:
    shop, errors = Shop(engine), list[str]()
    await fill_much(shop)
    await refresh_reports(desk.open_unit, Clock(), desk.zone)
    await new_user("anna", Role.MANAGER)
    base = str((await open_browser()).client.make_url("/")).rstrip("/")
    context = await chromium.new_context(locale="ru-RU", accept_downloads=True)
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    await page.goto(f"{base}/sign-in?to=/reports", wait_until="domcontentloaded")
    await page.fill("#login", "anna")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"{base}/reports", wait_until="domcontentloaded")
    await expect(page.get_by_role("link", name="Отчёты", exact=True)).to_have_attribute("aria-current", "page")

    await page.get_by_label("По строкам").select_option("week")
    await page.get_by_label("С", exact=True).fill("2026-10-01")
    await page.get_by_label("По", exact=True).fill("2026-11-24")
    await page.get_by_role("button", name="Показать").press("Enter")
    await expect(page.get_by_role("heading", name="Неделя с")).to_be_visible(timeout=20_000)
    await expect(page.locator("table.measures tbody tr")).to_have_count(8)

    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="XLSX", exact=True).click()
    download = await downloading.value
    assert download.suggested_filename == "report-week-2026-10-01-2026-11-24.xlsx"
    await download.save_as(tmp_path / "table.xlsx")
    assert is_zipfile(tmp_path / "table.xlsx")

    for by in ("campaign", "day"):
        await page.goto(f"{base}/reports?by={by}&from=2026-10-01&to=2026-11-24", wait_until="domcontentloaded")
        await page.get_by_role("link", name="Сводка для печати").click()
        await expect(page.get_by_role("button", name="Печатать")).to_be_visible(timeout=20_000)
        await page.emulate_media(media="print", color_scheme="dark")
        await page.set_viewport_size({"width": 718, "height": 1000})  # what A4 leaves between its margins
        assert await page.evaluate(NOTHING_IS_CUT)
        printed = await page.pdf(path=tmp_path / f"{by}.pdf", prefer_css_page_size=True, print_background=True)
        assert pages_of(printed) == 1
        await page.emulate_media(media="screen")
        await page.set_viewport_size({"width": 1280, "height": 800})
    assert errors == []
    await context.close()


def pages_of(document: bytes) -> int:
    """Chromium writes each page as an object of its own, uncompressed."""
    return document.count(b"/Type /Page\n") + document.count(b"/Type /Page ")
