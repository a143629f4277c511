"""What the customers' pages show, out of the tables."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import (
    calls,
    campaigns,
    customer_tags,
    escalations,
    leads,
    messages,
    promo_codes,
    turns,
)
from voicebot.adapters.store.crm_tables import customer_phones, customers, order_lines, orders, stop_list
from voicebot.adapters.store.customer_search import find_customers
from voicebot.adapters.store.erasure_tables import erased_numbers, erasure_salt, lifted_stops
from voicebot.adapters.store.promo_codes import promo_of
from voicebot.adapters.store.stop_list import stops_of
from voicebot.application.ports.customer_pages import (
    CustomerFile,
    CustomerLine,
    CustomerQuery,
    HeldCode,
    LiftedStop,
    Part,
    PlacedOrder,
    SentText,
    Trouble,
)
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.lead import WAITING, LeadState
from voicebot.domain.order import OrderLine
from voicebot.domain.phone import Phone


class SqlCustomerPages:
    """The questions in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, query: CustomerQuery) -> tuple[CustomerLine, ...]:
        return await find_customers(self._connection, query)

    async def file(self, customer_id: int, *, orders: int) -> CustomerFile:
        return CustomerFile(
            orders=tuple(_order(row) for row in await self._rows(_orders(customer_id, orders))),
            codes=tuple(_code(row) for row in await self._rows(_codes(customer_id))),
            tags=tuple((row.tag, row.at) for row in await self._rows(_tags(customer_id))),
            parts=tuple(_part(row) for row in await self._rows(_parts(customer_id))),
            troubles=tuple(_trouble(row) for row in await self._rows(_troubles(customer_id))),
            messages=tuple(_message(row) for row in await self._rows(_messages(customer_id))),
            lifted=tuple(_lifted(row) for row in await self._rows(_lifts(customer_id))),
            erased_at=await self._connection.scalar(
                select(customers.c.erased_at).where(customers.c.id == customer_id),
            ),
        )

    async def turns(self, customer_id: int) -> Sequence[tuple[int, str, str, datetime]]:
        query = (
            select(turns.c.call_id, turns.c.speaker, turns.c.text, calls.c.dialled_at)
            .join(calls, calls.c.id == turns.c.call_id)
            .where(calls.c.customer_id == customer_id)
            .order_by(calls.c.dialled_at, calls.c.id, turns.c.position)
        )
        return [(row.call_id, row.speaker, row.text, row.dialled_at) for row in await self._rows(query)]

    async def recordings(self, customer_id: int) -> tuple[tuple[int, str], ...]:
        query = (
            select(calls.c.id, calls.c.recording)
            .where(calls.c.customer_id == customer_id, calls.c.recording != "")
            .order_by(calls.c.id)
        )
        return tuple((row.id, row.recording) for row in await self._rows(query))

    async def add_tag(self, customer_id: int, tag: str, *, at: datetime) -> None:
        row = upsert(customer_tags).values(customer_id=customer_id, tag=tag, at=at)
        await self._connection.execute(row.on_conflict_do_nothing())

    async def remove_tag(self, customer_id: int, tag: str) -> bool:
        theirs = (customer_tags.c.customer_id == customer_id, customer_tags.c.tag == tag)
        gone = await self._connection.execute(delete(customer_tags).where(*theirs).returning(customer_tags.c.id))
        return gone.one_or_none() is not None

    async def lift_stop(self, customer_id: int, *, by: str, reason: str, at: datetime) -> int:
        lifted_now = delete(stop_list).where(stops_of(customer_id)).returning(stop_list.c.since, stop_list.c.source)
        gone = (await self._connection.execute(lifted_now)).all()
        if gone:
            first = min(gone, key=lambda row: row.since)
            lifted = {"since": first.since, "source": first.source, "lifted_by": by, "reason": reason, "at": at}
            await self._connection.execute(insert(lifted_stops).values(customer_id=customer_id, **lifted))
        hashes = select(_hash(customer_phones.c.phone)).where(customer_phones.c.customer_id == customer_id)
        await self._connection.execute(delete(erased_numbers).where(erased_numbers.c.hash.in_(hashes)))
        return len(gone)

    async def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await self._connection.execute(query)).all()


def _hash(phone: ColumnElement[str]) -> ColumnElement[str]:
    """As `heed_erasures` computes it."""
    salted = select(erasure_salt.c.salt).scalar_subquery().concat(phone)
    return func.encode(func.sha256(func.convert_to(salted, "UTF8")), "hex")


def _orders(customer_id: int, limit: int) -> Select[*tuple[Any, ...]]:
    lines = (
        select(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_array(
                        order_lines.c.what,
                        order_lines.c.category,
                        cast(order_lines.c.quantity, Text),
                        cast(order_lines.c.price, Text),
                    ),
                    order_lines.c.position,
                )
            )
        )
        .where(order_lines.c.order_id == orders.c.id)
        .scalar_subquery()
    )
    return (
        select(orders, lines.label("lines"))
        .where(orders.c.customer_id == customer_id)
        .order_by(orders.c.placed_at.desc(), orders.c.id.desc())
        .limit(limit)
    )


def _codes(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(promo_codes, campaigns.c.name.label("campaign"), func.coalesce(orders.c.external_id, "").label("order"))
        .select_from(promo_codes.join(campaigns).outerjoin(orders, orders.c.id == promo_codes.c.order_id))
        .where(promo_codes.c.customer_id == customer_id)
        .order_by(promo_codes.c.issued_at.desc())
    )


def _tags(customer_id: int) -> Select[*tuple[Any, ...]]:
    theirs = select(customer_tags).where(customer_tags.c.customer_id == customer_id)
    return theirs.order_by(customer_tags.c.at.desc(), customer_tags.c.tag)


def _parts(customer_id: int) -> Select[*tuple[Any, ...]]:
    waits = case((leads.c.state.in_(WAITING), literal(0)), else_=literal(1))
    return (
        select(leads, campaigns.c.name.label("campaign"))
        .join(campaigns, campaigns.c.id == leads.c.campaign_id)
        .where(leads.c.customer_id == customer_id)
        .order_by(waits, leads.c.next_attempt_at, leads.c.id.desc())
    )


def _troubles(customer_id: int) -> Select[*tuple[Any, ...]]:
    theirs = select(escalations).where(escalations.c.customer_id == customer_id)
    return theirs.order_by(escalations.c.resolved_at.is_not(None), escalations.c.created_at.desc())


def _messages(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(messages, campaigns.c.name.label("campaign"))
        .join(campaigns, campaigns.c.id == messages.c.campaign_id)
        .where(messages.c.customer_id == customer_id)
        .order_by(messages.c.created_at.desc(), messages.c.id.desc())
    )


def _lifts(customer_id: int) -> Select[*tuple[Any, ...]]:
    theirs = select(lifted_stops).where(lifted_stops.c.customer_id == customer_id)
    return theirs.order_by(lifted_stops.c.at.desc())


def _order(row: Row[*tuple[Any, ...]]) -> PlacedOrder:
    return PlacedOrder(
        external_id=row.external_id,
        placed_at=row.placed_at,
        total=row.total,
        promo_code=row.promo_code,
        lines=tuple(
            OrderLine(what=what, category=category, quantity=Decimal(quantity), price=Decimal(price))
            for what, category, quantity, price in row.lines or ()
        ),
    )


def _code(row: Row[*tuple[Any, ...]]) -> HeldCode:
    return HeldCode(promo=promo_of(row), campaign=row.campaign, redeemed_at=row.redeemed_at, order=row.order)


def _part(row: Row[*tuple[Any, ...]]) -> Part:
    return Part(
        campaign_id=row.campaign_id,
        campaign=row.campaign,
        state=LeadState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        callback=row.callback,
        disposition=row.disposition or "",
        ended_by=row.ended_by,
    )


def _trouble(row: Row[*tuple[Any, ...]]) -> Trouble:
    return Trouble(
        id=row.id,
        kind=EscalationKind(row.kind),
        urgent=row.urgent,
        reason=row.reason,
        created_at=row.created_at,
        taken_by=row.taken_by,
        resolved_at=row.resolved_at,
        result=row.result,
    )


def _message(row: Row[*tuple[Any, ...]]) -> SentText:
    return SentText(
        channel=row.channel,
        template=row.template,
        text=row.text,
        phone=Phone(row.phone),
        campaign=row.campaign,
        state=row.state,
        error=row.error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )


def _lifted(row: Row[*tuple[Any, ...]]) -> LiftedStop:
    return LiftedStop(since=row.since, source=row.source, lifted_by=row.lifted_by, reason=row.reason, at=row.at)
