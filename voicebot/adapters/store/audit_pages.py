"""Pages of the audit log out of its table."""

from typing import Final

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.audit_log import entry_of
from voicebot.adapters.store.crm_tables import audit_log
from voicebot.application.ports.audit_pages import AuditNames, AuditPlace, AuditQuery
from voicebot.domain.audit import ChainedEntry

_EVERY: Final = """
    WITH RECURSIVE found AS (
        (SELECT {column} AS value FROM audit_log ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM audit_log WHERE {column} > found.value ORDER BY {column} LIMIT 1)
        FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value <> '' LIMIT 10000
    """
"""Leaps from value to value in the index: few names in many entries."""


class SqlAuditPages:
    """The questions of the page of the audit log in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(self, wanted: AuditQuery, *, behind: AuditPlace | None, limit: int) -> tuple[ChainedEntry, ...]:
        entry = audit_log.c
        query = select(audit_log).order_by(entry.at.desc(), entry.id.desc()).limit(limit)
        for column, value in ((entry.actor, wanted.actor), (entry.action, wanted.action)):
            if value:
                query = query.where(column == value)
        if wanted.subject:
            query = query.where(entry.subject == wanted.subject)
        if wanted.since is not None:
            query = query.where(entry.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(entry.at < wanted.until)
        if behind is not None:
            query = query.where(tuple_(entry.at, entry.id) < (behind.at, behind.id))
        return tuple(entry_of(row) for row in await self._connection.execute(query))

    async def names(self) -> AuditNames:
        actors = await self._connection.scalars(text(_EVERY.format(column="actor")))
        actions = await self._connection.scalars(text(_EVERY.format(column="action")))
        return AuditNames(actors=tuple(actors), actions=tuple(actions))

    async def last(self) -> ChainedEntry | None:
        query = select(audit_log).order_by(audit_log.c.id.desc()).limit(1)
        row = (await self._connection.execute(query)).one_or_none()
        return entry_of(row) if row is not None else None
