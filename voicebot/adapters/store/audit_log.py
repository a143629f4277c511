"""The audit log in its table, chained by hash."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import audit_log
from voicebot.application.ports.audit import AuditFilter
from voicebot.domain.audit import AuditEntry, ChainedEntry, canonical

_APPEND: Final = "select append_audit(%s)"


class SqlAuditLog:
    """The audit log of one transaction: entries wait here until the COMMIT."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._waiting: list[AuditEntry] = []

    async def record(
        self,
        *,
        at: datetime,
        actor: str,
        action: str,
        subject: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        entry = AuditEntry(at=at, actor=actor, action=action, subject=subject, details=dict(details or {}))
        self._waiting.append(entry)

    async def commit(self) -> None:
        """Put the waiting entries at the chain's end, and COMMIT the transaction in the same breath.

        `append_audit` locks the chain's end. That cannot deadlock: it is the last lock a transaction takes (only
        COMMIT's own lock of NOTIFY comes later, and nobody waits for ours under that one), so whoever holds it waits
        for nobody. The pipeline sends both commands in one packet: the lock, which all writers queue for, is never held
        while a busy client wakes up.
        """
        if self._waiting:
            raw = await self._connection.get_raw_connection()
            driver = raw.driver_connection
            assert isinstance(driver, psycopg.AsyncConnection)
            async with driver.pipeline():
                await driver.execute(_APPEND, (Jsonb([_json(entry) for entry in self._waiting]),))
                await driver.commit()
            self._waiting.clear()
        await self._connection.commit()  # SQLAlchemy's own idea of the transaction ends here

    async def after(self, entry_id: int, *, limit: int) -> tuple[ChainedEntry, ...]:
        query = select(audit_log).where(audit_log.c.id > entry_id).order_by(audit_log.c.id).limit(limit)
        return tuple(entry_of(row) for row in await self._connection.execute(query))

    async def find(self, wanted: AuditFilter) -> tuple[ChainedEntry, ...]:
        query = select(audit_log).order_by(audit_log.c.id.desc()).limit(wanted.limit)
        if wanted.subjects:
            query = query.where(audit_log.c.subject.in_(wanted.subjects))
        if wanted.actor:
            query = query.where(audit_log.c.actor == wanted.actor)
        if wanted.since is not None:
            query = query.where(audit_log.c.at >= wanted.since)
        return tuple(entry_of(row) for row in await self._connection.execute(query))


def _json(entry: AuditEntry) -> dict[str, object]:
    """As `append_audit` takes it."""
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
        "canonical": canonical(entry),
    }


def entry_of(row: Row[*tuple[object, ...]]) -> ChainedEntry:
    """A row of the table."""
    return ChainedEntry(
        id=row.id,
        entry=AuditEntry(at=row.at, actor=row.actor, action=row.action, subject=row.subject, details=row.details),
        prev_hash=row.prev_hash,
        hash=row.hash,
    )
