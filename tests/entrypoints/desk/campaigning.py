"""Campaigns as tests of the desk put them together."""

import re
from html import unescape

from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.gather_list import gather_list
from voicebot.entrypoints.web.desk.keys import Desk

STEPS: dict[str, dict[str, str]] = {
    "whom": {"name": "Кофе", "people": "silent", "months": "3", "quiet_days": "14", "min_orders": "1"},
    "say": {"kind": "service", "script": "quality", "dialplan": "default"},
    "when": {"when": "days", "days": "mon", "at": "09:00"},
    "offer": {"percent": "10", "offer_days": "3", "floor": "5", "ceiling": "25"},
    "control": {"control_share": "0"},
}
"""What is typed into the wizard for a campaign that may be sent over the shipped dialplan, whose trunk has no label."""
_WRONG = re.compile(r'class="field-wrong[^"]*" id="([^"]+)-wrong">([^<]+)<')


async def begin(visitor: Visitor) -> str:
    """The address of a new draft."""
    reply = await visitor.send("/campaigns/drafts")
    assert reply.status == 303
    return reply.headers["Location"].removesuffix("/whom")


async def fill(visitor: Visitor, draft: str, **other: str) -> None:
    """Go through the steps to the last one; `other`: instead of what is usual."""
    for step, known in STEPS.items():
        reply = await visitor.send(f"{draft}/{step}", known | other | {"go": "next"})
        assert reply.status == 303, (step, wrong(await reply.text()))


async def sent(visitor: Visitor, desk: Desk, **other: str) -> str:
    """The address of a campaign whose list waits for a signature."""
    draft = await begin(visitor)
    await fill(visitor, draft, **other)
    reply = await visitor.send(f"{draft}/send")
    assert reply.status == 303, await reply.text()
    address = reply.headers["Location"]
    await gather_list(desk.open_unit, number_of(address), by="jobs", now=desk.clock.now())
    return address


def wrong(page: str) -> dict[str, str]:
    """What a page says beside its fields."""
    return {field: unescape(said) for field, said in _WRONG.findall(page)}


def number_of(address: str) -> int:
    """The campaign's number."""
    return int(address.rsplit("/", 1)[-1])


def hash_on(page: str) -> str:
    """The hash a release page shows."""
    found = re.search(r'name="hash" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]
