"""The managers' queue in its table."""

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import escalations
from voicebot.domain.escalation import Escalation, EscalationKind


class SqlEscalations:
    """The escalations of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, escalation: Escalation) -> None:
        await self._connection.execute(
            insert(escalations)
            .values(
                customer_id=escalation.customer_id,
                campaign_id=escalation.campaign_id,
                call_id=escalation.call_id,
                kind=escalation.kind,
                urgent=escalation.urgent,
                reason=escalation.reason,
                created_at=escalation.created_at,
            )
            .on_conflict_do_nothing()
        )

    async def open(self) -> tuple[Escalation, ...]:
        rows = await self._connection.execute(
            select(escalations)
            .where(escalations.c.resolved_at.is_(None))
            .order_by(escalations.c.urgent.desc(), escalations.c.created_at, escalations.c.id)
        )
        return tuple(escalation_of(row) for row in rows)


def escalation_of(row: Row[*tuple[object, ...]]) -> Escalation:
    """A row of the table as a domain value."""
    return Escalation(
        call_id=row.call_id,
        customer_id=row.customer_id,
        campaign_id=row.campaign_id,
        kind=EscalationKind(row.kind),
        urgent=row.urgent,
        reason=row.reason,
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )
