"""The seasonal list in its table."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Boolean, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import campaigns, leads
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.engine_tables import seasonal_list
from voicebot.adapters.store.json_columns import verdict_json
from voicebot.adapters.store.segment_sql import came_back, permitted
from voicebot.adapters.store.selection import planned_for_masses
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.contact_rules import Verdict
from voicebot.domain.lead import LeadEnd, LeadErrand, LeadEvent, LeadState, move_lead
from voicebot.domain.segment import SelectionRules
from voicebot.domain.series import LossReason

_WAITING = (LeadState.UNRELEASED, LeadState.QUEUED, LeadState.SCHEDULED)


class SqlSeasonalList:
    """The seasonal list of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, customer_id: int, *, at: datetime, reason: LossReason, call_id: int | None) -> bool:
        wanted = insert(seasonal_list).values(customer_id=customer_id, since=at, reason=reason.value, call_id=call_id)
        put = await self._connection.execute(
            wanted.on_conflict_do_update(
                index_elements=["customer_id"],
                set_={
                    "since": wanted.excluded.since,
                    "reason": wanted.excluded.reason,
                    "call_id": wanted.excluded.call_id,
                },
            ).returning(literal_column("xmax = 0", Boolean))  # of a row that was there before it is not 0
        )
        return bool(put.scalar_one())

    async def remove(self, customer_id: int) -> bool:
        gone = await self._connection.execute(
            delete(seasonal_list).where(seasonal_list.c.customer_id == customer_id).returning(seasonal_list.c.id)
        )
        return gone.one_or_none() is not None

    async def counts(self) -> Mapping[str, int]:
        rows = await self._connection.execute(
            select(seasonal_list.c.reason, func.count().label("people"))
            .where(~came_back())
            .group_by(seasonal_list.c.reason)
            .order_by(func.count().desc(), seasonal_list.c.reason)
        )
        return {row.reason: row.people for row in rows}

    async def callable(self, rules: SelectionRules, *, at: datetime) -> tuple[int, ...]:
        query = (
            select(customers.c.id)
            .join(seasonal_list, seasonal_list.c.customer_id == customers.c.id)
            .where(permitted(customers.c.id, replace(rules, season=True), at), ~came_back())
            .order_by(customers.c.id)
        )
        async with planned_for_masses(self._connection):
            return tuple((await self._connection.execute(query)).scalars())

    async def close_leads(self, customer_id: int, *, but: int, verdict: Verdict, at: datetime) -> tuple[int, ...]:
        ordinary = (
            select(campaigns.c.id)
            .where(campaigns.c.season == "", campaigns.c.kind == CampaignKind.ADVERTISING)
            .scalar_subquery()
        )
        closed = move_lead(LeadState.QUEUED, LeadEvent.CLOSE)
        moved = await self._connection.scalars(
            update(leads)
            .where(
                leads.c.customer_id == customer_id,
                leads.c.id != but,
                leads.c.state.in_([state.value for state in _WAITING]),
                leads.c.errand != LeadErrand.REMINDER,
                leads.c.campaign_id.in_(ordinary),
            )
            .values(
                state=closed,
                next_attempt_at=None,
                callback=False,
                ended_by=LeadEnd.SERIES,
                verdict=verdict_json(verdict),
                updated_at=at,
            )
            .returning(leads.c.id)
        )
        return tuple(moved.all())
