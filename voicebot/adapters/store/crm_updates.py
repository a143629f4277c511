"""News for the CRM in its table."""

from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.engine_tables import crm_updates
from voicebot.domain.crm_news import VERSION
from voicebot.domain.crm_update import CrmUpdate, NewsKind, UpdateState
from voicebot.domain.errors import NotFound

_ADD_CLOSED = text(
    """
    INSERT INTO crm_updates (key, customer_id, kind, payload, state, created_at)
    SELECT news.key, customer_id, :kind, jsonb_build_object(
               'version', CAST(:version AS integer), 'kind', CAST(:kind AS text), 'key', news.key,
               'at', CAST(:at_text AS text), 'customer', customers.external_id, 'campaign', campaigns.name,
               'lead', jsonb_build_object(
                   'state', leads.state,
                   'ended_by', coalesce(
                       nullif(leads.ended_by, ''), CASE leads.state WHEN 'blocked' THEN 'block' ELSE 'call' END
                   ),
                   'attempts', leads.attempts, 'disposition', leads.disposition, 'group', leads.outcome_group
               )
           ), :state, :at
    FROM leads JOIN customers ON customers.id = customer_id JOIN campaigns ON campaigns.id = campaign_id
         CROSS JOIN LATERAL (SELECT format('lead:%s:closed:%s', leads.id, leads.attempts) AS key) news
    WHERE leads.id = ANY (:ids)
    ORDER BY leads.id
    ON CONFLICT DO NOTHING RETURNING id, customer_id
    """
)
"""What `lead_closed_news` makes, for a whole campaign at once; a test holds them equal."""


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

    async def add_closed(self, lead_ids: Collection[int], *, at: datetime) -> tuple[tuple[int, int], ...]:
        if not self._wanted:
            return ()
        values = {"kind": NewsKind.LEAD_CLOSED.value, "version": VERSION, "state": UpdateState.QUEUED.value}
        stored = await self._connection.execute(
            _ADD_CLOSED, {**values, "ids": list(lead_ids), "at": at, "at_text": at.isoformat()}
        )
        return tuple((row.id, row.customer_id) for row in stored)

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
