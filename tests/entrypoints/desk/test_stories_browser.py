"""Days at the desk in a real browser: the first user, a review by keyboard, a person forgotten, hostile words."""

import wave
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyotp
import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.attacks.world import build_world, pages_of
from tests.entrypoints.desk.conftest import PASSWORD, SECRET, MovingClock
from tests.entrypoints.desk.test_calls import talk
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.desk.users import invite_first_user
from voicebot.domain.user import NEEDS_CODE, Role, User
from voicebot.entrypoints.web.desk.keys import Desk

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]
NewUser = Callable[..., Awaitable[User]]
PLAYS = "() => { const sound = document.querySelector('audio'); return !sound.paused && sound.currentTime > 3.3 }"
SLOW: Any = {"timeout": 30_000}


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
async def base(open_browser: Callable[[], Awaitable[Visitor]]) -> str:
    return str((await open_browser()).client.make_url("/")).rstrip("/")


async def sit_down(chromium: Browser, base: str) -> Page:
    context = await chromium.new_context(locale="ru-RU", base_url=base)
    context.set_default_timeout(30_000)
    return await context.new_page()


async def come_in(page: Page, login: str, clock: MovingClock, *roles: Role, secret: str = SECRET) -> None:
    await page.goto("/sign-in", wait_until="domcontentloaded")
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    if NEEDS_CODE & set(roles):
        await page.fill("#code", pyotp.TOTP(secret).at(int(clock.now().timestamp())))
    await page.press("#password", "Enter")
    await page.wait_for_url("**/", wait_until="domcontentloaded")


async def test_the_first_user_follows_the_link_sets_up_codes_and_comes_back_with_one(
    chromium: Browser, base: str, desk: Desk, clock: MovingClock
) -> None:
    page = await sit_down(chromium, base)
    token = await invite_first_user(desk.open_unit, clock.now())
    await page.goto(f"/invitation/{token}", wait_until="domcontentloaded")
    for field, value in {"#login": "root", "#name": "Анна Смирнова", "#password": PASSWORD}.items():
        await page.fill(field, value)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/account/code", wait_until="domcontentloaded")
    secret = await page.locator("main code").inner_text()
    await page.fill("#code", pyotp.TOTP(secret).at(int(clock.now().timestamp())))
    await page.press("#code", "Enter")
    await page.wait_for_url("**/", wait_until="domcontentloaded")
    await page.locator(".me summary").press("Enter")
    await page.get_by_role("button", name="Выйти").press("Enter")
    await page.wait_for_url("**/sign-in", wait_until="domcontentloaded")
    await page.goto("/users", wait_until="domcontentloaded")
    await expect(page.locator("#login")).to_be_visible()
    clock.time += timedelta(seconds=30)
    await come_in(page, "root", clock, Role.ADMIN, secret=secret)
    # An invitation is shown with the address under which this browser has found us.
    await page.goto("/users", wait_until="domcontentloaded")
    await page.get_by_label("менеджер").first.check()
    await page.get_by_role("button", name="Сделать ссылку").press("Enter")
    await expect(page.locator("[data-address]")).to_contain_text(f"{base}/invitation/", **SLOW)
    await page.context.close()


async def test_a_call_is_found_heard_and_set_right_by_keyboard_alone(
    chromium: Browser, base: str, shop: Shop, desk: Desk, new_user: NewUser, clock: MovingClock
) -> None:
    call_id = await talk(shop, "это слишком дворового")
    _record(desk.settings.recordings)
    await new_user("anna", Role.MANAGER)
    page = await sit_down(chromium, base)
    await come_in(page, "anna", clock)
    await page.goto("/calls", wait_until="load")
    await page.keyboard.press("/")
    await page.keyboard.type("слишком")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/calls?q=*", wait_until="load")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/calls/{call_id}", wait_until="load")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")  # hear the customer's line, which begins at 3.0
    await page.wait_for_function(PLAYS)
    await page.keyboard.press("Space")
    assert await page.evaluate("document.querySelector('audio').paused")
    await page.keyboard.press("e")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("это слишком дорого")
    await page.keyboard.press("Tab")
    await page.locator("select:focus").select_option("price")
    await page.get_by_role("button", name="Сохранить").first.press("Enter")
    await expect(page.locator(".turns")).to_contain_text("исправил", **SLOW)
    await expect(page.locator(".turns")).to_contain_text("это слишком дорого")
    assert await shop.value("select intent from corrections") == "price"
    heard = "select count(*) from audit_log where action = 'recording.heard' and actor = 'Имя anna'"
    assert await shop.value(heard) == 1
    await page.context.close()


async def test_a_person_who_asks_for_it_is_forgotten_and_found_no_more(
    chromium: Browser, base: str, shop: Shop, new_user: NewUser, clock: MovingClock
) -> None:
    await talk(shop, "меня зовут Аристарх")
    await new_user("root", Role.ADMIN)
    await new_user("anna", Role.MANAGER)
    admin, manager = await sit_down(chromium, base), await sit_down(chromium, base)
    await come_in(manager, "anna", clock)
    await manager.goto("/customers?q=Петрович", wait_until="domcontentloaded")
    await expect(manager.get_by_role("link", name="Иван Петрович")).to_be_visible(**SLOW)
    await come_in(admin, "root", clock, Role.ADMIN)
    await admin.goto("/erasures", wait_until="domcontentloaded")
    await admin.locator("input[name=customer]").fill("c1")
    await admin.keyboard.press("Enter")
    await admin.wait_for_url("**/erase", wait_until="domcontentloaded")
    await admin.locator("input[name=ground]").first.press("Space")
    await admin.fill("#confirmed", "c2")
    await admin.keyboard.press("Enter")
    await expect(admin.get_by_role("alert")).to_contain_text("Номер не совпал", **SLOW)
    await admin.locator("input[name=ground]").first.press("Space")
    await admin.fill("#confirmed", "c1")
    await admin.keyboard.press("Enter")
    await admin.wait_for_url("**/erasures/1", wait_until="domcontentloaded")
    await manager.reload(wait_until="domcontentloaded")
    await expect(manager.get_by_role("link", name="Иван Петрович")).to_have_count(0)
    await manager.goto("/calls?q=Аристарх", wait_until="domcontentloaded")
    await expect(manager.get_by_text("Таких звонков нет")).to_be_visible(**SLOW)
    for page in (admin, manager):
        await page.context.close()


async def test_no_word_of_a_stranger_runs_in_a_real_browser(
    chromium: Browser,
    base: str,
    shop: Shop,
    desk: Desk,
    new_user: NewUser,
    sign_in: Callable[..., Awaitable[Visitor]],
    clock: MovingClock,
    tmp_path: Path,
) -> None:
    world, broken = await build_world(shop, desk, tmp_path), list[str]()
    await new_user("boss", *Role)
    page = await sit_down(chromium, base)
    page.on("dialog", lambda dialog: broken.append(f"dialog {dialog.message}"))
    page.on("pageerror", lambda error: broken.append(f"{page.url} {error}"))
    page.on("console", lambda told: broken.append(told.text) if "Content Security Policy" in told.text else None)
    await page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) =>"
        " console.log('Content Security Policy', event.blockedURI))"
    )
    await come_in(page, "boss", clock, *Role)
    addresses = await pages_of(await sign_in(*Role, login="scout"), world)
    assert "/calls" in addresses
    for address in addresses:
        await page.goto(address, wait_until="domcontentloaded", timeout=90_000)
        assert await page.locator("img[src=x]").count() == 0, address
    assert broken == []
    await page.context.close()


def _record(folder: Path) -> None:
    """Ten seconds of two channels, as every call of `talk` names it."""
    folder.mkdir(parents=True)
    times = np.arange(80_000) / 8000
    tone = (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2")
    with wave.open(str(folder / "call.wav"), "wb") as made:
        made.setnchannels(2)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(np.stack([tone, tone], axis=1).tobytes())
