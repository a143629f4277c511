"""Promo codes in their table."""

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import promo_codes
from voicebot.domain.offer import PromoCode
from voicebot.domain.outcome import Discount

_OF = select(promo_codes).where(
    promo_codes.c.customer_id == bindparam("customer"), promo_codes.c.campaign_id == bindparam("campaign")
)


class SqlPromoCodes:
    """The promo codes of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def issue(self, wanted: PromoCode) -> PromoCode | None:
        await self._connection.execute(
            insert(promo_codes)
            .values(
                code=wanted.code,
                customer_id=wanted.customer_id,
                campaign_id=wanted.campaign_id,
                percent=wanted.discount.percent,
                days=wanted.discount.days,
                issued_at=wanted.issued_at,
                valid_until=wanted.valid_until,
            )
            .on_conflict_do_nothing()
        )
        raised = await self._connection.execute(
            update(promo_codes)
            .where(promo_codes.c.customer_id == wanted.customer_id, promo_codes.c.campaign_id == wanted.campaign_id)
            .values(
                percent=func.greatest(promo_codes.c.percent, wanted.discount.percent),
                valid_until=func.greatest(promo_codes.c.valid_until, wanted.valid_until),
            )
            .returning(promo_codes)
        )
        row = raised.one_or_none()
        return promo_of(row) if row is not None else None

    async def of(self, customer_id: int, campaign_id: int) -> PromoCode | None:
        row = (await self._connection.execute(_OF, {"customer": customer_id, "campaign": campaign_id})).one_or_none()
        return promo_of(row) if row is not None else None


def promo_of(row: Row[*tuple[object, ...]]) -> PromoCode:
    """A row of the table as a domain value."""
    return PromoCode(
        code=row.code,
        customer_id=row.customer_id,
        campaign_id=row.campaign_id,
        discount=Discount(percent=row.percent, days=row.days),
        issued_at=row.issued_at,
        valid_until=row.valid_until,
    )
