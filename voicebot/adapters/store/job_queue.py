"""Jobs born inside the transaction that needs them."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.application.ports.jobs import Task

QUEUE = "voicebot"
"""The one queue of Procrastinate that the jobs process works on."""
_PRIORITY: Final = {Task.UPDATE_CRM: -1}
"""A CRM that hangs must not keep promised messages waiting: the higher number goes first, 0 unless named."""

_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        CAST(:queue AS varchar), CAST(:task AS varchar), CAST(:priority AS integer), CAST(:lock AS text), NULL,
        CAST(:args AS jsonb), CAST(:at AS timestamptz)
    )::procrastinate_job_to_defer_v1])
    """
)
_DEFER_ALL = text(
    """
    SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
        CAST(:queue AS varchar), CAST(:task AS varchar), CAST(:priority AS integer), nullif(job.lock, ''), NULL,
        CAST(job.args AS jsonb), NULL
    )::procrastinate_job_to_defer_v1 ORDER BY job.place))
    FROM unnest(CAST(:args AS text[]), CAST(:locks AS text[])) WITH ORDINALITY AS job (args, lock, place)
    HAVING count(*) > 0
    """
)


class SqlJobQueue:
    """Procrastinate's own insert, run in our transaction: the job dies with its rollback."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def defer(
        self, task: Task, args: Mapping[str, object], *, lock: str = "", at: datetime | None = None
    ) -> None:
        await self._connection.execute(
            _DEFER,
            {
                "queue": QUEUE,
                "task": task.value,
                "priority": _PRIORITY.get(task, 0),
                "lock": lock or None,
                "args": json.dumps(dict(args)),
                "at": at,
            },
        )

    async def defer_all(self, task: Task, jobs: Iterable[tuple[Mapping[str, object], str]]) -> None:
        wanted = list(jobs)
        await self._connection.execute(
            _DEFER_ALL,
            {
                "queue": QUEUE,
                "task": task.value,
                "priority": _PRIORITY.get(task, 0),
                "args": [json.dumps(dict(args)) for args, _ in wanted],
                "locks": [lock for _, lock in wanted],
            },
        )
