"""Corrections of transcripts in their table."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.call_log import turn_of
from voicebot.adapters.store.campaign_tables import turns
from voicebot.adapters.store.desk_tables import corrections
from voicebot.application.ports.corrections import CorrectedLine, Correction
from voicebot.domain.call import Turn
from voicebot.domain.errors import NotFound
from voicebot.domain.intent import Intent


class SqlCorrections:
    """The corrections of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def line(self, call_id: int, turn_id: int) -> Turn:
        query = select(turns).where(turns.c.id == turn_id, turns.c.call_id == call_id)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"no line {turn_id} in call {call_id}")
        return turn_of(row)

    async def put(self, turn_id: int, turn: Turn, correction: Correction) -> None:
        said = {
            "words": correction.words,
            "intent": correction.intent,
            "corrected_by": correction.corrected_by,
            "at": correction.at,
            "exported_at": correction.exported_at,
        }
        written = upsert(corrections).values(
            turn_id=turn_id, state=turn.state, heard=turn.text, was=turn.intent or "", **said
        )
        await self._connection.execute(written.on_conflict_do_update(index_elements=["turn_id"], set_=said))

    async def withdraw(self, turn_id: int) -> bool:
        gone = await self._connection.execute(delete(corrections).where(corrections.c.turn_id == turn_id))
        return gone.rowcount > 0

    async def to_export(self, *, again: bool) -> tuple[CorrectedLine, ...]:
        return await self._lines(_in_order(again=again).with_for_update())

    async def page(self, *, again: bool, after: int, limit: int) -> tuple[CorrectedLine, ...]:
        return await self._lines(_in_order(again=again).where(corrections.c.id > after).limit(limit))

    async def exported(self, ids: Iterable[int], *, at: datetime) -> int:
        marked = await self._connection.execute(
            update(corrections).where(corrections.c.id.in_(list(ids))).values(exported_at=at)
        )
        return marked.rowcount

    async def _lines(self, query: Select[Any]) -> tuple[CorrectedLine, ...]:
        return tuple(
            CorrectedLine(
                id=row.id,
                state=row.state,
                heard=row.heard,
                words=row.words,
                was=row.was,
                intent=Intent(row.intent),
            )
            for row in await self._connection.execute(query)
        )


def _in_order(*, again: bool) -> Select[Any]:
    query = select(corrections).order_by(corrections.c.id)
    return query if again else query.where(corrections.c.exported_at.is_(None))


def correction_of(row: Row[*tuple[Any, ...]]) -> Correction | None:
    """Of a transcript's line joined with its correction."""
    if row.right_words is None:
        return None
    return Correction(
        words=row.right_words,
        intent=Intent(row.right_intent),
        corrected_by=row.corrected_by,
        at=row.corrected_at,
        exported_at=row.exported_at,
    )
