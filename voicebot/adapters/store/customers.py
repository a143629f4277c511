"""Customers out of the tables."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, TextualSelect, bindparam, column, func, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import consents, customer_phones, customers, orders
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.customer import Channel, Customer, CustomerPhone, PersonName, ValueClass
from voicebot.domain.errors import NotFound
from voicebot.domain.order import OrderLine, PurchaseHistory
from voicebot.domain.phone import Phone

CUSTOMER_COLUMNS = (
    customers.c.id,
    customers.c.external_id,
    customers.c.last_name,
    customers.c.first_name,
    customers.c.patronymic,
    customers.c.email,
    customers.c.time_zone,
    customers.c.value_class,
    customers.c.preferred_channel,
    # In the same statement: a claim reads a customer within a few milliseconds.
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    customer_phones.c.phone, customer_phones.c.is_primary, customer_phones.c.wrong_number_at
                ),
                customer_phones.c.is_primary.desc(),
                customer_phones.c.id,
            )
        )
    )
    .where(customer_phones.c.customer_id == customers.c.id)
    .correlate(customers)
    .scalar_subquery()
    .label("phones"),
)
_BY_ID = select(*CUSTOMER_COLUMNS).where(customers.c.id == bindparam("customer"))
_CONSENTS = select(consents).where(consents.c.customer_id == bindparam("customer")).order_by(consents.c.given_at.desc())
_PURCHASES = """
    SELECT count(*) AS orders, coalesce(sum(total), 0) AS total, max(placed_at) AS last_at,
        (SELECT sum(margin) FROM order_lines JOIN orders ON orders.id = order_id WHERE customer_id = $customer)
            AS margin,
        (SELECT json_agg(
             json_build_array(what, category, CAST(quantity AS text), CAST(price AS text), CAST(margin AS text))
             ORDER BY price * quantity DESC, position)
         FROM order_lines
         WHERE order_id = (
             SELECT id FROM orders WHERE customer_id = $customer ORDER BY placed_at DESC, id DESC LIMIT 1)
        ) AS last_lines
    FROM orders WHERE customer_id = $customer
    """


def purchases_of(customer: str) -> TextualSelect:
    """One row that sums up the orders of a customer, given as SQL: a parameter, or a column of a statement around it.

    Amounts of the lines as text: a float would not be exact.
    """
    names = ("orders", "total", "last_at", "margin", "last_lines")
    return text(_PURCHASES.replace("$customer", customer)).columns(*(column(name) for name in names))


_HISTORY = purchases_of(":customer")


class SqlCustomers:
    """The customer repository of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, customer_id: int) -> Customer:
        row = (await self._connection.execute(_BY_ID, {"customer": customer_id})).one_or_none()
        if row is None:
            raise NotFound(f"no customer {customer_id}")
        return customer_of(row)

    async def named(self, external_id: str) -> Customer:
        found = await self._read(select(*CUSTOMER_COLUMNS).where(customers.c.external_id == external_id))
        if not found:
            raise NotFound(f"no customer with the external id '{external_id}'")
        return found[0]

    async def with_phone(self, phone: Phone) -> tuple[Customer, ...]:
        last_order = (
            select(func.max(orders.c.placed_at)).where(orders.c.customer_id == customers.c.id).scalar_subquery()
        )
        return await self._read(
            select(*CUSTOMER_COLUMNS)
            .join(customer_phones)
            .where(customer_phones.c.phone == phone.e164, customer_phones.c.wrong_number_at.is_(None))
            .order_by(last_order.desc().nulls_last(), customers.c.id)
        )

    async def find(self, ids: Sequence[int]) -> tuple[Customer, ...]:
        """Those of the ids that exist, ascending by id."""
        return await self._read(select(*CUSTOMER_COLUMNS).where(customers.c.id.in_(ids)).order_by(customers.c.id))

    async def history(self, customer_id: int) -> PurchaseHistory:
        row = (await self._connection.execute(_HISTORY, {"customer": customer_id})).one()
        return history_of(row)

    async def consents(self, customer_id: int) -> tuple[Consent, ...]:
        rows = await self._connection.execute(_CONSENTS, {"customer": customer_id})
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

    async def _read(self, query: Select[*tuple[object, ...]]) -> tuple[Customer, ...]:
        return tuple(customer_of(row) for row in await self._connection.execute(query))


def history_of(row: Row[*tuple[Any, ...]]) -> PurchaseHistory:
    """What a row of `purchases_of` adds up to."""
    return PurchaseHistory(
        orders=row.orders,
        total=row.total,
        margin=row.margin,
        last_at=row.last_at,
        last_lines=tuple(_line(*one) for one in row.last_lines or ()),
    )


def _line(what: str, category: str, quantity: str, price: str, margin: str | None) -> OrderLine:
    return OrderLine(
        what=what,
        category=category,
        quantity=Decimal(quantity),
        price=Decimal(price),
        margin=None if margin is None else Decimal(margin),
    )


def _phone(number: str, primary: bool, wrong_number_at: str | None) -> CustomerPhone:
    wrong = None if wrong_number_at is None else datetime.fromisoformat(wrong_number_at)
    return CustomerPhone(phone=Phone(number), primary=primary, wrong_number_at=wrong)


def customer_of(row: Row[*tuple[Any, ...]]) -> Customer:
    """A row of `CUSTOMER_COLUMNS` as a domain value."""
    return Customer(
        id=row.id,
        external_id=row.external_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        phones=tuple(_phone(*one) for one in row.phones or ()),
        email=row.email,
        time_zone=row.time_zone,
        value_class=ValueClass(row.value_class) if row.value_class else None,
        preferred_channel=Channel(row.preferred_channel) if row.preferred_channel else None,
    )
