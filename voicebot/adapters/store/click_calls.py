"""Call-backs by a click in their table."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, case, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import campaigns, escalations
from voicebot.adapters.store.click_call_tables import click_calls
from voicebot.domain.click_call import ClickCall, ClickLeg, ClickResult, NewClickCall

_OPEN: Final = click_calls.c.ended_at.is_(None)
_ANSWERED: Final = {
    ClickLeg.MANAGER: click_calls.c.manager_answered_at,
    ClickLeg.CUSTOMER: click_calls.c.customer_answered_at,
}
_TRUNK: Final = {ClickLeg.MANAGER: click_calls.c.manager_trunk, ClickLeg.CUSTOMER: click_calls.c.customer_trunk}


class SqlClickCalls:
    """The call-backs of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def request(self, wanted: NewClickCall) -> int | None:
        added = await self._connection.execute(
            insert(click_calls)
            .values(
                escalation_id=wanted.escalation_id,
                customer_id=wanted.customer_id,
                requested_by=wanted.requested_by,
                manager_address=wanted.manager_address,
                requested_at=wanted.requested_at,
            )
            .on_conflict_do_nothing()
            .returning(click_calls.c.id)
        )
        row = added.one_or_none()
        return int(row.id) if row is not None else None

    async def lock_next(self, *, dialplan: str, asked_after: datetime) -> ClickCall | None:
        query = (
            select(click_calls, escalations.c.campaign_id)
            .join(escalations)
            .where(_OPEN, click_calls.c.owner == "", click_calls.c.requested_at > asked_after)
            .order_by(click_calls.c.id)
            .limit(1)
            .with_for_update(of=click_calls, skip_locked=True)
        )
        if dialplan:
            query = query.where(
                exists().where(campaigns.c.id == escalations.c.campaign_id, campaigns.c.dialplan == dialplan)
            )
        row = (await self._connection.execute(query)).one_or_none()
        return click_call_of(row) if row is not None else None

    async def claim(self, click_id: int, *, owner: str, until: datetime) -> None:
        await self._connection.execute(
            update(click_calls).where(click_calls.c.id == click_id).values(owner=owner, lease_until=until)
        )

    async def keep(self, click_id: int, *, owner: str, until: datetime) -> bool:
        return await self._change(click_id, {"lease_until": until}, click_calls.c.owner == owner)

    async def answered(self, click_id: int, leg: ClickLeg, *, at: datetime) -> None:
        await self._change(click_id, {_ANSWERED[leg]: at})

    async def occupy(self, click_id: int, leg: ClickLeg, trunk: str) -> bool:
        return await self._change(click_id, {_TRUNK[leg]: trunk})

    async def end(self, click_id: int, result: ClickResult, *, at: datetime) -> bool:
        return await self._change(click_id, {"ended_at": at, "result": result})

    async def withdraw(self, escalation_id: int, *, at: datetime) -> None:
        waits = (_OPEN, click_calls.c.owner == "", click_calls.c.escalation_id == escalation_id)
        await self._connection.execute(
            update(click_calls).where(*waits).values(ended_at=at, result=ClickResult.GAVE_UP)
        )

    async def close_lost(self, now: datetime, *, asked_before: datetime) -> int:
        waits = click_calls.c.owner == ""
        lost = case((waits, click_calls.c.requested_at < asked_before), else_=click_calls.c.lease_until < now)
        result = case((waits, ClickResult.EXPIRED.value), else_=ClickResult.INTERRUPTED.value)
        closed = await self._connection.execute(
            update(click_calls).where(_OPEN, lost).values(ended_at=now, result=result)
        )
        return closed.rowcount

    async def _change(self, click_id: int, values: dict[Any, object], *also: Any) -> bool:
        changed = await self._connection.execute(
            update(click_calls).where(click_calls.c.id == click_id, _OPEN, *also).values(values)
        )
        return changed.rowcount == 1


def click_call_of(row: Row[*tuple[Any, ...]]) -> ClickCall:
    """A row of the table, with the campaign of its escalation, as a domain value."""
    return ClickCall(
        id=row.id,
        escalation_id=row.escalation_id,
        customer_id=row.customer_id,
        campaign_id=row.campaign_id,
        requested_by=row.requested_by,
        manager_address=row.manager_address,
        requested_at=row.requested_at,
        owner=row.owner,
        manager_answered_at=row.manager_answered_at,
        customer_answered_at=row.customer_answered_at,
        ended_at=row.ended_at,
        result=ClickResult(row.result) if row.result is not None else None,
    )
