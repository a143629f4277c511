"""Managers put campaigns together at the desk, and others answer for their lists."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.gather_list import gather_list
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def begin(visitor: Visitor) -> str:
    """The address of a new draft."""
    reply = await visitor.send("/campaigns/drafts")
    assert reply.status == 303
    return reply.headers["Location"].removesuffix("/whom")


async def fill(visitor: Visitor, draft: str, **fields: str) -> str:
    """A draft that may be sent; returns where the last page led."""
    steps = {
        "whom": {"name": "Кофе", "people": "silent", "months": "3", "quiet_days": "14", "min_orders": "1"},
        "say": {"kind": "service", "script": "quality", "dialplan": "default"},
        "when": {"when": "days", "days": "mon", "at": "09:00"},
        "offer": {"percent": "10", "offer_days": "3", "floor": "5", "ceiling": "25"},
        "control": {"control_share": "0"},
    }
    for step, known in steps.items():
        typed = known | {name: value for name, value in fields.items() if name in known or step == "say"}
        reply = await visitor.send(f"{draft}/{step}", typed | {"go": "next"})
        assert reply.status == 303, (step, re.findall(r"field-wrong[^>]*>([^<]+)", await reply.text()))
    return reply.headers["Location"]


async def test_a_campaign_is_built_step_by_step_gathered_and_released(
    sign_in: SignIn, shop: Shop, desk: Desk, clock: MovingClock
) -> None:
    for _ in range(3):
        await shop.customer(spent=5000, zone="Europe/Moscow")
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    assert await fill(manager, draft) == f"{draft}/check"
    shown = await manager.text(f"{draft}/check?count=yes")
    assert '<span class="figure-big">3</span>' in shown
    sent = await manager.send(f"{draft}/send")
    assert sent.status == 303
    campaign = sent.headers["Location"]
    assert "Собираем список" in await manager.text(campaign)
    await gather_list(desk.open_unit, int(campaign.split("/")[-1]), by="jobs", now=clock.now())
    assert "ждёт подписи" in await manager.text(campaign)
