"""Dead letters, gathered from where they lie."""

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.job_queue import QUEUE
from voicebot.domain.dead_letter import DeadLetter, LetterKind, LetterName

_ALL = text(
    """
    SELECT 'crm' AS place, id, kind AS what, customer_id, state, attempts, error, created_at AS at
    FROM crm_updates WHERE state = 'failed'
    UNION ALL
    -- What was never handed over had no text or no code: trying again would not help.
    SELECT 'sms', id, template, customer_id, state, attempts, error, created_at
    FROM messages WHERE state IN ('failed', 'unknown') AND gateway_id IS NULL AND attempts > 0
    UNION ALL
    SELECT 'job', jobs.id, task_name, NULL, 'failed', attempts, '',
           coalesce((SELECT min(events.at) FROM procrastinate_events events WHERE events.job_id = jobs.id), now())
    FROM procrastinate_jobs jobs
    WHERE status = 'failed' AND queue_name = :queue AND queueing_lock IS NULL
    ORDER BY at, place, id
    """
)
_REVIVE = text(
    """
    UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL
    WHERE id = :id AND status = 'failed' AND queue_name = :queue AND queueing_lock IS NULL
    RETURNING id
    """
)


class SqlDeadLetters:
    """The dead letters as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> tuple[DeadLetter, ...]:
        return tuple(_letter(row) for row in await self._connection.execute(_ALL, {"queue": QUEUE}))

    async def revive_job(self, number: int) -> bool:
        revived = await self._connection.execute(_REVIVE, {"id": number, "queue": QUEUE})
        return revived.one_or_none() is not None


def _letter(row: Row[*tuple[Any, ...]]) -> DeadLetter:
    return DeadLetter(
        name=LetterName(kind=LetterKind(row.place), number=row.id),
        what=row.what,
        customer_id=row.customer_id,
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        at=row.at,
    )
