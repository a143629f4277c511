"""Closes leads that are over without a call."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, exists, func, select, true, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import CompoundSelect

from voicebot.adapters.store.campaign_tables import campaigns, leads
from voicebot.adapters.store.crm_tables import orders
from voicebot.application.ports.lead_endings import Lately
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.lead import WAITING, LeadEnd, LeadEvent, LeadState, move_lead

_OPEN: Final[BindParameter[Any]] = bindparam(
    # Written out: the plan of a statement that is kept could not use the index of exactly these states.
    "open",
    [state.value for state in (LeadState.UNRELEASED, *WAITING)],
    expanding=True,
    literal_execute=True,
)
_UNFINISHED: Final = tuple(status for status in CampaignStatus if status is not CampaignStatus.FINISHED)


class SqlLeadEndings:
    """The endings of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def newest_order(self) -> int:
        return await self._connection.scalar(select(func.max(orders.c.id))) or 0

    async def close_ordered(
        self, customer_ids: Collection[int] | None = None, *, lately: Lately | None = None, at: datetime
    ) -> tuple[int, ...]:
        ordered = exists().where(orders.c.customer_id == leads.c.customer_id, orders.c.placed_at > leads.c.created_at)
        conditions = [campaigns.c.status != CampaignStatus.FINISHED, ordered]
        if customer_ids is not None:
            conditions.append(leads.c.customer_id.in_(tuple(customer_ids)))
        if lately is not None:
            conditions.append(leads.c.id.in_(_new(lately)))
        return await self._close(LeadEnd.ORDER, conditions, at)

    async def close_finished(self, *, at: datetime) -> tuple[int, ...]:
        finished = CampaignStatus.FINISHED
        left = [campaigns.c.status == finished, leads.c.id.in_(_waiting_in([finished]))]
        return await self._close(LeadEnd.CAMPAIGN, left, at)

    async def close_refused(self, wanted: list[ColumnElement[bool]], *, at: datetime) -> tuple[int, ...]:
        """Those of a list that nobody would answer for; `wanted`: which leads."""
        return await self._close(LeadEnd.REFUSED, wanted, at)

    async def _close(self, ended_by: LeadEnd, conditions: list[ColumnElement[bool]], at: datetime) -> tuple[int, ...]:
        # Rows others hold are passed over: no deadlock with a line, and the next round finds them.
        over = (
            select(leads.c.id)
            .select_from(leads.join(campaigns, leads.c.campaign_id == campaigns.c.id))
            .where(leads.c.state.in_(_OPEN), *conditions)
            .order_by(leads.c.id)
            .with_for_update(of=leads, key_share=True, skip_locked=True)
            .cte("over")
        )
        closed = (
            update(leads)
            .where(leads.c.id == over.c.id)
            .values(
                state=move_lead(LeadState.QUEUED, LeadEvent.CLOSE),
                next_attempt_at=None,
                callback=False,
                front=False,
                ended_by=ended_by,
                updated_at=at,
            )
            .returning(leads.c.id)
        )
        return tuple((await self._connection.scalars(closed)).all())


def _waiting_in(those: Collection[CampaignStatus], *, since: datetime | None = None) -> Select[int]:
    """What still waits in these campaigns. Each is asked for by itself, in the index of what waits: the planner, who
    cannot know that in most of them nothing does, would read all leads."""
    theirs, asked = leads.alias("theirs"), campaigns.alias("asked")
    waiting = select(theirs.c.id).where(theirs.c.campaign_id == asked.c.id, theirs.c.state.in_(_OPEN)).offset(0)
    if since is not None:
        waiting = waiting.where(theirs.c.updated_at >= since)
    each = waiting.correlate(asked).lateral("each")
    return select(each.c.id).select_from(asked.join(each, true())).where(asked.c.status.in_(those))


def _new(lately: Lately) -> CompoundSelect[int]:
    came = _waiting_in(_UNFINISHED, since=lately.leads_since)
    bought = (
        select(leads.c.id)
        .join(orders, orders.c.customer_id == leads.c.customer_id)
        .where(orders.c.id > lately.orders_after, leads.c.state.in_(_OPEN))
    )
    return union_all(came, bought)
