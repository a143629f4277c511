"""Nonsense in every filter and every form of every page: an answer, never a fault of ours."""

from collections.abc import Awaitable, Callable
from itertools import product
from typing import Final
from urllib.parse import quote

from yarl import URL

from tests.entrypoints.desk.attacks.addresses import GETS, POSTS, address_of, fields_of, filters_of, has_holes
from tests.entrypoints.desk.attacks.world import World
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import Role

SignIn = Callable[..., Awaitable[Visitor]]
NASTY: Final = {
    "quote": "'",
    "statement": "'; drop table customers; --",
    "backslash": "\\",
    "tsquery": "!&|:*()<->",
    "format": "%s %(x)s {0} {{ 7 * 7 }} ${x}",
    "negative": "-1",
    "huge": "9" * 30,
    "not a number": "NaN",
    "date": "0001-01-01",
    "late": "9999-12-31",
    "moment": "9999-12-31T23:59:59+00:00~9223372036854775808",
    "long": "х" * 3000,
    "emoji": "\U0001f600\u202e",
    "newline": "a\r\nSet-Cookie: x=y",
    "json": '{"a": [1, null]}',
}
RAW: Final = {"nul": "a%00b", "no utf-8": "%ff%fe", "half": "%ed%a0%80", "percent": "%", "plus": "+"}
"""As they stand in the address."""
HOLES: Final = ("%00", "%ff", "..%2f..%2fetc%2fpasswd", "-1", "9" * 40, "9" * 18, "%27", "1%20or%201=1", "٣")
"""In place of the number or the name of something."""
BODIES: Final = (
    (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
    (b"a=b", "application/x-www-form-urlencoded; charset=nonsense"),
    (b"a=b", "application/x-www-form-urlencoded; charset=utf-16"),
    (b"no parts", "multipart/form-data"),
    (b"no parts", "multipart/form-data; boundary=x"),
    (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n', "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Length: -5\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"{", "application/json"),
)
LEAVES: Final = ("/sign-out", "/users/{id", "/account/code")
"""Forms after which the visitor is somebody else."""
FAULT: Final = 500
_ENOUGH: Final = ("statement", "huge", "nul")
"""For pages of one object, which have no filters of their own."""
_AT_ONCE: Final = 12
"""Filters in one address: it may be 8 KB long."""


async def bad(visitor: Visitor, address: str) -> bool:
    reply = await visitor.client.get(URL(address, encoded=True), allow_redirects=False)
    if reply.content_type == "text/event-stream":
        await reply.content.readany()
    reply.close()
    return reply.status >= FAULT


async def test_no_filter_of_any_page_can_be_broken(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    values = {title: quote(value) for title, value in NASTY.items() if title != "long"} | RAW
    broken = []
    for route, (title, value) in product(GETS, values.items()):
        if has_holes(route) and title not in _ENOUGH:
            continue
        names = filters_of(route)
        asked = [f"{name}={value}" for name in names]
        pieces = ["&".join(asked[start : start + _AT_ONCE]) for start in range(0, len(asked), _AT_ONCE)]
        for piece in pieces:
            if await bad(boss, f"{address_of(route, world.known)}?{piece}"):
                broken.append((route.path, title, piece[:200]))
    assert broken == []


async def test_no_single_filter_can_be_broken(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    asked = [
        f"{route.path}?{name}={quote(NASTY[title])}"
        for route in GETS
        if not has_holes(route) and not route.public
        for name, title in product(filters_of(route), ("statement", "huge"))
    ]
    assert any(one.startswith("/calls?q=") for one in asked)
    assert [one for one in asked if await bad(boss, one)] == []


async def test_ten_thousand_characters_are_refused_by_the_door_or_cut(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    for route in (one for one in GETS if not has_holes(one)):
        address = address_of(route, world.known)
        assert not await bad(boss, f"{address}?q={'x' * 7000}"), address
        reply = await boss.client.get(f"{address}?q={'x' * 10_000}", allow_redirects=False)
        assert reply.status == 400, address


async def test_no_address_can_be_broken(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    for route, hole in product(GETS, HOLES):
        if has_holes(route):
            address = address_of(route, dict.fromkeys(world.known, "1234567"), literally=hole)
            assert not await bad(boss, address), (route.path, hole)


async def test_no_form_can_be_broken(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    token, broken = await boss.token(), []
    values = {title: NASTY[title] for title in ("statement", "huge", "long")}
    values |= {"empty": "", "nul": "a\0b"}
    for route, (title, value) in product(POSTS, values.items()):
        if route.path.startswith(LEAVES):
            continue
        form = dict.fromkeys(fields_of(route), value) | {"csrf": token}
        address = address_of(route, world.known, missing=title == "empty")
        reply = await boss.client.post(address, data=form, allow_redirects=False)
        if reply.status >= FAULT:
            broken.append((address, title))
    assert broken == []
    assert (await boss.get("/")).status == 200


async def test_no_body_can_break_a_form(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    token = await boss.token()
    sections = {route.path.split("/")[1]: route for route in POSTS if not route.path.startswith(LEAVES)}
    for route, (body, kind) in product(sections.values(), BODIES):
        address, headers = address_of(route, world.known), {"Content-Type": kind, "X-CSRF-Token": token}
        reply = await boss.client.post(address, data=body, headers=headers, allow_redirects=False)
        assert reply.status < FAULT, (address, kind)


async def test_a_code_in_other_digits_and_a_secret_that_is_none_are_wrong_no_more(
    sign_in: SignIn, open_browser: Callable[[], Awaitable[Visitor]], world: World
) -> None:
    boss = await sign_in(*Role, login="boss")
    for secret, code in (("не секрет", "123456"), ("A" * 7, "1"), ("A" * 32, "١٢٣٤٥٦"), ("", "")):
        form = {"secret": secret, "code": code, "password": "x"}
        assert (await boss.send("/account/code", form)).status == 422
    stranger = await open_browser()
    for code in ("١٢٣٤٥٦", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")):
        form = {"login": "boss", "password": "correct horse battery", "code": code}
        assert (await stranger.client.post("/sign-in", data=form)).status == 401
