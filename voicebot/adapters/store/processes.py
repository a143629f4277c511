"""Signs of life in their table."""

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.engine_tables import processes
from voicebot.domain.process import Process, ProcessKind


class SqlProcesses:
    """The processes as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def seen(self, process: Process, at: datetime) -> None:
        row = insert(processes).values(asdict(replace(process, seen_at=at)))
        await self._connection.execute(
            row.on_conflict_do_update(index_elements=["id"], set_={"seen_at": row.excluded.seen_at})
        )

    async def left(self, process_id: str) -> None:
        await self._connection.execute(delete(processes).where(processes.c.id == process_id))

    async def forget(self, before: datetime) -> None:
        await self._connection.execute(delete(processes).where(processes.c.seen_at < before))

    async def all(self) -> tuple[Process, ...]:
        rows = await self._connection.execute(
            select(processes).order_by(processes.c.host, processes.c.kind, processes.c.name, processes.c.started_at)
        )
        return tuple(Process(**{**row._mapping, "kind": ProcessKind(row.kind)}) for row in rows)
