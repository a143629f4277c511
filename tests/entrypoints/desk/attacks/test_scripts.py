"""Strangers' words with tags in them: shown on many pages, run on none."""

from collections.abc import Awaitable, Callable
from html.parser import HTMLParser

from tests.entrypoints.desk.attacks.addresses import GETS, address_of
from tests.entrypoints.desk.attacks.world import PAYLOAD, World
from tests.entrypoints.desk.visitor import Visitor
from voicebot.domain.user import Role

SignIn = Callable[..., Awaitable[Visitor]]


class Suspicions(HTMLParser):
    """What on a page could run or load something that is not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        source = told.get("src") or told.get("href") or told.get("action") or ""
        ours = source.startswith(("/", "#", "?", "data:image/", "https://example.ru")) and not source.startswith("//")
        if tag in ("script", "img", "link", "iframe", "object", "embed", "form", "a", "audio", "base") and source:
            self.found += [] if ours else [f"<{tag} {source[:80]}>"]
        if tag == "script" and not told.get("src"):
            self.found.append("inline script")
        self.found += [f"<{tag} {name}>" for name in told if name.startswith("on") or name in ("style", "srcdoc")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


async def test_no_word_of_a_stranger_becomes_a_tag_on_any_page(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    found, shown = [], []
    for route in GETS:
        address = address_of(route, world.known)
        for asked in ("", "?q=тайна-вкладов"):
            reply = await boss.get(address + asked)
            if reply.content_type == "text/event-stream":
                text = (await reply.content.readuntil(b"\n\n")).decode()
            elif reply.content_type == "text/html":
                text = await reply.text()
            else:
                assert reply.headers["X-Content-Type-Options"] == "nosniff", address
                reply.close()
                continue
            reply.close()
            page = Suspicions()
            page.feed(text)
            found += [(address, one) for one in page.found]
            assert PAYLOAD not in text, address
            if "alert(1)" in "".join(page.words):
                shown.append(address)
    assert found == []
    # The words are there to be read: otherwise this proves nothing.
    assert {"/calls", "/customers", "/escalations", "/audit"} <= set(shown)
    assert len(set(shown)) >= 8


async def test_what_a_reader_types_comes_back_as_text(sign_in: SignIn, world: World) -> None:
    boss = await sign_in(*Role, login="boss")
    for route in GETS:
        if "{" in route.path or route.path.endswith("stream"):
            continue
        names = ("q", "actor", "action", "subject", "tag", "to", "customer", "campaign", "from", "name", "kind", "head")
        reply = await boss.client.get(route.path, params=dict.fromkeys(names, PAYLOAD), allow_redirects=False)
        if reply.content_type != "text/html":
            reply.close()
            continue
        text = await reply.text()
        page = Suspicions()
        page.feed(text)
        assert page.found == [], route.path
        assert PAYLOAD not in text, route.path
