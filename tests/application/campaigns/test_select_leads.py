"""The periodic selection adds whoever is new, once, and remembers who is left alone."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.application.campaigns.shop import NOON, Shop
from voicebot.application.release_campaign import change_campaign, sign_list
from voicebot.application.select_leads import begin_campaign, select_leads
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignKind, CampaignStatus, NewCampaign
from voicebot.domain.campaign_plan import Variant, Window
from voicebot.domain.schedule import Schedule, parse_schedule
from voicebot.domain.segment import Segment, Silent, in_control_group

MOSCOW = ZoneInfo("Europe/Moscow")
DAILY = parse_schedule("every day at 9")
TOMORROW_AT_NINE = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


async def lapsed(shop: Shop, number: int) -> list[int]:
    return [await shop.customer(spent=5000) for _ in range(number)]


async def begun(
    shop: Shop,
    *,
    name: str = "весна",
    kind: CampaignKind = CampaignKind.ADVERTISING,
    schedule: Schedule | None = DAILY,
    control_share: Decimal = Decimal(0),
    **rest: object,
) -> Campaign:
    wanted = NewCampaign(
        name=name,
        kind=kind,
        script="winback",
        segment=Segment(name="silent", rule=Silent()),
        schedule=schedule,
        control_share=control_share,
        **rest,  # type: ignore[arg-type]  # any other field
    )
    return (await begin_campaign(shop.open_unit, wanted, by="Анна", now=NOON)).campaign


async def look(shop: Shop, now: datetime) -> int:
    return await select_leads(shop.open_unit, now=now, zone=MOSCOW)


async def test_a_campaign_begins_with_its_segment_awaiting_release(shop: Shop) -> None:
    await lapsed(shop, 3)
    campaign = await begun(shop)
    assert (campaign.status, campaign.selected_at) == (CampaignStatus.AWAITING_RELEASE, NOON)
    assert await shop.rows("select distinct state from leads") == [("unreleased",)]
    entry = await shop.rows("select actor, details from audit_log where action = 'campaign.created'")
    assert entry == [("Анна", {"leads": 3, "controls": 0})]


async def test_new_people_are_added_when_the_schedule_is_due_and_nobody_twice(shop: Shop) -> None:
    await lapsed(shop, 3)
    campaign = await begun(shop)
    await sign_list(shop.open_unit, campaign.id, by="Анна", now=NOON)
    await lapsed(shop, 2)
    assert await look(shop, TOMORROW_AT_NINE - timedelta(minutes=1)) == 0
    assert await look(shop, TOMORROW_AT_NINE) == 2
    assert await look(shop, TOMORROW_AT_NINE + timedelta(minutes=1)) == 0
    states = await shop.rows("select state, count(*) from leads group by state order by state")
    assert [tuple(row) for row in states] == [("queued", 3), ("unreleased", 2)]
    assert await shop.value("select selected_at from campaigns") == TOMORROW_AT_NINE
    entry = await shop.rows("select actor, details from audit_log where action = 'campaign.selected'")
    assert entry == [("selection", {"leads": 2, "controls": 0})]


async def test_after_downtime_it_catches_up_once(shop: Shop) -> None:
    await lapsed(shop, 1)
    await begun(shop, schedule=parse_schedule("every 15 minutes"))
    await lapsed(shop, 1)
    late = NOON + timedelta(days=3)
    assert await look(shop, late) == 1
    await lapsed(shop, 1)
    assert await look(shop, late + timedelta(minutes=14)) == 0, "what was missed is not made up for run by run"
    assert await look(shop, late + timedelta(minutes=15)) == 1


async def test_two_jobs_processes_select_once(shop: Shop) -> None:
    await lapsed(shop, 1)
    await begun(shop)
    await lapsed(shop, 20)
    assert sorted(await asyncio.gather(*(look(shop, TOMORROW_AT_NINE) for _ in range(4)))) == [0, 0, 0, 20]


async def test_without_a_schedule_nobody_is_added_later(shop: Shop) -> None:
    await lapsed(shop, 1)
    await begun(shop, schedule=None)
    await lapsed(shop, 1)
    assert await look(shop, NOON + timedelta(days=30)) == 0


@pytest.mark.parametrize("event", [CampaignEvent.PAUSE, CampaignEvent.FINISH])
async def test_what_does_not_run_selects_nobody(shop: Shop, event: CampaignEvent) -> None:
    await lapsed(shop, 1)
    campaign = await begun(shop)
    await sign_list(shop.open_unit, campaign.id, by="Анна", now=NOON)
    await change_campaign(shop.open_unit, campaign.id, event, by="Анна", now=NOON)
    await lapsed(shop, 1)
    assert await look(shop, TOMORROW_AT_NINE) == 0
    if event is CampaignEvent.PAUSE:
        await change_campaign(shop.open_unit, campaign.id, CampaignEvent.RESUME, by="Анна", now=NOON)
        assert await look(shop, TOMORROW_AT_NINE) == 1


async def test_nobody_is_selected_before_the_window_or_after_it(shop: Shop) -> None:
    await lapsed(shop, 1)
    await begun(shop, window=Window(starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 2)))
    await lapsed(shop, 1)
    assert await look(shop, datetime(2026, 11, 30, 12, tzinfo=UTC)) == 0
    assert await look(shop, datetime(2026, 12, 4, 12, tzinfo=UTC)) == 0
    assert await look(shop, datetime(2026, 12, 1, 6, tzinfo=UTC)) == 1


async def test_the_control_group_is_written_down_at_creation_and_later(shop: Shop) -> None:
    people = await lapsed(shop, 60)
    share = Decimal("0.2")
    await begun(shop, control_share=share)
    people += await lapsed(shop, 40)
    await look(shop, TOMORROW_AT_NINE)
    controls = {row.customer_id for row in await shop.rows("select customer_id from campaign_controls")}
    called = {row.customer_id for row in await shop.rows("select customer_id from leads")}
    assert controls == {one for one in people if in_control_group(one, share)}
    assert called == set(people) - controls
    assert 10 <= len(controls) <= 30


async def test_a_split_test_gives_every_lead_its_variant(shop: Shop) -> None:
    await lapsed(shop, 40)
    variants = (Variant(name="a", share=Decimal("0.5")), Variant(name="b", share=Decimal("0.5")))
    await begun(shop, variants=variants)
    drawn = {row[0]: row[1] for row in await shop.rows("select variant, count(*) from leads group by 1")}
    assert set(drawn) == {"a", "b"}
    assert sum(drawn.values()) == 40


async def test_service_is_queued_as_it_is_selected(shop: Shop) -> None:
    await lapsed(shop, 2)
    campaign = await begun(shop, kind=CampaignKind.SERVICE)
    await sign_list(shop.open_unit, campaign.id, by="Анна", now=NOON)
    await lapsed(shop, 1)
    assert await look(shop, TOMORROW_AT_NINE) == 1
    assert await shop.rows("select distinct state from leads") == [("queued",)]
