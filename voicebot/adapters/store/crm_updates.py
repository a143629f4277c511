"""News for the CRM in its table."""

from typing import cast

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.engine_tables import crm_updates
from voicebot.domain.crm_update import CrmUpdate, NewsKind, UpdateState
from voicebot.domain.errors import NotFound


class SqlCrmUpdates:
    """The news of one transaction; with `wanted` False none is kept, for there is nobody to be told."""

    def __init__(self, connection: AsyncConnection, *, wanted: bool = True) -> None:
        self._connection = connection
        self._wanted = wanted

    async def add(self, update: CrmUpdate) -> int | None:
        if not self._wanted:
            return None
        stored = await self._connection.execute(
            insert(crm_updates)
            .values(
                key=update.key,
                customer_id=update.customer_id,
                call_id=update.call_id,
                kind=update.kind,
                payload=dict(update.payload),
                state=update.state,
                created_at=update.created_at,
            )
            .on_conflict_do_nothing()
            .returning(crm_updates.c.id)
        )
        return cast("int | None", stored.scalar_one_or_none())

    async def lock(self, update_id: int) -> CrmUpdate:
        query = select(crm_updates).where(crm_updates.c.id == update_id).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"no news {update_id} for the CRM")
        return _update(row)

    async def save(self, update_: CrmUpdate) -> None:
        await self._connection.execute(
            update(crm_updates)
            .where(crm_updates.c.id == update_.id)
            .values(state=update_.state, attempts=update_.attempts, error=update_.error, sent_at=update_.sent_at)
        )


def _update(row: Row[*tuple[object, ...]]) -> CrmUpdate:
    return CrmUpdate(
        id=row.id,
        key=row.key,
        customer_id=row.customer_id,
        call_id=row.call_id,
        kind=NewsKind(row.kind),
        payload=row.payload,
        state=UpdateState(row.state),
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
