"""What phrases have caught, out of the latest utterances."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.application.ports.documents import Caught, NotUnderstood

_FIRST: Final = text(
    """
    SELECT id FROM turns
    WHERE call_id >= (SELECT id FROM calls WHERE dialled_at >= :since ORDER BY dialled_at LIMIT 1)
    ORDER BY call_id, position LIMIT 1
    """
)
"""The first turn since; turns are numbered as they are written."""
_CAUGHT: Final = text(
    """
    SELECT matched, coalesce(intent, '') AS intent, count(*) AS times
    FROM (
        SELECT matched, intent FROM turns WHERE speaker = 'customer' AND id >= :first ORDER BY id DESC LIMIT :most
    ) AS heard
    GROUP BY 1, 2
    """
)
_NOT_UNDERSTOOD: Final = text(
    """
    SELECT words, count(*) AS times, max(call_id) AS call_id, (array_agg(state ORDER BY id DESC))[1] AS state
    FROM (
        SELECT t.id, t.call_id, t.state, lower(t.text) AS words
        FROM turns AS t
        WHERE t.speaker = 'customer' AND t.intent = 'unknown' AND t.id >= :first
        ORDER BY t.id DESC LIMIT :looked_at
    ) AS heard
    WHERE words NOT IN ('', '…') AND state <> ALL (CAST(:open AS text[]))
      AND NOT EXISTS (SELECT FROM corrections WHERE corrections.turn_id = heard.id)
    GROUP BY words ORDER BY count(*) DESC, max(id) DESC LIMIT :most
    """
)


class SqlPhraseUse:
    """The phrase use of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def caught(self, since: datetime, *, limit: int) -> tuple[Caught, ...]:
        first = await self._first(since)
        if first is None:
            return ()
        rows = await self._connection.execute(_CAUGHT, {"first": first, "most": limit})
        return tuple(Caught(phrase=row.matched, intent=row.intent, count=row.times) for row in rows)

    async def not_understood(
        self, since: datetime, *, open_states: Collection[str], looked_at: int, limit: int
    ) -> tuple[NotUnderstood, ...]:
        first = await self._first(since)
        if first is None:
            return ()
        asked = {"first": first, "looked_at": looked_at, "open": list(open_states), "most": limit}
        rows = await self._connection.execute(_NOT_UNDERSTOOD, asked)
        return tuple(
            NotUnderstood(words=row.words, state=row.state, count=row.times, call_id=row.call_id) for row in rows
        )

    async def _first(self, since: datetime) -> int | None:
        found = await self._connection.scalar(_FIRST, {"since": since})
        return int(found) if found is not None else None
