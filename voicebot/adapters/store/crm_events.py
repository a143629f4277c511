"""Events of the CRM in their table."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import customer_events
from voicebot.adapters.store.engine_tables import crm_events
from voicebot.domain.crm_event import CrmEvent
from voicebot.domain.customer import InterestSignal


class SqlCrmEvents:
    """The events of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, event: CrmEvent, *, customer_id: int, received_at: datetime) -> bool:
        stored = await self._connection.scalar(
            insert(crm_events)
            .values(
                key=event.key,
                customer_id=customer_id,
                kind=event.kind,
                at=event.at,
                received_at=received_at,
                details=dict(event.details),
            )
            .on_conflict_do_nothing()
            .returning(crm_events.c.id)
        )
        if stored is not None and event.kind in set(InterestSignal):
            signal = insert(customer_events).values(customer_id=customer_id, kind=event.kind, at=event.at)
            await self._connection.execute(signal.on_conflict_do_nothing())
        return stored is not None
