"""Trying a script by typing: nothing is kept, the same replies always lead to the same place."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voicebot.application.desk.trial_calls import sample_words
from voicebot.application.ports.documents import DocumentReader
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.text_conversation import Writing, WrittenSoFar, WrittenTurn, converse_so_far
from voicebot.domain.contact_hours import DEFAULT_HOURS
from voicebot.domain.document import DocumentId
from voicebot.domain.errors import BadInput
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.script import Entrance


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenTrial:
    """How it is tried."""

    now: datetime
    """Local time of the customer."""
    replies: tuple[str, ...] = ()
    """Words, empty (silence), `<hangup>`, `<beep>` or `<dtmf:1>`."""
    entrance: Entrance | None = None
    """Where it begins when the customer has rung us; None: we ring."""
    manager_answers: bool = True
    leave_message: bool = False
    """Whether an answering machine is left a message."""


async def try_in_writing(
    reader: DocumentReader,
    understanding: LanguageUnderstanding,
    document: DocumentId,
    texts: Mapping[DocumentId, str],
    trial: WrittenTrial,
    *,
    company: str,
) -> WrittenSoFar:
    """The conversation as far as the replies lead; `texts`: saved ones, and the one tried. Raises BadInput."""
    script, problems = await asyncio.to_thread(reader.script, document.name, texts)
    if script is None or problems:
        raise BadInput(problems)
    writing = Writing(
        understanding=understanding,
        hours=DEFAULT_HOURS,
        now=trial.now,
        manager_answers=trial.manager_answers,
        reply=_silence,
        told=_nothing,
        leave_message=trial.leave_message,
    )
    begun = script.begun_at(trial.entrance) if trial.entrance else script
    words = sample_words(OfferPolicy(), company, trial.now)
    return await asyncio.to_thread(converse_so_far, begun, words, writing, trial.replies)


def _silence(_: WrittenTurn) -> str:
    return ""


def _nothing(_: WrittenTurn) -> None:
    """The turns are in the result."""
