"""What each call of the demo came to, beside what it had to come to."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.attempt import CallFilter, CallRecord, CallSummary
from voicebot.domain.call import Direction, Speaker
from voicebot.domain.outcome import ActionKind
from voicebot.entrypoints.demo.stage import Rehearsed
from voicebot.rehearsal.persona import Expectation


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedCall:
    """One call and the verdict on it."""

    rehearsed: Rehearsed
    record: CallRecord | None
    """None when the call was not made or not finished."""
    mismatches: tuple[str, ...]
    """What came out differently, in words; empty when all is as it must be."""
    recording: Path | None
    transcript: Path | None

    @property
    def gaps_ms(self) -> tuple[int, ...]:
        """The reply gap of every turn that answers the customer, milliseconds."""
        turns = self.record.turns if self.record else ()
        return tuple(turn.reply_gap_ms for turn in turns if turn.reply_gap_ms is not None)

    @property
    def median_gap_ms(self) -> int | None:
        """None when the bot answered nothing."""
        return round(median(self.gaps_ms)) if self.gaps_ms else None

    @property
    def promo(self) -> str | None:
        """The personal code, None when none was issued."""
        return self.record.promo.code if self.record and self.record.promo else None

    @property
    def sms(self) -> str | None:
        """State of the message, None when there is none."""
        return self.record.messages[0].state if self.record and self.record.messages else None

    def as_json(self) -> dict[str, object]:
        """The call in the form of `voicebot demo --json`."""
        summary = self.record.summary if self.record else None
        expected = self.rehearsed.persona.expect
        return {
            "persona": self.rehearsed.persona.name,
            "expected": _shown(expected.group, expected.disposition) if expected else None,
            "got": _shown(summary.group, summary.disposition) if summary else None,
            "tags": list(summary.tags) if summary else [],
            "promo": self.promo,
            "sms": self.sms,
            "gap_ms": list(self.gaps_ms),
            "recording": str(self.recording) if self.recording else None,
            "transcript": str(self.transcript) if self.transcript else None,
            "problems": list(self.mismatches),
        }


def _shown(group: object, disposition: object) -> dict[str, str]:
    return {"group": str(group), "disposition": str(disposition)}


async def judge(
    open_unit: OpenUnit, invited: Iterable[Rehearsed], *, campaign_id: int, recordings: Path, transcripts: Path
) -> list[JudgedCall]:
    """Compare every customer's first call (of those who ring back, theirs to us) with what their persona expects.

    Writes the transcripts.
    """
    await asyncio.to_thread(transcripts.mkdir, parents=True, exist_ok=True)
    judged = []
    for one in invited:
        async with open_unit() as unit:
            wanted = CallFilter(campaign_id=campaign_id, customer_id=one.customer_id, finished_only=True)
            calls = await unit.call_log.find(wanted)
            theirs = [call for call in calls if (call.direction is Direction.IN) == one.rings_back]
            record = await unit.call_log.show(theirs[-1].id) if theirs else None
        judged.append(await asyncio.to_thread(_judge_one, one, record, recordings=recordings, transcripts=transcripts))
    return judged


def _judge_one(one: Rehearsed, record: CallRecord | None, *, recordings: Path, transcripts: Path) -> JudgedCall:
    transcript = recording = None
    if record and record.turns:
        transcript = transcripts / f"{record.summary.id:03}-{one.persona.name}.txt"
        transcript.write_text(written_transcript(record), encoding="utf-8")
    if record and record.recording:
        recording = recordings / record.recording
    return JudgedCall(
        rehearsed=one,
        record=record,
        mismatches=tuple(_mismatches(one.persona.expect, record, recording)),
        recording=recording,
        transcript=transcript,
    )


def _mismatches(expected: Expectation | None, record: CallRecord | None, recording: Path | None) -> list[str]:
    if expected is None or record is None or not _is_over(record.summary):
        return ["the call was not made or not finished"]
    summary = record.summary
    assert summary.group is not None
    assert summary.disposition is not None
    found = expected.mismatches(
        group=summary.group,
        disposition=summary.disposition,
        tags=summary.tags,
        actions=[ActionKind(str(action["kind"])) for action in record.actions],
    )
    if expected.promo != (record.promo is not None):
        found.append(f"promo code: expected {expected.promo}, got {record.promo is not None}")
    if expected.sms and not any(message.state == "sent" for message in record.messages):
        found.append("SMS: expected one to be sent")
    if summary.answered_at is not None and (recording is None or not recording.is_file()):
        found.append("recording: there is none")
    return found


def _is_over(summary: CallSummary) -> bool:
    return summary.group is not None and summary.disposition is not None


def written_transcript(record: CallRecord) -> str:
    """The transcript for people: seconds since the answer, who, state, words, what they were taken for."""
    lines = []
    for turn in record.turns:
        who = {Speaker.BOT: "бот", Speaker.CUSTOMER: "клиент", Speaker.MANAGER: "менеджер"}[turn.speaker]
        notes = [turn.state]
        if turn.intent is not None:
            notes.append(f"{turn.intent} {turn.score:.2f}, слышно {turn.confidence:.2f}")
        if turn.reply_gap_ms is not None:
            notes.append(f"через {turn.reply_gap_ms} мс")
        if turn.interrupted:
            notes.append("перебит")
        lines.append(f"{turn.started_at:7.2f}-{turn.ended_at:7.2f}  {who:8} [{'; '.join(notes)}] {turn.text}")
    return "\n".join(lines) + "\n"
