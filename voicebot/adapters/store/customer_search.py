"""Customers are found by whatever is known of them."""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Row,
    and_,
    any_,
    exists,
    func,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls
from voicebot.adapters.store.crm_tables import customer_phones, customers, orders, stop_list
from voicebot.adapters.store.erasure_tables import NAME_WORDS
from voicebot.application.ports.customer_pages import CustomerLine, CustomerQuery
from voicebot.domain.customer import Channel, PersonName, ValueClass
from voicebot.domain.phone import Phone

_THEIRS: Final = select(customer_phones.c.phone).where(customer_phones.c.customer_id == customers.c.id)
_PRIMARY: Final = (
    _THEIRS.order_by(customer_phones.c.is_primary.desc(), customer_phones.c.id)
    .limit(1)
    .correlate(customers)
    .scalar_subquery()
)
_LINE: Final = (
    customers.c.id,
    customers.c.external_id,
    customers.c.last_name,
    customers.c.first_name,
    customers.c.patronymic,
    customers.c.value_class,
    customers.c.preferred_channel,
    customers.c.erased_at,
    _PRIMARY.label("phone"),
    select(func.max(orders.c.placed_at)).where(orders.c.customer_id == customers.c.id).scalar_subquery().label("order"),
    select(func.max(calls.c.dialled_at)).where(calls.c.customer_id == customers.c.id).scalar_subquery().label("call"),
    or_(
        exists().where(stop_list.c.customer_id == customers.c.id),
        exists().where(stop_list.c.phone.in_(_THEIRS.correlate(customers))),
    ).label("stopped"),
)


async def find_customers(connection: AsyncConnection, query: CustomerQuery) -> tuple[CustomerLine, ...]:
    """As `CustomerPages.find`."""
    wanted = select(*_LINE).limit(query.limit + 1)
    if query.external_id:
        wanted = wanted.where(_matching(query))
    if query.after is not None:
        wanted = wanted.where(customers.c.id > query.after).order_by(customers.c.id)
    else:
        wanted = wanted.order_by(customers.c.id.desc())
        if query.before is not None:
            wanted = wanted.where(customers.c.id < query.before)
    found = tuple(_line(row) for row in await connection.execute(wanted))
    return found if query.after is None else found[::-1]


def _matching(query: CustomerQuery) -> ColumnElement[bool]:
    """Who is meant; each way to be meant has an index of its own.

    One word may mean a seventh of all customers: the planner, which knows how common it is, then walks back through the
    ids instead of fetching them all. Of two words it knows too little; but the index itself intersects them.
    """
    exact = [select(customers.c.id).where(customers.c.external_id == query.external_id)]
    if query.phone is not None:
        exact += [select(customer_phones.c.customer_id).where(customer_phones.c.phone == query.phone.e164)]
    if query.email:
        known = text("customers.email <> ''")  # as the index has it: a parameter would not prove that it applies
        theirs = and_(func.lower(customers.c.email) == query.email.lower(), known)
        exact += [select(customers.c.id).where(theirs)]
    if not query.words:
        return _among(union_all(*exact))
    prefixes = " & ".join(f"'{word}':*" for word in query.words)
    named = text(f"{NAME_WORDS} @@ to_tsquery('simple', :prefixes)").bindparams(prefixes=prefixes)
    if len(query.words) == 1:
        return or_(named, customers.c.external_id == query.external_id)
    return _among(union_all(select(customers.c.id).where(named), *exact))


def _among(ids: CompoundSelect[int]) -> ColumnElement[bool]:
    """Those of the ids, worked out once: only a page of them is then fetched, in order."""
    found = func.array(select(ids.subquery().c.id).correlate(None).scalar_subquery(), type_=ARRAY(BigInteger))
    return customers.c.id == any_(found)


def _line(row: Row[*tuple[Any, ...]]) -> CustomerLine:
    return CustomerLine(
        id=row.id,
        external_id=row.external_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        phone=Phone(row.phone) if row.phone else None,
        value_class=ValueClass(row.value_class) if row.value_class else None,
        preferred_channel=Channel(row.preferred_channel) if row.preferred_channel else None,
        last_order_at=row.order,
        last_call_at=row.call,
        stopped=row.stopped,
        erased=row.erased_at is not None,
    )
