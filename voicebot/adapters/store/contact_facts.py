"""What decides about calls to people, in two statements however many they are."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Row,
    Text,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.array_rows import rows_asked
from voicebot.adapters.store.campaign_tables import calls, leads, promo_codes
from voicebot.adapters.store.click_call_tables import click_calls
from voicebot.adapters.store.crm_tables import consents, customer_phones, orders, stop_list
from voicebot.adapters.store.segment_sql import lost
from voicebot.application.ports.contact_facts import Asked
from voicebot.domain.call import Cause, Direction
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_rules import OPERATOR, ContactRecord
from voicebot.domain.lead import LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.past_calls import PastCall

_OVER: Final = (LeadState.DONE, LeadState.BLOCKED)
_CAMPAIGNS: Final = 0x63616D70
"""Which kind of lock: «camp»."""
_CUSTOMER = literal_column("asked.customer_id", BigInteger)
_CAMPAIGN = literal_column("asked.campaign_id", BigInteger)
_PHONE = literal_column("asked.phone", Text)
_NUMBERS = (
    select(func.hashtextextended(column("number", Text), 0).label("key"))
    .select_from(func.unnest(bindparam("numbers", type_=ARRAY(Text))).alias("number"))
    .distinct()
    .order_by("key")
    .subquery()
)
_LOCK_NUMBERS = select(func.pg_advisory_xact_lock(_NUMBERS.c.key))
"""Two people may share a number: its lock keeps their lines apart until the transaction ends. In one order for
everybody: two transactions never wait for each other."""
_CALLS = (
    select(
        func.json_agg(
            func.json_build_array(
                calls.c.lead_id,
                leads.c.campaign_id,
                calls.c.dialled_at,
                calls.c.answered_at,
                calls.c.cause,
                calls.c.disposition,
                calls.c.outcome_group,
                calls.c.direction,
                calls.c.wanted,
                calls.c.offer_heard,
                leads.c.state.in_([state.value for state in _OVER]),
            )
        )
    )
    .select_from(calls.join(leads, leads.c.id == calls.c.lead_id))
    .where(calls.c.customer_id == _CUSTOMER)
    .scalar_subquery()
)
_CONSENTS = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    consents.c.scope,
                    consents.c.kind,
                    consents.c.source,
                    consents.c.wording_version,
                    consents.c.given_at,
                    consents.c.proof,
                    consents.c.withdrawn_at,
                ),
                consents.c.given_at.desc(),
            )
        )
    )
    .where(consents.c.customer_id == _CUSTOMER)
    .scalar_subquery()
)
_STOPS = (
    # Three probes of an index: as one condition with OR it would be a walk through the whole list.
    union_all(
        select(stop_list.c.source).where(stop_list.c.customer_id == _CUSTOMER),
        select(stop_list.c.source)
        .join(customer_phones, customer_phones.c.phone == stop_list.c.phone)
        .where(customer_phones.c.customer_id == _CUSTOMER),
        select(stop_list.c.source).where(stop_list.c.phone == _PHONE),
    ).subquery("stops")
)


def _found(wanted: Column[int], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is such a row: a probe of one index.

    EXISTS may be planned as a hash table of all live calls, which is then made for each claim.
    """
    return select(wanted).where(*conditions).limit(1).scalar_subquery().is_not(None)


_IN_CALL = or_(
    _found(calls.c.id, calls.c.ended_at.is_(None), calls.c.customer_id == _CUSTOMER),
    _found(calls.c.id, calls.c.ended_at.is_(None), calls.c.phone == _PHONE),
    # A manager's call-back that a line has begun.
    _found(
        click_calls.c.id,
        click_calls.c.ended_at.is_(None),
        click_calls.c.customer_id == _CUSTOMER,
        click_calls.c.owner != "",
    ),
)
_PROMO = select(promo_codes.c.valid_until).where(
    promo_codes.c.customer_id == _CUSTOMER,
    promo_codes.c.campaign_id == _CAMPAIGN,
    promo_codes.c.redeemed_at.is_(None),
    ~exists().where(and_(orders.c.customer_id == _CUSTOMER, orders.c.placed_at >= promo_codes.c.issued_at)),
)
_LAST_ORDER = select(func.max(orders.c.placed_at)).where(orders.c.customer_id == _CUSTOMER)
_ASKED = rows_asked(
    {"customer_id": BigInteger(), "campaign_id": BigInteger(), "phone": Text()},
    position="position",
)
_FACTS = (
    select(
        select(func.array_agg(_STOPS.c.source)).scalar_subquery().label("stopped_by"),
        lost(_CUSTOMER).label("seasonal"),
        and_(_PHONE.is_not(None), _IN_CALL).label("in_call"),
        _PROMO.scalar_subquery().label("promo_until"),
        _LAST_ORDER.scalar_subquery().label("last_order_at"),
        _CALLS.label("calls"),
        _CONSENTS.label("consents"),
    )
    .select_from(_ASKED)
    .order_by(_ASKED.c.position)
)
_LOCK_CAMPAIGNS = text(
    "SELECT pg_advisory_xact_lock(:kind, id) FROM (SELECT id FROM unnest(CAST(:ids AS int[])) id ORDER BY id) AS one"
)


class SqlContactFacts:
    """The reader of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, asked: Sequence[Asked]) -> tuple[ContactRecord, ...]:
        phones = [one.phone.e164 if one.phone is not None else None for one in asked]
        numbers = [phone for phone in phones if phone is not None]
        if numbers:
            await self._connection.execute(_LOCK_NUMBERS, {"numbers": numbers})
        # In a statement of its own: its snapshot is taken when the locks have been won.
        values = {
            "customer_id": [one.customer_id for one in asked],
            "campaign_id": [one.campaign_id for one in asked],
            "phone": phones,
        }
        return tuple(_record(row) for row in await self._connection.execute(_FACTS, values))

    async def alone_in(self, campaign_ids: Collection[int]) -> None:
        # Two keys: the locks of numbers have one, so the two kinds never meet.
        await self._connection.execute(_LOCK_CAMPAIGNS, {"kind": _CAMPAIGNS, "ids": list(campaign_ids)})


def _record(row: Row[*tuple[Any, ...]]) -> ContactRecord:
    return ContactRecord(
        calls=tuple(_past(*one) for one in row.calls or ()),
        consents=tuple(_consent(*one) for one in row.consents or ()),
        stopped=any(source != OPERATOR for source in row.stopped_by or ()),
        operator_refused=OPERATOR in (row.stopped_by or ()),
        in_call=row.in_call,
        seasonal=row.seasonal,
        promo_until=row.promo_until,
        last_order_at=row.last_order_at,
    )


def _consent(scope: str, kind: str, source: str, wording: str, given_at: str, *rest: str | None) -> Consent:
    proof, withdrawn_at = rest
    return Consent(
        scope=ConsentScope(scope),
        kind=ConsentKind(kind),
        source=source,
        wording=wording,
        given_at=datetime.fromisoformat(given_at),
        proof=proof or "",
        withdrawn_at=datetime.fromisoformat(withdrawn_at) if withdrawn_at else None,
    )


def _past(
    lead_id: int, campaign_id: int, dialled_at: str, answered_at: str | None, cause: str | None, *rest: Any
) -> PastCall:
    disposition, group, direction, wanted, offer_heard, lead_over = rest
    return PastCall(
        lead_id=lead_id,
        campaign_id=campaign_id,
        dialled_at=datetime.fromisoformat(dialled_at),
        answered_at=datetime.fromisoformat(answered_at) if answered_at else None,
        cause=Cause(cause) if cause else None,
        disposition=Disposition(disposition) if disposition else None,
        group=Group(group) if group else None,
        direction=Direction(direction),
        wanted=wanted,
        offer_heard=offer_heard,
        lead_over=lead_over,
    )
