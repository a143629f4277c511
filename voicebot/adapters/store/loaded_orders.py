"""Orders just loaded, found by what the loader staged."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import promo_codes
from voicebot.adapters.store.promo_codes import promo_of
from voicebot.application.ports.loaded_orders import CodedOrder, IssuedCode
from voicebot.domain.lead import WAITING, LeadState

_CODED = text(
    """
    SELECT id, external_id, customer_id, placed_at, total, promo_code FROM orders
    WHERE promo_code <> '' AND external_id IN (SELECT external_id FROM staged_orders WHERE promo_code <> '')
    ORDER BY placed_at, id
    """
)
_BUYERS = text(
    """
    SELECT DISTINCT leads.customer_id FROM leads
    WHERE leads.state = ANY (:open) AND leads.customer_id IN (
        SELECT customers.id FROM staged_orders JOIN customers ON customers.external_id = staged_orders.customer
    )
    ORDER BY leads.customer_id
    """
)
_OPEN = [state.value for state in (LeadState.UNRELEASED, *WAITING)]


class SqlLoadedOrders:
    """The orders loaded in one transaction; there must have been a load of orders in it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def coded(self) -> tuple[CodedOrder, ...]:
        return tuple(
            CodedOrder(
                id=row.id,
                external_id=row.external_id,
                customer_id=row.customer_id,
                placed_at=row.placed_at,
                total=row.total,
                promo_code=row.promo_code,
            )
            for row in await self._connection.execute(_CODED)
        )

    async def buyers_on_lists(self) -> tuple[int, ...]:
        return tuple((await self._connection.scalars(_BUYERS, {"open": _OPEN})).all())

    async def lock_codes(self, codes: Collection[str]) -> Mapping[str, IssuedCode]:
        wanted = promo_codes.c.code.in_(sorted(codes))
        rows = await self._connection.execute(
            select(promo_codes).where(wanted).order_by(promo_codes.c.id).with_for_update(key_share=True)
        )
        return {row.code: IssuedCode(promo=promo_of(row), used_by=row.order_id) for row in rows}

    async def redeem(self, code: str, *, order_id: int, at: datetime) -> None:
        await self._connection.execute(
            update(promo_codes).where(promo_codes.c.code == code).values(redeemed_at=at, order_id=order_id)
        )
