"""Getting into the desk, staying there, being kept out."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.entrypoints.desk.conftest import PASSWORD, MovingClock, code_at
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.desk.users import invite_first_user
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk.keys import Desk

Browser = Callable[[], Awaitable[Visitor]]
SignIn = Callable[..., Awaitable[Visitor]]


async def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_where_they_wanted(open_browser: Browser) -> None:
    reply = await (await open_browser()).get("/users?x=1")
    assert (reply.status, reply.headers["Location"]) == (303, "/sign-in?to=%2Fusers%3Fx%3D1")


async def test_nobody_is_led_to_another_site(open_browser: Browser, new_user: Callable[..., Awaitable[User]]) -> None:
    await new_user("anna", Role.MANAGER)
    visitor = await open_browser()
    for elsewhere in ("https://example.org/", "//example.org/", "/\\example.org"):
        form = {"login": "anna", "password": PASSWORD, "to": elsewhere}
        reply = await visitor.client.post("/sign-in", data=form, allow_redirects=False)
        assert reply.headers["Location"] == "/"


async def test_the_first_user_comes_by_a_link_that_works_once(
    open_browser: Browser, desk: Desk, clock: MovingClock
) -> None:
    token = await invite_first_user(desk.open_unit, clock.now())
    visitor, late = await open_browser(), await open_browser()
    form = {"login": "Anna", "name": "Анна", "password": PASSWORD}
    made = await visitor.client.post(f"/invitation/{token}", data=form, allow_redirects=False)
    assert (made.status, made.headers["Location"]) == (303, "/")
    again = await late.client.post(f"/invitation/{token}", data=form | {"login": "eve"}, allow_redirects=False)
    assert again.status == 422
    assert await invite_first_user(desk.open_unit, clock.now()) is None
    # An admin sets up one-time codes before anything else.
    assert (await visitor.get("/users")).headers["Location"] == "/account/code"


async def test_a_bad_form_says_everything_at_once_and_leaves_the_link_good(
    open_browser: Browser, desk: Desk, clock: MovingClock
) -> None:
    token = await invite_first_user(desk.open_unit, clock.now())
    visitor = await open_browser()
    bad = await visitor.client.post(f"/invitation/{token}", data={"login": "я", "name": " ", "password": "short"})
    page = await bad.text()
    assert bad.status == 422
    assert all(word in page for word in ("a-z", "is empty", "shorter than 12"))
    good = {"login": "anna", "name": "Анна", "password": PASSWORD}
    assert (await visitor.client.post(f"/invitation/{token}", data=good, allow_redirects=False)).status == 303


async def test_one_time_codes_are_set_up_and_each_is_good_once(
    open_browser: Browser, sign_in: SignIn, clock: MovingClock
) -> None:
    await sign_in(Role.ADMIN, login="root")
    other, form = await open_browser(), {"login": "root", "password": PASSWORD, "code": code_at(clock.now())}
    assert (await other.client.post("/sign-in", data=form)).status == 401  # the code of this half minute is used
    clock.time += timedelta(seconds=30)
    assert (await other.client.post("/sign-in", data=form | {"code": "000000"})).status == 401
    right = await other.client.post("/sign-in", data=form | {"code": code_at(clock.now())}, allow_redirects=False)
    assert right.status == 303


async def test_five_wrong_passwords_shut_the_door_for_a_quarter_of_an_hour(
    open_browser: Browser, new_user: Callable[..., Awaitable[User]], clock: MovingClock
) -> None:
    await new_user("anna", Role.MANAGER)
    visitor = await open_browser()
    for _ in range(5):
        assert (await visitor.client.post("/sign-in", data={"login": "anna", "password": "no"})).status == 401
    right = {"login": "anna", "password": PASSWORD}
    assert (await visitor.client.post("/sign-in", data=right)).status == 429
    clock.time += timedelta(minutes=15, seconds=1)
    assert (await visitor.client.post("/sign-in", data=right, allow_redirects=False)).status == 303


async def test_an_unknown_login_is_refused_in_the_same_words(open_browser: Browser) -> None:
    visitor = await open_browser()
    reply = await visitor.client.post("/sign-in", data={"login": "nobody", "password": "x" * 12})
    assert reply.status == 401
    assert "Не подошло: логин, пароль или код." in await reply.text()


async def test_the_key_in_the_cookie_changes_and_the_old_one_stops_to_open(
    sign_in: SignIn, open_browser: Browser, clock: MovingClock
) -> None:
    visitor = await sign_in(Role.MANAGER)
    (before,) = [cookie.value for cookie in visitor.client.session.cookie_jar if cookie.key == "voicebot_session"]
    clock.time += timedelta(minutes=16)
    assert (await visitor.get("/account/code")).status == 200
    (after,) = [cookie.value for cookie in visitor.client.session.cookie_jar if cookie.key == "voicebot_session"]
    assert before != after
    thief = await open_browser()
    headers = {"Cookie": f"voicebot_session={before}"}
    assert (await thief.get("/account/code", headers=headers)).status == 200  # a page that was under way
    clock.time += timedelta(seconds=61)
    assert (await thief.get("/account/code", headers=headers)).status == 303
    assert (await visitor.get("/account/code")).status == 200


@pytest.mark.parametrize("pause", [timedelta(hours=2, seconds=1), timedelta(hours=12, seconds=1)])
async def test_a_session_ends_when_nobody_uses_it(sign_in: SignIn, clock: MovingClock, pause: timedelta) -> None:
    visitor = await sign_in(Role.MANAGER)
    clock.time += pause
    assert (await visitor.get("/account/code")).status == 303


async def test_signing_out_ends_the_session_for_good(sign_in: SignIn, open_browser: Browser) -> None:
    visitor = await sign_in(Role.MANAGER)
    (cookie,) = [cookie.value for cookie in visitor.client.session.cookie_jar if cookie.key == "voicebot_session"]
    assert (await visitor.send("/sign-out")).headers["Location"] == "/sign-in"
    stolen = {"Cookie": f"voicebot_session={cookie}"}
    assert (await (await open_browser()).get("/account/code", headers=stolen)).status == 303


async def test_a_form_without_the_token_of_the_session_is_refused(sign_in: SignIn) -> None:
    visitor = await sign_in(Role.ADMIN)
    for token in ("", "forged"):
        assert (await visitor.send("/users", {"role": "manager"}, token=token)).status == 403
    assert (await visitor.send("/users", {"role": "manager"})).status == 200


async def test_a_form_from_another_site_is_refused_even_to_sign_in(open_browser: Browser) -> None:
    visitor = await open_browser()
    for headers in ({"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        reply = await visitor.client.post("/sign-in", data={"login": "a", "password": "b"}, headers=headers)
        assert reply.status == 403


async def test_a_forged_cookie_opens_nothing(open_browser: Browser) -> None:
    visitor = await open_browser()
    for cookie in ("x", "InRva2VuIg.forged", '"token"'):
        assert (await visitor.get("/users", headers={"Cookie": f"voicebot_session={cookie}"})).status == 303


async def test_every_answer_forbids_scripts_of_others(open_browser: Browser) -> None:
    visitor = await open_browser()
    for address in ("/sign-in", "/users", "/nowhere", "/static/desk.css"):
        policy = (await visitor.get(address)).headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


async def test_the_last_admin_cannot_be_shut_out(sign_in: SignIn) -> None:
    visitor = await sign_in(Role.ADMIN)
    reply = await visitor.send("/users/1", {"role": "manager"})
    assert reply.status == 422
    assert "nobody would be left" in await reply.text()


async def test_a_user_who_is_shut_out_is_out_at_once(sign_in: SignIn) -> None:
    admin, manager = await sign_in(Role.ADMIN), await sign_in(Role.MANAGER)
    assert (await admin.send("/users/2", {"role": "manager", "disabled": "yes"})).status == 303
    assert (await manager.get("/account/code")).status == 303


async def test_pages_are_russian_first_and_english_on_demand(open_browser: Browser, sign_in: SignIn) -> None:
    visitor = await open_browser()
    assert "Войти" in await visitor.text("/sign-in")
    english = await visitor.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert "Sign in" in await english.text()
    admin = await sign_in(Role.ADMIN)
    await admin.send("/account/language", {"language": "en", "to": "/users"})
    assert "People" in await admin.text("/users")
