"""The stop-list in its table."""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import customer_phones, stop_list
from voicebot.domain.contact_rules import OPERATOR
from voicebot.domain.phone import Phone


class SqlStopList:
    """The stop-list of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, customer_id: int, *, at: datetime, reason: str, source: str) -> None:
        person = insert(stop_list).values(customer_id=customer_id, since=at, reason=reason, source=source)
        await self._connection.execute(_over_operators(person, "customer_id"))
        numbers = insert(stop_list).from_select(
            ["phone", "since", "reason", "source"],
            select(customer_phones.c.phone, literal(at), literal(reason), literal(source)).where(
                # A number marked wrong belongs to a stranger: this person's word does not bind it.
                customer_phones.c.customer_id == customer_id,
                customer_phones.c.wrong_number_at.is_(None),
            ),
        )
        await self._connection.execute(_over_operators(numbers, "phone"))

    async def add_phone(self, phone: Phone, *, at: datetime, reason: str, source: str) -> None:
        row = insert(stop_list).values(phone=phone.e164, since=at, reason=reason, source=source)
        await self._connection.execute(_over_operators(row, "phone"))

    async def since(self, customer_id: int) -> datetime | None:
        query = select(func.min(stop_list.c.since)).where(stop_list.c.source != OPERATOR, stops_of(customer_id))
        return cast("datetime | None", await self._connection.scalar(query))

    async def phone_since(self, phone: Phone) -> datetime | None:
        query = select(stop_list.c.since).where(stop_list.c.phone == phone.e164, stop_list.c.source != OPERATOR)
        return cast("datetime | None", await self._connection.scalar(query))


def stops_of(customer: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Entries that stop a person: their own and those of their numbers. The numbers are read first, as an array: both
    are then found by an index, however long the list is."""
    numbers = select(customer_phones.c.phone).where(customer_phones.c.customer_id == customer)
    if not isinstance(customer, int):
        numbers = numbers.correlate(customer.table)
    theirs = stop_list.c.phone == func.any(func.array(numbers.scalar_subquery()))
    return or_(stop_list.c.customer_id == customer, theirs)


def _over_operators(stop: Insert, key: str) -> Insert:
    """A stop that is there stays as it is; but a person's own word outranks what their operator said of calls."""
    return stop.on_conflict_do_update(
        index_elements=[key],
        set_={"since": stop.excluded.since, "reason": stop.excluded.reason, "source": stop.excluded.source},
        where=and_(stop_list.c.source == OPERATOR, stop.excluded.source != OPERATOR),
    )
