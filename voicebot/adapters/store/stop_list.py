"""The stop-list in its table."""

from datetime import datetime
from typing import cast

from sqlalchemy import func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import customer_phones, stop_list
from voicebot.domain.phone import Phone


class SqlStopList:
    """The stop-list of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, customer_id: int, *, at: datetime, reason: str, source: str) -> None:
        person = insert(stop_list).values(customer_id=customer_id, since=at, reason=reason, source=source)
        await self._connection.execute(person.on_conflict_do_nothing())
        numbers = insert(stop_list).from_select(
            ["phone", "since", "reason", "source"],
            select(customer_phones.c.phone, literal(at), literal(reason), literal(source)).where(
                # A number marked wrong belongs to a stranger: this person's word does not bind it.
                customer_phones.c.customer_id == customer_id,
                customer_phones.c.wrong_number_at.is_(None),
            ),
        )
        await self._connection.execute(numbers.on_conflict_do_nothing())

    async def add_phone(self, phone: Phone, *, at: datetime, reason: str, source: str) -> None:
        row = insert(stop_list).values(phone=phone.e164, since=at, reason=reason, source=source)
        await self._connection.execute(row.on_conflict_do_nothing())

    async def since(self, customer_id: int) -> datetime | None:
        numbers = select(customer_phones.c.phone).where(customer_phones.c.customer_id == customer_id)
        query = select(func.min(stop_list.c.since)).where(
            or_(stop_list.c.customer_id == customer_id, stop_list.c.phone.in_(numbers))
        )
        return cast("datetime | None", await self._connection.scalar(query))

    async def phone_since(self, phone: Phone) -> datetime | None:
        query = select(stop_list.c.since).where(stop_list.c.phone == phone.e164)
        return cast("datetime | None", await self._connection.scalar(query))
