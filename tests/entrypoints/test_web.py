"""The first page, until the desk is built."""

from typing import NoReturn

from aiohttp.test_utils import TestClient, TestServer

from voicebot import __version__
from voicebot.adapters.system_clock import SystemClock
from voicebot.entrypoints.web.api import Api
from voicebot.entrypoints.web.app import build_app


async def _nothing() -> None:
    """Pages that ask the database nothing need none."""


def _no_unit() -> NoReturn:
    raise AssertionError("a page opened the store")


API = Api(open_unit=_no_unit, clock=SystemClock(), check=_nothing, token="")


async def test_the_first_page_names_the_version_and_the_commands_there_are() -> None:
    async with TestClient(TestServer(build_app(API))) as browser:
        reply = await browser.get("/")
        page = await reply.text()
    assert reply.status == 200
    assert reply.content_type == "text/html"
    for words in (__version__, "voicebot campaign list", "voicebot calls list", "voicebot calls show ID"):
        assert words in page
    assert "{{" not in page


async def test_there_is_no_other_page() -> None:
    async with TestClient(TestServer(build_app(API))) as browser:
        assert (await browser.get("/calls")).status == 404
