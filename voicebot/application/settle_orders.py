"""What orders set going: codes are redeemed, leads leave, the CRM is told."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from voicebot.application.close_leads import close_leads_of
from voicebot.application.ports.loaded_orders import CodedOrder, IssuedCode
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.application.update_crm import tell_crm
from voicebot.domain.crm_news import promo_redeemed_news
from voicebot.domain.redemption import Redemption, redeem

_BATCH: Final = 10_000
"""Customers asked about at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsedCode:
    """What became of the code of one order."""

    order: str
    """External id."""
    code: str
    result: Redemption


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledOrders:
    """What the orders of one load came to."""

    codes: tuple[UsedCode, ...] = ()
    """One for each order that names a code, the older order first."""
    leads_closed: int = 0

    @property
    def redeemed(self) -> int:
        """Codes these orders redeemed."""
        return sum(one.result is Redemption.REDEEMED for one in self.codes)

    @property
    def refused(self) -> tuple[UsedCode, ...]:
        """Codes that are not valid for their orders."""
        return tuple(one for one in self.codes if one.result not in (Redemption.REDEEMED, Redemption.REPEATED))


async def settle_orders(unit: UnitOfWork, now: datetime) -> SettledOrders:
    """Do it for the orders just loaded in this unit; a code that is refused stays written on its order."""
    orders = await unit.loaded_orders.coded()
    known = dict(await unit.loaded_orders.lock_codes({order.promo_code for order in orders}))
    codes = []
    for order in orders:
        issued = known.get(order.promo_code)
        result = redeem(
            issued.promo if issued else None,
            used_by=issued.used_by if issued else None,
            order_id=order.id,
            customer_id=order.customer_id,
            placed_at=order.placed_at,
        )
        if issued is not None and result is Redemption.REDEEMED:
            await _redeem(unit, order, issued, now)
            known[order.promo_code] = IssuedCode(promo=issued.promo, used_by=order.id)
        codes.append(UsedCode(order=order.external_id, code=order.promo_code, result=result))
    return SettledOrders(codes=tuple(codes), leads_closed=await _close_leads(unit, now))


async def _redeem(unit: UnitOfWork, order: CodedOrder, issued: IssuedCode, now: datetime) -> None:
    promo = issued.promo
    await unit.loaded_orders.redeem(promo.code, order_id=order.id, at=now)
    customer, campaign = await unit.customers.get(promo.customer_id), await unit.campaigns.get(promo.campaign_id)
    news = promo_redeemed_news(
        promo, customer=customer, campaign=campaign.name, order=order.external_id, total=order.total, at=now
    )
    await tell_crm(unit, news)


async def _close_leads(unit: UnitOfWork, now: datetime) -> int:
    buyers = iter(await unit.loaded_orders.buyers_on_lists())
    closed = 0
    while batch := list(islice(buyers, _BATCH)):
        closed += await close_leads_of(unit, batch, now)
    return closed
