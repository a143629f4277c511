"""Customers out of the tables."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import consents, customer_phones, customers, order_lines, orders
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.customer import Channel, Customer, CustomerPhone, PersonName, ValueClass
from voicebot.domain.errors import NotFound
from voicebot.domain.order import OrderLine, PurchaseHistory
from voicebot.domain.phone import Phone

_COLUMNS = (
    customers.c.id,
    customers.c.external_id,
    customers.c.last_name,
    customers.c.first_name,
    customers.c.patronymic,
    customers.c.email,
    customers.c.time_zone,
    customers.c.value_class,
    customers.c.preferred_channel,
)


class SqlCustomers:
    """The customer repository of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, customer_id: int) -> Customer:
        found = await self.find((customer_id,))
        if not found:
            raise NotFound(f"no customer {customer_id}")
        return found[0]

    async def named(self, external_id: str) -> Customer:
        found = await self._read(select(*_COLUMNS).where(customers.c.external_id == external_id))
        if not found:
            raise NotFound(f"no customer with the external id '{external_id}'")
        return found[0]

    async def with_phone(self, phone: Phone) -> tuple[Customer, ...]:
        last_order = (
            select(func.max(orders.c.placed_at)).where(orders.c.customer_id == customers.c.id).scalar_subquery()
        )
        return await self._read(
            select(*_COLUMNS)
            .join(customer_phones)
            .where(customer_phones.c.phone == phone.e164, customer_phones.c.wrong_number_at.is_(None))
            .order_by(last_order.desc().nulls_last(), customers.c.id)
        )

    async def find(self, ids: Sequence[int]) -> tuple[Customer, ...]:
        """Those of the ids that exist, ascending by id."""
        return await self._read(select(*_COLUMNS).where(customers.c.id.in_(ids)).order_by(customers.c.id))

    async def history(self, customer_id: int) -> PurchaseHistory:
        count, total, last_at = (
            await self._connection.execute(
                select(func.count(), func.sum(orders.c.total), func.max(orders.c.placed_at)).where(
                    orders.c.customer_id == customer_id
                )
            )
        ).one()
        margin = await self._connection.scalar(
            select(func.sum(order_lines.c.margin)).join(orders).where(orders.c.customer_id == customer_id)
        )
        return PurchaseHistory(
            orders=count,
            total=total or Decimal(0),
            margin=margin,
            last_at=last_at,
            last_lines=await self._last_lines(customer_id),
        )

    async def consents(self, customer_id: int) -> tuple[Consent, ...]:
        rows = await self._connection.execute(
            select(consents).where(consents.c.customer_id == customer_id).order_by(consents.c.given_at.desc())
        )
        return tuple(
            Consent(
                scope=ConsentScope(row.scope),
                kind=ConsentKind(row.kind),
                source=row.source,
                wording=row.wording_version,
                given_at=row.given_at,
                proof=row.proof,
                withdrawn_at=row.withdrawn_at,
            )
            for row in rows
        )

    async def mark_wrong_number(self, customer_id: int, phone: Phone, at: datetime) -> None:
        await self._connection.execute(
            update(customer_phones)
            .where(
                customer_phones.c.customer_id == customer_id,
                customer_phones.c.phone == phone.e164,
                customer_phones.c.wrong_number_at.is_(None),
            )
            .values(wrong_number_at=at)
        )

    async def _last_lines(self, customer_id: int) -> tuple[OrderLine, ...]:
        last = (
            select(orders.c.id)
            .where(orders.c.customer_id == customer_id)
            .order_by(orders.c.placed_at.desc(), orders.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = await self._connection.execute(
            select(order_lines)
            .where(order_lines.c.order_id == last)
            .order_by((order_lines.c.price * order_lines.c.quantity).desc(), order_lines.c.position)
        )
        return tuple(
            OrderLine(what=row.what, category=row.category, quantity=row.quantity, price=row.price, margin=row.margin)
            for row in rows
        )

    async def _read(self, query: Select[*tuple[object, ...]]) -> tuple[Customer, ...]:
        rows = (await self._connection.execute(query)).all()
        phones: dict[int, list[CustomerPhone]] = {row.id: [] for row in rows}
        for row in await self._connection.execute(
            select(customer_phones)
            .where(customer_phones.c.customer_id.in_(phones))
            .order_by(customer_phones.c.is_primary.desc(), customer_phones.c.id)
        ):
            phones[row.customer_id].append(
                CustomerPhone(phone=Phone(row.phone), primary=row.is_primary, wrong_number_at=row.wrong_number_at)
            )
        return tuple(_customer(row, phones[row.id]) for row in rows)


def _customer(row: Row[*tuple[object, ...]], phones: Sequence[CustomerPhone]) -> Customer:
    return Customer(
        id=row.id,
        external_id=row.external_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        phones=tuple(phones),
        email=row.email,
        time_zone=row.time_zone,
        value_class=ValueClass(row.value_class) if row.value_class else None,
        preferred_channel=Channel(row.preferred_channel) if row.preferred_channel else None,
    )
