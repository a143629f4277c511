"""Forms that another site sends, or another session."""

from collections.abc import Awaitable, Callable
from itertools import product
from typing import Final

from tests.entrypoints.desk.attacks.addresses import POSTS, address_of
from tests.entrypoints.desk.attacks.world import World, fingerprint
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import Role

ELSEWHERE: Final = (
    {"Origin": "https://example.org"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)
"""What a browser says of a form of another site."""
SignIn = Callable[..., Awaitable[Visitor]]


async def test_no_form_is_taken_without_the_token_of_its_own_session(sign_in: SignIn, world: World) -> None:
    boss, other = await sign_in(*Role, login="boss"), await sign_in(Role.MANAGER, login="other")
    theirs, before = await other.token(), await fingerprint(world.shop)
    for route in POSTS:
        if route.public:
            continue
        address = address_of(route, world.known)
        for token in ("", theirs, "forged"):
            reply = await boss.send(address, token=token)
            assert reply.status == 403, (address, token[:6])
        plain = await boss.client.post(address, data=b"csrf=x", headers={"Content-Type": "text/plain"})
        assert plain.status in (403, 415), address
    assert await fingerprint(world.shop) == before


async def test_no_form_is_taken_from_another_site_even_with_the_right_token(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    token, before = await boss.token(), await fingerprint(world.shop)
    for route, headers in product(POSTS, ELSEWHERE):
        address = address_of(route, world.known)
        reply = await boss.client.post(address, data={"csrf": token}, headers=headers, allow_redirects=False)
        assert reply.status == 403, (address, headers)
    assert await fingerprint(world.shop) == before


async def test_forms_of_our_own_pages_are_taken_under_both_our_names(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    host = f"http://{boss.client.host}:{boss.client.port}"
    form = {"csrf": await boss.token(), "language": "en"}
    for headers in ({"Origin": host, "Sec-Fetch-Site": "same-origin"}, {}):
        reply = await boss.client.post("/account/language", data=form, headers=headers, allow_redirects=False)
        assert reply.status == 303


async def test_nothing_is_changed_by_a_link(sign_in: SignIn, world: World) -> None:
    """A GET that changes something could be called from an image on any page; looking is written down, no more."""
    boss = await sign_in(*Role, login="boss")
    before = await fingerprint(world.shop)
    for route in POSTS:
        reply = await boss.get(address_of(route, world.known))
        assert reply.status in (200, 303, 404, 405), route.path
    after = await fingerprint(world.shop)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"audit_log", "call_reviews"}
