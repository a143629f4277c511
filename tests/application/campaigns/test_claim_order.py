"""The order of claims as the database gives it."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from tests.application.campaigns.shop import NOON, Shop, a_line
from voicebot.application.claim_lead import claim_lead
from voicebot.application.release_campaign import change_campaign
from voicebot.domain.campaign import CampaignEvent


async def campaign_of(shop: Shop, people: int, *, priority: int = 0, weight: int = 1) -> int:
    campaign = await shop.campaign([await shop.customer() for _ in range(people)])
    async with shop.engine.begin() as connection:
        values = {"id": campaign.id, "priority": priority, "weight": weight}
        await connection.execute(
            text("update campaigns set priority = :priority, weight = :weight where id = :id"), values
        )
    return campaign.id


async def mark(shop: Shop, leads: Iterable[int], change: str) -> None:
    async with shop.engine.begin() as connection:
        await connection.execute(text(f"update leads set {change} where id = any(:ids)"), {"ids": list(leads)})


async def claims(shop: Shop, *, seed: int = 1) -> list[tuple[int, int]]:
    """Campaign and lead of every claim, until nothing is due."""
    line = replace(a_line(), draw=random.Random(seed).random)
    taken = []
    while (claimed := await claim_lead(shop.open_unit, line, NOON)) is not None:
        taken.append((claimed.campaign.id, claimed.lead.id))
    return taken


async def test_call_backs_then_leads_in_front_then_priority_then_the_oldest(shop: Shop) -> None:
    low, high = await campaign_of(shop, 4), await campaign_of(shop, 2, priority=5)
    low_leads = [row.id for row in await shop.rows(f"select id from leads where campaign_id = {low} order by id")]
    high_leads = [row.id for row in await shop.rows(f"select id from leads where campaign_id = {high} order by id")]
    await mark(shop, low_leads[3:], "callback = true")
    await mark(shop, low_leads[2:3], "front = true")
    await mark(shop, low_leads[1:2], "next_attempt_at = next_attempt_at - interval '1 hour'")
    assert [lead for _, lead in await claims(shop)] == [
        *(low_leads[3], low_leads[2], *high_leads, low_leads[1], low_leads[0])
    ]


async def test_what_is_due_later_or_not_running_is_never_claimed(shop: Shop) -> None:
    paused, later = await campaign_of(shop, 3, priority=9), await campaign_of(shop, 2, priority=8)
    running = await campaign_of(shop, 2)
    await change_campaign(shop.open_unit, paused, CampaignEvent.PAUSE, by="Анна", now=NOON)
    ids = [row.id for row in await shop.rows(f"select id from leads where campaign_id = {later}")]
    await mark(shop, ids, f"next_attempt_at = '{NOON + timedelta(seconds=1)}'")
    assert [campaign for campaign, _ in await claims(shop)] == [running, running]
    async with shop.open_unit() as unit:
        assert await unit.leads.next_due() == NOON + timedelta(seconds=1)
        assert await unit.leads.next_due(dialplan="another") is None


async def test_lines_are_shared_by_weight(shop: Shop) -> None:
    one, three = await campaign_of(shop, 30, weight=1), await campaign_of(shop, 30, weight=3)
    first = Counter(campaign for campaign, _ in (await claims(shop, seed=3))[:32])
    assert 20 <= first[three] <= 28
    assert first[one] == 32 - first[three]
