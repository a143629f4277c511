"""Who is calling just now, as the leases tell."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop, a_line


async def test_only_leases_in_force_have_holders(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.campaign([await shop.customer(), await shop.customer()])
    await shop.claim(a_line("host:1:aa:0"))
    await shop.claim(a_line("host:2:bb:0"), now=NOON + timedelta(seconds=20))
    async with shop.open_unit() as unit:
        assert await unit.leads.holders(NOON + timedelta(seconds=25)) == ("host:1:aa:0", "host:2:bb:0")
        assert await unit.leads.holders(NOON + timedelta(seconds=40)) == ("host:2:bb:0",)
        assert await unit.leads.holders(NOON + timedelta(minutes=5)) == ()
