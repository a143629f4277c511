"""Clearing recordings and words of calls whose time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.ports.erasures import CallFiles
from voicebot.domain.retention import RetentionTerms

_BATCH: Final = 200
"""Calls of one transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleared:
    """What one run has cleared."""

    recordings: int
    transcripts: int
    news: int = 0
    """Told to the CRM long ago."""


async def apply_retention(
    open_unit: OpenDeskUnit, files: CallFiles, terms: RetentionTerms, now: datetime, *, batch: int = _BATCH
) -> Cleared:
    """Delete recordings and blank words older than the terms say, batch after batch, each with its audit entry.

    Files go before the rows that name them: should we die between the two, the next run finds them again.
    """
    recordings = transcripts = news = 0
    while terms.recordings and (done := await _clear_recordings(open_unit, files, terms, now, batch)):
        recordings += done
    while terms.transcripts and (spoken := await _clear_transcripts(open_unit, terms, now, batch)) is not None:
        transcripts += spoken
    while terms.transcripts and (done := await _clear_news(open_unit, terms, now, batch)):
        news += done
    return Cleared(recordings=recordings, transcripts=transcripts, news=news)


async def _clear_recordings(
    open_unit: OpenDeskUnit, files: CallFiles, terms: RetentionTerms, now: datetime, batch: int
) -> int:
    async with open_unit() as unit:
        old = await unit.retention.old_recordings(now - timedelta(days=terms.recordings), limit=batch)
        if old:
            await files.remove(one.recording for one in old)
            await unit.retention.forget_recordings(one.call_id for one in old)
            await _record(unit, now, {"recordings": len(old), "days": terms.recordings})
            await unit.commit()
    return len(old)


async def _clear_transcripts(open_unit: OpenDeskUnit, terms: RetentionTerms, now: datetime, batch: int) -> int | None:
    """Of how many calls words were blanked; None when no call is left."""
    async with open_unit() as unit:
        old = await unit.retention.old_transcripts(now - timedelta(days=terms.transcripts), limit=batch)
        if not old:
            return None
        spoken = await unit.retention.blank_transcripts(old, at=now)
        if spoken:
            await _record(unit, now, {"transcripts": spoken, "days": terms.transcripts})
        await unit.commit()
    return spoken


async def _clear_news(open_unit: OpenDeskUnit, terms: RetentionTerms, now: datetime, batch: int) -> int:
    """What was told holds the words of the call it tells of."""
    async with open_unit() as unit:
        old = await unit.retention.old_news(now - timedelta(days=terms.transcripts), limit=batch)
        if old:
            await unit.retention.blank_news(old)
            await _record(unit, now, {"news": len(old), "days": terms.transcripts})
            await unit.commit()
    return len(old)


async def _record(unit: DeskUnit, now: datetime, counts: dict[str, object]) -> None:
    await unit.audit.record(at=now, actor="retention", action="retention.applied", details=counts)
