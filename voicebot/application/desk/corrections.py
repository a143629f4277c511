"""Setting right what the bot took for said and meant; corrections become test cases of the phrase books."""

from collections.abc import Callable, Iterable
from datetime import datetime

from voicebot.application.ports.corrections import CorrectedLine, Correction
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.call import Speaker
from voicebot.domain.errors import BadInput
from voicebot.domain.heard_number import heard_score
from voicebot.domain.intent import Intent
from voicebot.domain.user import User

LONGEST_WORDS = 1000
"""Characters of one corrected line."""


async def correct_line(
    open_unit: OpenDeskUnit, call_id: int, turn_id: int, *, words: str, intent: Intent, by: User, now: datetime
) -> None:
    """What the customer said and meant in one line.

    Raises NotFound for a line of another call, BadInput for a line of the bot and for words that cannot be kept.
    """
    said = " ".join(words.split())
    if not said or len(said) > LONGEST_WORDS:
        raise BadInput.one("words", "are missing" if not said else f"are longer than {LONGEST_WORDS} characters")
    async with open_unit() as unit:
        turn = await unit.corrections.line(call_id, turn_id)
        if turn.speaker is not Speaker.CUSTOMER:
            raise BadInput.one("line", "is not the customer's", repair="choose one of theirs")
        correction = Correction(words=said, intent=intent, corrected_by=by.name, at=now)
        await unit.corrections.put(turn_id, turn, correction)
        details = {"turn": turn_id, "was": turn.intent or "", "intent": intent, "words_changed": said != turn.text}
        await unit.audit.record(
            at=now, actor=by.name, action="turn.corrected", subject=f"call:{call_id}", details=details
        )
        await unit.commit()


async def withdraw_correction(open_unit: OpenDeskUnit, call_id: int, turn_id: int, *, by: User, now: datetime) -> None:
    """The line was right as it stood; raises NotFound for a line of another call."""
    async with open_unit() as unit:
        await unit.corrections.line(call_id, turn_id)
        if not await unit.corrections.withdraw(turn_id):
            return
        await unit.audit.record(
            at=now,
            actor=by.name,
            action="turn.correction_withdrawn",
            subject=f"call:{call_id}",
            details={"turn": turn_id},
        )
        await unit.commit()


async def export_corrections(
    open_unit: OpenDeskUnit, write: Callable[[str], None], *, again: bool, now: datetime
) -> int:
    """Hand new corrections to `write` as lines of test cases and mark them; how many there were.

    The marks are kept only after `write` has returned.
    """
    async with open_unit() as unit:
        lines = await unit.corrections.to_export(again=again)
        if lines:
            write("".join(f"{line}\n" for line in as_test_cases(lines)))
            await unit.corrections.exported([one.id for one in lines], at=now)
            await unit.commit()
    return len(lines)


async def mark_exported(open_unit: OpenDeskUnit, ids: Iterable[int], *, by: str, now: datetime) -> int:
    """They have arrived where test cases are kept; how many of them there are."""
    async with open_unit() as unit:
        marked = await unit.corrections.exported(ids, at=now)
        if marked:
            await unit.audit.record(at=now, actor=by, action="corrections.exported", details={"corrections": marked})
        await unit.commit()
    return marked


def as_test_cases(lines: Iterable[CorrectedLine]) -> Iterable[str]:
    """As benchmarks/data/utterances.tsv has them: state, words, intent, score; what was heard instead comes last."""
    for one in lines:
        heard = "" if one.heard == one.words else one.heard
        score = heard_score(one.words.lower().replace("ё", "е").split()) if one.intent is Intent.NUMBER else None
        cells = (one.state, one.words.lower(), one.intent.value, "" if score is None else str(score[0]), heard)
        yield "\t".join(" ".join(cell.split()) for cell in cells).rstrip("\t")
