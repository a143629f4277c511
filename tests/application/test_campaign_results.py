"""Results compare those who were to be called with those left alone, over the same days for everybody."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop, answered, outcome, unanswered_report
from voicebot.adapters.store.campaign_tables import campaign_controls, leads, promo_codes
from voicebot.adapters.store.crm_tables import orders
from voicebot.application.campaign_results import CampaignResults, campaign_results
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.release_campaign import add_leads
from voicebot.domain.call import Cause
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.lift import Comparison, Measure
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.domain.segment import in_control_group

LATER = NOON + timedelta(days=40)
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={"promo": MessageTemplate(name="promo", text="{code}")},
    sender=Sender(company="Пример", rules_url=""),
    draw=lambda _: 4711,
)


class Market(Shop):
    """The shop with a control group and orders."""

    async def left_alone(self, campaign_id: int, people: list[int], at: datetime = NOON) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(
                insert(campaign_controls),
                [{"campaign_id": campaign_id, "customer_id": person, "at": at} for person in people],
            )

    async def order(self, person: int, total: int, after: timedelta, currency: str = "RUB") -> None:
        number = next(self.numbers)
        async with self.engine.begin() as connection:
            await connection.execute(
                insert(orders).values(
                    external_id=f"later {number}",
                    customer_id=person,
                    placed_at=NOON + after,
                    total=Decimal(total),
                    currency=currency,
                )
            )

    async def variant(self, person: int, name: str) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(leads).where(leads.c.customer_id == person).values(variant=name))

    async def results(self, *, days: int = 30, now: datetime = LATER) -> CampaignResults:
        return await campaign_results(self.open_unit, "Осень", days=days, now=now)


@pytest.fixture
def market(engine: AsyncEngine) -> Market:
    return Market(engine)


def measure(found: CampaignResults, wanted: Measure) -> Comparison:
    assert found.lift is not None
    return next(one for one in found.lift.comparisons if one.measure is wanted)


async def test_orders_of_the_days_after_the_list_are_added_up_per_person(market: Market) -> None:
    people = [await market.customer(spent=9000) for _ in range(8)]  # what they bought long before does not count
    called, alone = people[:5], people[5:]
    campaign = await market.campaign(called, name="Осень")
    await market.left_alone(campaign.id, alone)
    await market.order(called[0], 1000, timedelta(days=1))
    await market.order(called[0], 500, timedelta(days=29, hours=23))
    await market.order(called[1], 700, timedelta(seconds=0))
    await market.order(called[2], 900, timedelta(days=30))  # a day too late
    await market.order(called[3], 50, timedelta(days=2), currency="USD")
    await market.order(alone[0], 300, timedelta(days=3))
    found = await market.results()
    assert (found.called.people, found.called.buyers, found.called.orders.total) == (5, 3, 4)
    assert (found.called.revenue.total, found.called.revenue.squares) == (2200, 1500**2 + 700**2)
    assert (found.control.people, found.control.buyers, found.control.revenue.total) == (3, 1, 300)
    assert found.control_share == 3 / 8
    buyers, revenue = measure(found, Measure.BUYERS), measure(found, Measure.REVENUE)
    assert (buyers.first, buyers.second) == (0.6, 1 / 3)
    assert (revenue.first, revenue.second, revenue.lift) == (440, 100, pytest.approx(340))
    assert not revenue.shown, "eight people show nothing"
    assert not revenue.enough
    assert measure(await market.results(days=31), Measure.BUYERS).first == 0.8


async def test_everybody_who_was_released_counts_as_called_whether_reached_or_not(market: Market) -> None:
    people = [await market.customer() for _ in range(3)]
    campaign = await market.campaign(people, name="Осень")
    claimed = await market.claim()
    await record_outcome(
        market.open_unit,
        claimed.call.id,
        unanswered_report(Cause.BUSY),
        outcome(Disposition.BUSY, group=Group.NONE),
        RULES,
    )
    await add_leads(market.open_unit, campaign.id, [await market.customer()], by="Анна", now=NOON)
    found = await market.results()
    assert found.called.people == 3, "the fourth one waits for a release"
    assert found.control.people == 0
    assert found.lift is None
    (funnel,) = found.funnels
    assert (funnel.released, funnel.dialled, funnel.answered) == (3, 1, 0)


async def test_people_whose_days_are_not_over_are_told_apart(market: Market) -> None:
    people = [await market.customer() for _ in range(4)]
    campaign = await market.campaign(people[:2], name="Осень")
    await market.left_alone(campaign.id, [people[2]])
    await market.left_alone(campaign.id, [people[3]], at=NOON + timedelta(days=20))
    await market.order(people[3], 100, timedelta(days=21))
    found = await market.results()
    assert (found.called.people, found.called.waiting) == (2, 0)
    assert (found.control.people, found.control.waiting, found.control.buyers) == (1, 1, 0)
    early = await market.results(now=NOON + timedelta(days=5))
    assert (early.called.people, early.called.waiting) == (0, 2)
    assert early.lift is not None
    assert {one.interval for one in early.lift.comparisons} == {None}


async def test_whoever_was_left_alone_stays_in_the_control_group_even_when_called(market: Market) -> None:
    people = [await market.customer() for _ in range(2)]
    campaign = await market.campaign(people, name="Осень")
    await market.left_alone(campaign.id, people[:1])
    found = await market.results()
    assert (found.called.people, found.control.people) == (1, 1)


async def test_variants_are_compared_with_each_other_and_have_a_funnel_each(market: Market) -> None:
    people = [await market.customer() for _ in range(6)]
    campaign = await market.campaign(people, name="Осень")
    for number, person in enumerate(people):
        await market.variant(person, "ABC"[number % 3])
    await market.order(people[0], 1000, timedelta(days=1))
    claimed = await market.claim()
    accepted = outcome(
        Disposition.ACCEPTED,
        FollowUp(kind=ActionKind.PROMO),
        FollowUp(kind=ActionKind.SMS, template="promo"),
        group=Group.INTERESTED,
    )
    await record_outcome(market.open_unit, claimed.call.id, answered(), accepted, RULES)
    async with market.engine.begin() as connection:
        await connection.execute(
            update(promo_codes).where(promo_codes.c.campaign_id == campaign.id).values(redeemed_at=LATER)
        )
    found = await market.results()
    assert [(one.name, one.people) for one in found.variants] == [("A", 2), ("B", 2), ("C", 2)]
    assert [(one.first, one.second) for one in found.duels] == [("B", "A"), ("C", "A"), ("C", "B")]
    assert {round(one.level, 4) for one in found.duels} == {round(1 - 0.05 / 3, 4)}
    spoken = claimed.lead.customer_id
    name = "ABC"[people.index(spoken) % 3]
    told = {one.variant: one for one in found.funnels}
    assert (told[name].dialled, told[name].answered, told[name].interested) == (1, 1, 1)
    assert (told[name].promo_issued, told[name].promo_redeemed) == (1, 1)
    assert sum(one.promo_issued for one in found.funnels) == 1
    assert {one.released for one in found.funnels} == {2}


async def test_a_lift_among_thousands_is_shown_and_a_share_out_of_practice_is_told(
    market: Market, engine: AsyncEngine
) -> None:
    """3,800 called of whom 12 % order, 200 left alone of whom 6 % do: drawn by the real hash."""
    campaign = await market.campaign([await market.customer()], name="Осень")
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "insert into customers (external_id) select 'm' || n from generate_series(1, 4000) n"
        )
        rows = await connection.exec_driver_sql(
            "select id from customers where starts_with(external_id, 'm') order by id"
        )
        people = [row.id for row in rows]
    alone = [one for one in people if in_control_group(one, Decimal("0.05"))]
    called = sorted(set(people) - set(alone))
    assert 0.05 * 0.95 < len(alone) / len(people) < 0.07
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "insert into leads (campaign_id, customer_id, state, release_id, created_at, updated_at)"
            f" select {campaign.id}, unnest(%(people)s::bigint[]), 'queued', 1, %(at)s, %(at)s",
            {"people": called, "at": NOON},
        )
        await connection.exec_driver_sql(
            "insert into orders (external_id, customer_id, placed_at, total)"
            " select 'x' || person, person, %(at)s, 2000 + person %% 500 from unnest(%(people)s::bigint[]) person",
            {"people": called[:: 100 // 12] + alone[:: 100 // 6], "at": NOON + timedelta(days=2)},
        )
    await market.left_alone(campaign.id, alone)
    found = await market.results()
    buyers = measure(found, Measure.BUYERS)
    assert buyers.first == pytest.approx(0.125, abs=0.001)
    assert buyers.second == pytest.approx(0.0625, abs=0.005)
    assert buyers.shown
    assert buyers.lift == pytest.approx(100, abs=10)
    assert not found.unusual_share
    assert measure(found, Measure.REVENUE).shown
    await market.left_alone(campaign.id, called[:300])
    assert (await market.results()).unusual_share


async def test_an_unknown_campaign_and_no_days_are_refused(market: Market) -> None:
    with pytest.raises(NotFound, match="Осень"):
        await market.results()
    with pytest.raises(BadInput, match="--days: 0"):
        await market.results(days=0)
