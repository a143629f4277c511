"""The audit log in its table, chained by hash."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import audit_log
from voicebot.application.ports.audit import AuditFilter
from voicebot.domain.audit import AuditEntry, Chain, ChainedEntry

_LOCK: Final = (0x61756469, 0)
"""Advisory lock of the chain's end ('audi'); of the two-number kind, which no phone's lock can meet."""
_PATIENCE: Final = "10s"
"""A machine that freezes between the lock and its COMMIT loses the transaction after this: others must go on."""
_ROWS: Final = 1000
"""Rows of one INSERT: PostgreSQL takes 65,535 parameters a statement."""


class SqlAuditLog:
    """The audit log of one transaction: entries wait here until `flush`, right before the COMMIT."""

    def __init__(self, connection: AsyncConnection, *, patience: str = _PATIENCE) -> None:
        self._connection = connection
        self._patience = patience
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

    async def flush(self) -> None:
        """Put the waiting entries at the chain's end; the COMMIT must follow at once.

        The lock orders all writers. It cannot deadlock: it is the last a transaction takes (only COMMIT's own lock of
        NOTIFY comes later, and nobody waits for ours under that one), so whoever holds it waits for nobody.
        """
        if not self._waiting:
            return
        await self._connection.execute(
            select(
                func.set_config("idle_in_transaction_session_timeout", self._patience, True),
                func.pg_advisory_xact_lock(*_LOCK),
            )
        )
        # A statement of its own: READ COMMITTED shows it what the lock's last holder committed.
        last = select(audit_log.c.id, audit_log.c.hash).order_by(audit_log.c.id.desc()).limit(1)
        head = (await self._connection.execute(last)).one_or_none()
        chain = Chain(count=head.id, head=head.hash) if head else Chain()
        rows = []
        for entry in self._waiting:
            chained = chain.append(entry)
            chain = Chain(count=chained.id, head=chained.hash)
            rows.append(_row(chained))
        for start in range(0, len(rows), _ROWS):
            await self._connection.execute(insert(audit_log).values(rows[start : start + _ROWS]))
        self._waiting.clear()

    async def after(self, entry_id: int, *, limit: int) -> tuple[ChainedEntry, ...]:
        query = select(audit_log).where(audit_log.c.id > entry_id).order_by(audit_log.c.id).limit(limit)
        return tuple(_chained(row) for row in await self._connection.execute(query))

    async def find(self, wanted: AuditFilter) -> tuple[ChainedEntry, ...]:
        query = select(audit_log).order_by(audit_log.c.id.desc()).limit(wanted.limit)
        if wanted.subjects:
            query = query.where(audit_log.c.subject.in_(wanted.subjects))
        if wanted.actor:
            query = query.where(audit_log.c.actor == wanted.actor)
        if wanted.since is not None:
            query = query.where(audit_log.c.at >= wanted.since)
        return tuple(_chained(row) for row in await self._connection.execute(query))


def _row(chained: ChainedEntry) -> dict[str, object]:
    entry = chained.entry
    return {
        "id": chained.id,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
        "prev_hash": chained.prev_hash,
        "hash": chained.hash,
    }


def _chained(row: Row[*tuple[object, ...]]) -> ChainedEntry:
    return ChainedEntry(
        id=row.id,
        entry=AuditEntry(at=row.at, actor=row.actor, action=row.action, subject=row.subject, details=row.details),
        prev_hash=row.prev_hash,
        hash=row.hash,
    )
