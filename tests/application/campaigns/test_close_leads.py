"""A lead is over when its customer orders or its campaign ends; nobody in a call is disturbed."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from tests.application.campaigns.shop import NOON, Shop
from voicebot.adapters.store.crm_tables import orders
from voicebot.application.close_leads import (
    OrderRounds,
    close_leads_of,
    close_leads_with_orders,
    finish_ended_campaigns,
)
from voicebot.application.ports.lead_endings import Lately
from voicebot.application.release_campaign import prepare_campaign, release_campaign
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.campaign_plan import Window

LATER = NOON + timedelta(hours=2)


async def orders_something(shop: Shop, customer_id: int, at: datetime) -> None:
    async with shop.engine.begin() as connection:
        values = {
            "external_id": f"new{customer_id}{at:%H%M}",
            "customer_id": customer_id,
            "placed_at": at,
            "total": 100,
        }
        await connection.execute(insert(orders).values(values))


async def leads(shop: Shop) -> list[tuple[str, str]]:
    return [(row.state, row.ended_by) for row in await shop.rows("select state, ended_by from leads order by id")]


async def test_an_order_after_the_lead_was_made_ends_it(shop: Shop) -> None:
    bought, bought_before, nothing = [await shop.customer(), await shop.customer(spent=500), await shop.customer()]
    await shop.campaign([bought, bought_before, nothing])
    await orders_something(shop, bought, LATER)
    assert await close_leads_with_orders(shop.open_unit, LATER) == 1
    assert await leads(shop) == [("done", "order"), ("queued", ""), ("queued", "")]
    assert await close_leads_with_orders(shop.open_unit, LATER) == 0
    told = await shop.rows("select details from audit_log where action = 'leads.closed'")
    assert told == [({"ended_by": "order", "leads": 1},)]


async def test_it_ends_every_waiting_lead_of_the_person_also_unreleased_and_a_reminder(shop: Shop) -> None:
    customer = await shop.customer()
    await shop.campaign([customer])
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql(
            "update leads set state = 'scheduled', errand = 'reminder', callback = true, disposition = 'accepted'"
        )
    new = NewCampaign(name="unreleased", kind=CampaignKind.ADVERTISING, script="winback")
    await prepare_campaign(shop.open_unit, new, [customer], by="Анна", now=NOON)
    await orders_something(shop, customer, LATER)
    async with shop.open_unit() as unit:
        assert await close_leads_of(unit, [customer], LATER) == 2
        await unit.commit()
    assert await leads(shop) == [("done", "order"), ("done", "order")]
    kept = await shop.rows("select disposition, callback, next_attempt_at from leads order by id")
    assert tuple(kept[0]) == ("accepted", False, None), "what was achieved stays"


async def test_only_the_people_named_are_looked_at(shop: Shop) -> None:
    one, other = await shop.customer(), await shop.customer()
    await shop.campaign([one, other])
    for customer in (one, other):
        await orders_something(shop, customer, LATER)
    async with shop.open_unit() as unit:
        assert await close_leads_of(unit, [other], LATER) == 1
        await unit.commit()
    assert await leads(shop) == [("queued", ""), ("done", "order")]


async def test_a_lead_in_a_call_is_left_to_its_line_and_ended_the_next_round(shop: Shop) -> None:
    customer = await shop.customer()
    await shop.campaign([customer])
    claimed = await shop.claim()
    await orders_something(shop, customer, LATER)
    assert await close_leads_with_orders(shop.open_unit, LATER) == 0
    assert await leads(shop) == [("claimed", "")]
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql("update leads set state = 'scheduled', lease_owner = '', lease_until = null")
    assert await close_leads_with_orders(shop.open_unit, LATER) == 1
    assert claimed.lead.customer_id == customer


async def test_a_lead_somebody_holds_is_passed_over(shop: Shop) -> None:
    customer = await shop.customer()
    await shop.campaign([customer])
    await orders_something(shop, customer, LATER)
    async with shop.open_unit() as holding:
        await holding.leads.lock(1)
        assert await close_leads_with_orders(shop.open_unit, LATER) == 0, "nobody waits for anybody"
    assert await close_leads_with_orders(shop.open_unit, LATER) == 1


async def test_a_campaign_ends_with_its_window_and_so_do_its_waiting_leads(shop: Shop) -> None:
    people = [await shop.customer() for _ in range(2)]
    window = Window(ends_on=date(2026, 11, 25))
    new = NewCampaign(name="short", kind=CampaignKind.ADVERTISING, script="winback", window=window)
    campaign, _ = await prepare_campaign(shop.open_unit, new, people, by="Анна", now=NOON)
    await release_campaign(shop.open_unit, campaign.id, by="Анна", now=NOON)
    await shop.claim()
    assert await finish_ended_campaigns(shop.open_unit, datetime(2026, 11, 25, 21, 59, tzinfo=UTC)) == 0
    midnight = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)  # in Kaliningrad, the last zone of Russia
    assert await finish_ended_campaigns(shop.open_unit, midnight) == 1
    assert await finish_ended_campaigns(shop.open_unit, midnight) == 0
    assert await shop.value("select status from campaigns") == "finished"
    assert await leads(shop) == [("claimed", ""), ("done", "campaign")]
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql(
            "update leads set state = 'scheduled', lease_owner = '', lease_until = null where state = 'claimed'"
        )
    assert await close_leads_with_orders(shop.open_unit, midnight) == 1, "the call under way left one behind"
    assert await leads(shop) == [("done", "campaign"), ("done", "campaign")]
    told = await shop.rows("select actor, details from audit_log where action = 'campaign.finish'")
    assert told == [("window", {"closed": 1})]


def test_most_rounds_look_at_what_is_new_and_now_and_then_one_at_everybody() -> None:
    rounds, looks = OrderRounds(), []
    for minute in range(45):
        now = NOON + timedelta(minutes=minute)
        lately = rounds.lately(now)
        looks.append(lately)
        rounds.done(now, 1000 + minute, lately)
    assert looks[:5] == [None] * 5, "nothing is settled yet"
    assert looks[5] == Lately(leads_since=NOON, orders_after=1000)
    assert looks[20] == Lately(leads_since=NOON + timedelta(minutes=15), orders_after=1015)
    assert [minute for minute, one in enumerate(looks) if one is None] == [0, 1, 2, 3, 4, 34]
    assert len(rounds.looked) < 10


async def test_a_round_that_looks_at_what_is_new_closes_the_same(shop: Shop) -> None:
    bought, in_a_call, long_ago = [await shop.customer() for _ in range(3)]
    await shop.campaign([bought, in_a_call, long_ago])
    await shop.execute("update leads set created_at = created_at - interval '1 day', updated_at = created_at")
    await orders_something(shop, long_ago, NOON - timedelta(hours=1))
    await orders_something(shop, in_a_call, NOON)
    rounds = OrderRounds(whole_at=LATER)
    rounds.done(LATER, 2, Lately(leads_since=LATER, orders_after=0))
    await orders_something(shop, bought, LATER + timedelta(minutes=1))
    await shop.execute(
        f"update leads set updated_at = '{LATER + timedelta(minutes=2)}' where customer_id = {in_a_call}"
    )
    assert await close_leads_with_orders(shop.open_unit, LATER + timedelta(minutes=6), rounds) == 2
    assert await leads(shop) == [("done", "order"), ("done", "order"), ("queued", "")], "that one was looked at before"
    assert await close_leads_with_orders(shop.open_unit, LATER + timedelta(minutes=36), rounds) == 1
