"""Clearing old recordings and words out of the tables."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.application.ports.retention import OldRecording
from voicebot.domain.retention import DISPUTED

_NOT_NEEDED: Final = """
    NOT EXISTS (SELECT FROM escalations WHERE escalations.call_id = {call} AND resolved_at IS NULL)
    AND NOT EXISTS (SELECT FROM call_tags WHERE call_tags.call_id = {call} AND tag = ANY(:disputed))
"""
_FREE: Final = f"""
    calls.dialled_at < :before AND calls.ended_at IS NOT NULL AND {_NOT_NEEDED.format(call="calls.id")}
"""
# Each question runs on an index of what is not cleared yet, which what is cleared leaves.
_RECORDINGS: Final = f"""
    SELECT id, recording FROM calls WHERE recording <> '' AND {_FREE}
    ORDER BY dialled_at LIMIT :limit FOR UPDATE SKIP LOCKED
"""
_TRANSCRIPTS: Final = f"""
    SELECT id FROM calls WHERE words_cleared_at IS NULL AND {_FREE}
    ORDER BY dialled_at LIMIT :limit FOR UPDATE SKIP LOCKED
"""
_NEWS: Final = f"""
    SELECT crm_updates.id FROM crm_updates
    WHERE state = 'sent' AND payload <> '{{}}' AND crm_updates.created_at < :before
        AND {_NOT_NEEDED.format(call="crm_updates.call_id")}
    ORDER BY crm_updates.created_at LIMIT :limit FOR UPDATE SKIP LOCKED
"""
_WITH_WORDS: Final = """
    SELECT count(*) FROM calls WHERE id = ANY(:ids)
        AND (answers <> '{}' OR EXISTS (SELECT FROM turns WHERE turns.call_id = calls.id AND text <> ''))
"""
_BLANK: Final = (
    "DELETE FROM corrections USING turns WHERE turns.id = corrections.turn_id AND turns.call_id = ANY(:ids)",
    "UPDATE turns SET text = '' WHERE call_id = ANY(:ids) AND text <> ''",
    """
    UPDATE calls SET answers = '{}', words_cleared_at = :at,
        actions = coalesce((SELECT jsonb_agg(action - 'reason' ORDER BY place)
                            FROM jsonb_array_elements(actions) WITH ORDINALITY AS one (action, place)), '[]')
    WHERE id = ANY(:ids)
    """,
    "UPDATE escalations SET reason = '' WHERE call_id = ANY(:ids) AND resolved_at IS NOT NULL",
)


class SqlRetention:
    """What one transaction clears."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def old_recordings(self, before: datetime, *, limit: int) -> tuple[OldRecording, ...]:
        asked = {"before": before, "limit": limit, "disputed": list(DISPUTED)}
        rows = await self._connection.execute(text(_RECORDINGS), asked)
        return tuple(OldRecording(call_id=row.id, recording=row.recording) for row in rows)

    async def forget_recordings(self, call_ids: Iterable[int]) -> None:
        gone = {"ids": list(call_ids)}
        await self._connection.execute(text("UPDATE calls SET recording = '' WHERE id = ANY(:ids)"), gone)

    async def old_transcripts(self, before: datetime, *, limit: int) -> tuple[int, ...]:
        asked = {"before": before, "limit": limit, "disputed": list(DISPUTED)}
        return tuple(await self._connection.scalars(text(_TRANSCRIPTS), asked))

    async def blank_transcripts(self, call_ids: Iterable[int], *, at: datetime) -> int:
        values = {"ids": list(call_ids), "at": at}
        with_words: int = await self._connection.scalar(text(_WITH_WORDS), values) or 0
        for statement in _BLANK:
            await self._connection.execute(text(statement), values)
        return with_words

    async def old_news(self, before: datetime, *, limit: int) -> tuple[int, ...]:
        asked = {"before": before, "limit": limit, "disputed": list(DISPUTED)}
        return tuple(await self._connection.scalars(text(_NEWS), asked))

    async def blank_news(self, update_ids: Iterable[int]) -> None:
        blank = text("UPDATE crm_updates SET payload = '{}' WHERE id = ANY(:ids)")
        await self._connection.execute(blank, {"ids": list(update_ids)})
