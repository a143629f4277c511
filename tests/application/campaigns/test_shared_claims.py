"""Lines of a process that ask at once are served by one transaction."""

import asyncio

import pytest

from tests.application.campaigns.shop import NOON, Shop, a_line
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.application.shared_claims import SharedClaims
from voicebot.domain.campaign_plan import Budget
from voicebot.domain.errors import StoreError
from voicebot.testing.stopped_clock import StoppedClock


class Counted:
    """Opens the shop's units and counts them."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.units = 0
        self.begun = asyncio.Event()

    def __call__(self) -> UnitOfWork:
        self.units += 1
        self.begun.set()
        return self._shop.open_unit()


async def test_lines_that_ask_at_once_share_a_transaction(shop: Shop) -> None:
    await shop.campaign([await shop.customer() for _ in range(5)])
    counted = Counted(shop)
    claims = SharedClaims(counted, StoppedClock(NOON))
    taken = await asyncio.gather(*(claims.claim(a_line(f"line-{number}")) for number in range(4)))
    assert counted.units == 1
    assert len({one.lead.id for one in taken if one is not None}) == 4
    assert [one.lead.lease_owner for one in taken if one is not None] == [f"line-{number}" for number in range(4)]
    rest = await asyncio.gather(*(claims.claim(a_line(f"more-{number}")) for number in range(3)))
    assert sum(one is not None for one in rest) == 1


async def test_who_asks_during_a_claim_is_in_the_next_one(shop: Shop) -> None:
    await shop.campaign([await shop.customer() for _ in range(3)])
    counted = Counted(shop)
    claims = SharedClaims(counted, StoppedClock(NOON))
    first = asyncio.create_task(claims.claim(a_line("line-1")))
    await counted.begun.wait()
    others = [asyncio.create_task(claims.claim(a_line(f"line-{number}"))) for number in (2, 3)]
    taken = await asyncio.gather(first, *others)
    assert len({one.lead.id for one in taken if one is not None}) == 3
    assert counted.units == 2


async def test_a_lead_for_a_line_that_was_stopped_goes_back_unburnt(shop: Shop) -> None:
    await shop.campaign([await shop.customer()])
    counted = Counted(shop)
    claims = SharedClaims(counted, StoppedClock(NOON))
    asking = asyncio.create_task(claims.claim(a_line()))
    await counted.begun.wait()
    asking.cancel()
    await asyncio.wait({asking})
    await claims.close()
    assert await shop.rows("select state, attempts, lease_owner from leads") == [("scheduled", 0, "")]
    assert await shop.value("select count(*) from calls") == 0


async def test_a_database_that_is_away_is_told_to_every_line_and_asked_again_later(shop: Shop) -> None:
    await shop.campaign([await shop.customer()])
    away = True

    def open_unit() -> UnitOfWork:
        if away:
            raise StoreError("away", retryable=True)
        return shop.open_unit()

    claims = SharedClaims(open_unit, StoppedClock(NOON))
    told = await asyncio.gather(*(claims.claim(a_line(f"line-{n}")) for n in range(2)), return_exceptions=True)
    assert all(isinstance(one, StoreError) for one in told)
    away = False
    assert await claims.claim(a_line()) is not None


async def test_people_who_share_a_number_are_not_claimed_together(shop: Shop) -> None:
    shared = "+79161112233"
    await shop.campaign([await shop.customer(phones=[shared]), await shop.customer(phones=[shared])])
    claims = SharedClaims(shop.open_unit, StoppedClock(NOON))
    taken = await asyncio.gather(*(claims.claim(a_line(f"line-{number}")) for number in range(2)))
    assert sum(one is not None for one in taken) == 1
    assert await shop.value("select verdict -> 'refusals' from leads where state <> 'claimed'") == ["in_a_call"]


@pytest.mark.parametrize("left", [1, 3])
async def test_the_last_calls_of_a_budget_are_not_exceeded_together(shop: Shop, left: int) -> None:
    await shop.campaign([await shop.customer() for _ in range(4)], budget=Budget(max_calls=left))
    claims = SharedClaims(shop.open_unit, StoppedClock(NOON))
    taken = await asyncio.gather(*(claims.claim(a_line(f"line-{number}")) for number in range(4)))
    assert sum(one is not None for one in taken) == left
