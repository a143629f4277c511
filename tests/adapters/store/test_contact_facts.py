"""What the gate is told of a person, and who the selection leaves out for the same reasons."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop
from voicebot.adapters.store.campaign_tables import calls, promo_codes
from voicebot.adapters.store.crm_tables import orders
from voicebot.application.ports.contact_facts import Asked
from voicebot.domain.call import Cause, Direction
from voicebot.domain.consent import ConsentKind
from voicebot.domain.contact_rules import OPERATOR, ContactRecord
from voicebot.domain.lead import LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.past_calls import PastCall
from voicebot.domain.phone import Phone
from voicebot.domain.segment import ExclusionReason, Segment, SelectionRules, Silent
from voicebot.domain.series import LossReason

DAY: Final = timedelta(days=1)
SEGMENT = Segment(name="silent", rule=Silent(months=3))
RULES = SelectionRules(control_share=Decimal(0), quiet_days=0)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def facts(shop: Shop, customer_id: int, campaign_id: int = 0, phone: Phone | None = None) -> ContactRecord:
    async with shop.open_unit() as unit:
        (found,) = await unit.contact_facts.of((Asked(customer_id=customer_id, campaign_id=campaign_id, phone=phone),))
    return found


async def calls_of(shop: Shop, customer_id: int, *moments: datetime, **values: object) -> int:
    """Calls of a lead of a new campaign, answered and declined unless said otherwise; the campaign."""
    campaign = await shop.campaign([customer_id])
    async with shop.open_unit() as unit:
        lead_id = await unit.leads.named(campaign.id, customer_id)
    usual = {
        "cause": Cause.ANSWERED,
        "disposition": Disposition.DECLINED,
        "outcome_group": Group.NEUTRAL,
        "verdict": {},
        "offers": {},
        "owner": "line-1",
    }
    async with shop.engine.begin() as connection:
        for number, at in enumerate(moments, start=1):
            row = {"lead_id": lead_id, "customer_id": customer_id, "phone": "+79160000001", "attempt": number}
            times = {"dialled_at": at, "answered_at": at, "ended_at": at + timedelta(minutes=1)}
            await connection.execute(insert(calls).values(**{**usual, **row, **times, **values}))
    return campaign.id


async def stop(shop: Shop, customer_id: int, source: str) -> None:
    async with shop.open_unit() as unit:
        await unit.stop_list.add(customer_id, at=NOON, reason="", source=source)
        await unit.commit()


async def order(shop: Shop, customer_id: int, at: datetime) -> None:
    values = {"external_id": f"o-{at}", "customer_id": customer_id, "placed_at": at, "total": 100}
    async with shop.engine.begin() as connection:
        await connection.execute(insert(orders).values(values))


async def lose(shop: Shop, customer_id: int, at: datetime = NOON) -> None:
    call_id = await shop.value("select max(id) from calls") or None
    async with shop.open_unit() as unit:
        await unit.seasonal_list.add(customer_id, at=at, reason=LossReason.DECLINED, call_id=call_id)
        await unit.commit()


async def test_every_call_with_the_person_is_told_whatever_the_campaign(shop: Shop) -> None:
    customer_id = await shop.customer()
    first = await calls_of(shop, customer_id, NOON, wanted=True, offer_heard=True)
    second = await calls_of(shop, customer_id, NOON + DAY, direction=Direction.IN, answered_at=None)
    told = sorted((await facts(shop, customer_id)).calls, key=lambda call: call.dialled_at)
    assert [call.campaign_id for call in told] == [first, second]
    assert told[0] == PastCall(
        lead_id=told[0].lead_id,
        campaign_id=first,
        dialled_at=NOON,
        answered_at=NOON,
        cause=Cause.ANSWERED,
        disposition=Disposition.DECLINED,
        group=Group.NEUTRAL,
        wanted=True,
        offer_heard=True,
    )
    assert (told[1].direction, told[1].answered_at) == (Direction.IN, None)
    await shop.execute(f"update leads set state = '{LeadState.DONE}'")
    assert all(call.lead_over for call in (await facts(shop, customer_id)).calls)


async def test_a_persons_own_stop_outranks_what_their_operator_refuses(shop: Shop) -> None:
    customer_id = await shop.customer()
    await stop(shop, customer_id, OPERATOR)
    record = await facts(shop, customer_id)
    assert (record.stopped, record.operator_refused) == (False, True)
    async with shop.open_unit() as unit:
        assert await unit.stop_list.since(customer_id) is None  # they may be written to
    await stop(shop, customer_id, "call:7")
    await stop(shop, customer_id, OPERATOR)
    record = await facts(shop, customer_id)
    assert (record.stopped, record.operator_refused) == (True, False)
    async with shop.open_unit() as unit:
        assert await unit.stop_list.since(customer_id) == NOON


async def test_a_call_in_progress_to_the_same_number_is_told(shop: Shop) -> None:
    shared = "+79161112233"
    people = [await shop.customer(phones=[shared]) for _ in range(2)]
    await shop.campaign(people[:1])
    await shop.claim()
    assert (await facts(shop, people[1], phone=Phone(shared))).in_call
    assert not (await facts(shop, people[1], phone=Phone("+79162223344"))).in_call


async def test_a_code_is_worth_a_reminder_until_it_is_used_or_an_order_comes(shop: Shop) -> None:
    customer_id = await shop.customer()
    campaign = await shop.campaign([customer_id])
    until = NOON + 3 * DAY
    code = {"code": "DFGL4789", "percent": 10, "days": 3, "issued_at": NOON, "valid_until": until}
    async with shop.engine.begin() as connection:
        await connection.execute(insert(promo_codes).values(customer_id=customer_id, campaign_id=campaign.id, **code))
    assert (await facts(shop, customer_id, campaign.id)).promo_until == until
    assert (await facts(shop, customer_id, campaign.id + 1)).promo_until is None
    await order(shop, customer_id, NOON - DAY)
    assert (await facts(shop, customer_id, campaign.id)).promo_until == until
    await order(shop, customer_id, NOON + DAY)
    record = await facts(shop, customer_id, campaign.id)
    assert (record.promo_until, record.last_order_at) == (None, NOON + DAY)


async def test_whoever_orders_is_lost_no_longer(shop: Shop) -> None:
    customer_id = await shop.customer(spent=100)
    await lose(shop, customer_id)
    assert (await facts(shop, customer_id)).seasonal
    async with shop.open_unit() as unit:
        assert await unit.seasonal_list.counts() == {"declined": 1}
    await order(shop, customer_id, NOON + DAY)
    assert not (await facts(shop, customer_id)).seasonal
    async with shop.open_unit() as unit:
        assert await unit.seasonal_list.counts() == {}
    await lose(shop, customer_id, NOON + 2 * DAY)  # and may be lost anew
    assert (await facts(shop, customer_id)).seasonal


async def test_the_selection_leaves_out_whom_the_gate_would_refuse(shop: Shop) -> None:
    fine, refused, talked, gone, stopped = [await shop.customer(spent=100) for _ in range(5)]
    await stop(shop, refused, OPERATOR)
    await stop(shop, stopped, "call:7")
    for _ in range(2):
        await calls_of(shop, talked, NOON - 9 * DAY, NOON - 20 * DAY)
        await calls_of(shop, fine, NOON - 9 * DAY, NOON - 31 * DAY)
    await lose(shop, gone)
    async with shop.open_unit() as unit:
        assert await unit.selection.allowed(SEGMENT, RULES, at=NOON) == (fine,)
        preview = await unit.selection.preview(SEGMENT, RULES, at=NOON, examples=9)
        assert {one.reason: [person.id for person in one.examples] for one in preview.exclusions} == {
            ExclusionReason.STOP_LIST: [stopped],
            ExclusionReason.OPERATOR_REFUSAL: [refused],
            ExclusionReason.MONTH_CAP: [talked],
            ExclusionReason.SERIES_OVER: [gone],
        }
        assert await unit.selection.allowed(SEGMENT, replace(RULES, season=True), at=NOON) == (fine, gone)
        service = replace(RULES, purpose=ConsentKind.SERVICE)
        assert await unit.selection.allowed(SEGMENT, service, at=NOON) == (fine, gone)
        assert await unit.seasonal_list.callable(RULES, at=NOON) == (gone,)
