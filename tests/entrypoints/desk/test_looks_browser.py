"""Every page as people meet it: axe, keyboard, phone, light and dark; screenshots are kept (headless Chromium)."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.attacks.world import World, build_world, pages_of
from tests.entrypoints.desk.conftest import PASSWORD, MovingClock, code_at
from tests.entrypoints.desk.test_calls import talk
from tests.entrypoints.desk.visitor import Visitor
from voicebot.config import PROJECT
from voicebot.domain.outcome import Disposition
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk.keys import Desk

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]
SCREENSHOTS: Final = Path(os.environ.get("VOICEBOT_SCREENSHOTS") or PROJECT / "var" / "screenshots")
TALKS: Final = {
    ("да, интересно", "присылайте"): Disposition.ACCEPTED,
    ("нет", "нашёл дешевле в другом магазине"): Disposition.DECLINED,
    ("не звоните мне больше",): Disposition.STOP,
    ("перезвоните завтра после шести",): Disposition.CALLBACK,
    ("алло", "алло"): Disposition.HUNG_UP,
}
"""What more people have said: a page with one line shows little."""
WIDTHS: Final = {1440: 900, 390: 844}
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
    axe, found, wide = Axe(), dict[str, set[str]](), list[str]()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "problems.txt").write_text("", encoding="utf-8")
    for address in addresses:
        await boss.goto(address, wait_until="domcontentloaded", timeout=90_000)
        for width, height in WIDTHS.items():
            await boss.set_viewport_size({"width": width, "height": height})
            for theme in ("light", "dark"):
                await boss.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of its literals
                name = address.strip("/").replace("/", "_") or "today"
                await boss.screenshot(path=SCREENSHOTS / f"{name}-{width}-{theme}.png", full_page=True)
                if (width, theme) == (390, "dark"):
                    continue  # the colours of a theme are the same at every width
                for problem in await violations(axe, boss):
                    found.setdefault(problem, set()).add(f"{address} {width} {theme}")
                    with (SCREENSHOTS / "problems.txt").open("a", encoding="utf-8") as told:
                        told.write(f"{address} {width} {theme}: {problem}\n")
            if await boss.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(f"{address} {width}")
    assert wide == []
    assert found == {}


async def violations(axe: Axe, page: Page) -> list[str]:
    """What axe calls serious or critical, and where."""
    told: dict[str, Any] = (await axe.run(page)).response
    return [
        f"{one['id']}: {node['target']} {node['any'][0]['message'] if node['any'] else ''}"
        for one in told["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


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
