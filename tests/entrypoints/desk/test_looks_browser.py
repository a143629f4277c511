"""Every page as people meet it: axe, keyboard, phone, light and dark; screenshots are kept (headless Chromium)."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.attacks.world import World, build_world, pages_of
from tests.entrypoints.desk.axe import violations
from tests.entrypoints.desk.conftest import PASSWORD, MovingClock, code_at
from tests.entrypoints.desk.test_calls import talk
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.outcome import Disposition
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk.keys import Desk

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]
SCREENSHOTS: Final = os.environ.get("VOICEBOT_SCREENSHOTS")
"""Folder to leave a picture of every page in (`make screenshots`, `.ci/run`); taking them is half of the work."""
TALKS: Final = {
    ("да, интересно", "присылайте"): Disposition.ACCEPTED,
    ("нет", "нашёл дешевле в другом магазине"): Disposition.DECLINED,
    ("не звоните мне больше",): Disposition.STOP,
    ("перезвоните завтра после шести",): Disposition.CALLBACK,
    ("алло", "алло"): Disposition.HUNG_UP,
}
"""What more people have said: a page with one line shows little."""
WIDTHS: Final = {1440: 900, 390: 844}
_LAID_OUT: Final = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""What watches sizes has seen the new one."""
_FOCUSED: Final = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    if (!one.dataset.seen) one.dataset.seen = "yes";
    const rings = [one, one.parentElement].map((box) => getComputedStyle(box)); // an editor's frame has it
    const inner = ["date", "time", "datetime-local"].includes(one.type); // the ring may be round a part that is theirs
    const shown = inner || rings.some((ring) => ring.outlineStyle !== "none");
    return [one.className || `${one.tagName} ${one.type ?? ""} ${one.name ?? ""}`, shown];
}"""
_BEGIN: Final = """() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
}"""
_PASSED_OVER: Final = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.dataset.seen)
    .filter((one) => one.type !== "radio" || (one.checked && !one.dataset.seen))
    .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
async def world(engine: AsyncEngine, desk: Desk, tmp_path: Path) -> World:
    world = await build_world(Shop(engine), desk, tmp_path, payload="")
    for words, disposition in TALKS.items():
        await talk(world.shop, *words, disposition=disposition)
    return world


@pytest.fixture
async def boss(
    chromium: Browser,
    open_browser: Callable[[], Awaitable[Visitor]],
    new_user: Callable[..., Awaitable[User]],
    clock: MovingClock,
) -> AsyncIterator[Page]:
    """A browser in which somebody with every role is signed in."""
    await new_user("boss", *Role)
    base = str((await open_browser()).client.make_url("/")).rstrip("/")
    context = await chromium.new_context(locale="ru-RU", base_url=base, viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.goto("/sign-in", wait_until="domcontentloaded")
    await page.fill("#login", "boss")
    await page.fill("#password", PASSWORD)
    await page.fill("#code", code_at(clock.now()))
    await page.get_by_role("button", name="Войти").press("Enter")
    await page.wait_for_url(f"{base}/", wait_until="domcontentloaded")
    yield page
    await context.close()


@pytest.fixture
async def addresses(sign_in: Callable[..., Awaitable[Visitor]], world: World) -> list[str]:
    """Of one of every page."""
    return await pages_of(await sign_in(*Role, login="scout"), world)


async def test_every_page_is_accessible_in_both_themes_and_fits_a_phone(boss: Page, addresses: list[str]) -> None:
    """axe with all rules in light at 1440 px, with those of colours in dark, with all others at 390 px."""
    found, wide = dict[str, set[str]](), list[str]()
    asked = {(1440, "light"): {}, (1440, "dark"): {"others": False}, (390, "light"): {"colours": False}}
    for address in addresses:
        await boss.goto(address, wait_until="domcontentloaded", timeout=90_000)
        for width, height in WIDTHS.items():
            await boss.set_viewport_size({"width": width, "height": height})
            await boss.evaluate(_LAID_OUT)
            for theme in ("light", "dark"):
                await boss.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of its literals
                await picture(boss, address, f"{width}-{theme}")
                if (width, theme) in asked:
                    for problem in await violations(boss, **asked[width, theme]):
                        found.setdefault(problem, set()).add(f"{address} {width} {theme}")
            if await boss.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(f"{address} {width}")
    assert wide == []
    assert found == {}


async def picture(page: Page, address: str, of_what: str) -> None:
    """Keep one if somebody wants to look."""
    if SCREENSHOTS:
        name = address.strip("/").replace("/", "_") or "today"
        await page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{of_what}.png", full_page=True)


async def test_every_page_is_worked_with_the_keyboard_alone(boss: Page, addresses: list[str]) -> None:
    unseen, passed_over, unskipped = [], [], list[str]()
    for address in addresses:
        await boss.goto(address, wait_until="domcontentloaded", timeout=90_000)
        await boss.evaluate(_BEGIN)
        for step in range(400):
            await boss.keyboard.press("Tab")
            focused = await boss.evaluate(_FOCUSED)
            if focused is None:
                break
            if step == 0:
                unskipped += [] if focused[0] == "skip" else [address]
            if not focused[1]:
                unseen.append((address, focused[0]))
        passed_over += [(address, one) for one in await boss.evaluate(_PASSED_OVER)]
    assert {"unskipped": unskipped, "unseen": unseen, "passed over": passed_over} == {
        "unskipped": [],
        "unseen": [],
        "passed over": [],
    }
