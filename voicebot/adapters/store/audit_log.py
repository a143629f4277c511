"""The audit log in its table."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import audit_log


class SqlAuditLog:
    """The audit log of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def record(
        self,
        *,
        at: datetime,
        actor: str,
        action: str,
        subject: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        await self._connection.execute(
            insert(audit_log).values(at=at, actor=actor, action=action, subject=subject, details=dict(details or {}))
        )
