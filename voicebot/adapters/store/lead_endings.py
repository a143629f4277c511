"""Closes leads that are over without a call."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import campaigns, leads
from voicebot.adapters.store.crm_tables import orders
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.lead import WAITING, LeadEnd, LeadEvent, LeadState, move_lead

_OPEN: Final = (LeadState.UNRELEASED, *WAITING)


class SqlLeadEndings:
    """The endings of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def close_ordered(self, customer_ids: Collection[int] | None = None, *, at: datetime) -> tuple[int, ...]:
        ordered = exists().where(orders.c.customer_id == leads.c.customer_id, orders.c.placed_at > leads.c.created_at)
        conditions = [campaigns.c.status != CampaignStatus.FINISHED, ordered]
        if customer_ids is not None:
            conditions.append(leads.c.customer_id.in_(tuple(customer_ids)))
        return await self._close(LeadEnd.ORDER, conditions, at)

    async def close_finished(self, *, at: datetime) -> tuple[int, ...]:
        return await self._close(LeadEnd.CAMPAIGN, [campaigns.c.status == CampaignStatus.FINISHED], at)

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
