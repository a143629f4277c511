"""What decides about a call to one person, in two statements."""

from sqlalchemy import Row, and_, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.calls import SqlCalls
from voicebot.adapters.store.campaign_tables import calls, leads, promo_codes
from voicebot.adapters.store.crm_tables import customer_phones, orders, stop_list
from voicebot.adapters.store.segment_sql import lost
from voicebot.domain.call import Cause, Direction
from voicebot.domain.contact_rules import OPERATOR, ContactRecord
from voicebot.domain.lead import LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.past_calls import PastCall
from voicebot.domain.phone import Phone

_OVER = (LeadState.DONE, LeadState.BLOCKED)


class SqlContactFacts:
    """The reader of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, customer_id: int, campaign_id: int, phone: Phone | None) -> ContactRecord:
        in_call = phone is not None and await SqlCalls(self._connection).is_live(customer_id, phone)
        numbers = select(customer_phones.c.phone).where(customer_phones.c.customer_id == customer_id)
        stops = [stop_list.c.customer_id == customer_id, stop_list.c.phone.in_(numbers)]
        if phone is not None:
            stops.append(stop_list.c.phone == phone.e164)
        stopped = exists().where(or_(*stops))
        bought = select(func.max(orders.c.placed_at)).where(orders.c.customer_id == customer_id)
        promo = select(promo_codes.c.valid_until).where(
            promo_codes.c.customer_id == customer_id,
            promo_codes.c.campaign_id == campaign_id,
            promo_codes.c.redeemed_at.is_(None),
            ~exists().where(and_(orders.c.customer_id == customer_id, orders.c.placed_at >= promo_codes.c.issued_at)),
        )
        row = (
            await self._connection.execute(
                select(
                    stopped.where(stop_list.c.source != OPERATOR).label("stopped"),
                    stopped.where(stop_list.c.source == OPERATOR).label("operator_refused"),
                    lost(literal(customer_id)).label("seasonal"),
                    promo.scalar_subquery().label("promo_until"),
                    bought.scalar_subquery().label("last_order_at"),
                )
            )
        ).one()
        return ContactRecord(
            calls=await self._calls(customer_id),
            stopped=row.stopped,
            operator_refused=row.operator_refused,
            in_call=in_call,
            seasonal=row.seasonal,
            promo_until=row.promo_until,
            last_order_at=row.last_order_at,
        )

    async def _calls(self, customer_id: int) -> tuple[PastCall, ...]:
        rows = await self._connection.execute(
            select(
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
                leads.c.state.in_([state.value for state in _OVER]).label("lead_over"),
            )
            .join(leads, leads.c.id == calls.c.lead_id)
            .where(calls.c.customer_id == customer_id)
        )
        return tuple(_past(row) for row in rows)


def _past(row: Row[*tuple[object, ...]]) -> PastCall:
    return PastCall(
        lead_id=row.lead_id,
        campaign_id=row.campaign_id,
        dialled_at=row.dialled_at,
        answered_at=row.answered_at,
        cause=Cause(row.cause) if row.cause else None,
        disposition=Disposition(row.disposition) if row.disposition else None,
        group=Group(row.outcome_group) if row.outcome_group else None,
        direction=Direction(row.direction),
        wanted=row.wanted,
        offer_heard=row.offer_heard,
        lead_over=row.lead_over,
    )
