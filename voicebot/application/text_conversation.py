"""A whole conversation in writing: the same dialogue, without a telephone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voicebot.application.conversation.keypad import meaning_of_key
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.dialogue import Phase, Step, conclude, start, step
from voicebot.domain.dialogue_actions import Listen, Say, Transfer
from voicebot.domain.dialogue_events import (
    Answered,
    Event,
    Finished,
    HungUp,
    MachineDetected,
    Silence,
    Spoken,
    TransferEnded,
)
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Outcome
from voicebot.domain.script import Script

HANG_UP: Final = "<hangup>"
BEEP: Final = "<beep>"
_KEY: Final = ("<dtmf:", ">")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenTurn:
    """What the bot said in a state, and the reply."""

    state: str
    bot: str
    customer: str | None = None
    """The line as written: empty for silence, `<hangup>`, `<beep>`; None when no reply was awaited."""
    intent: Intent | None = None
    """What the words were taken for; None for silence and hanging up."""
    score: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenConversation:
    """A finished one."""

    turns: tuple[WrittenTurn, ...]
    outcome: Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenSoFar:
    """One that may wait for an answer."""

    turns: tuple[WrittenTurn, ...]
    outcome: Outcome | None
    """None while an answer is awaited."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Writing:
    """What a conversation in writing needs."""

    understanding: LanguageUnderstanding
    hours: ContactHours
    """When call-backs may be agreed."""
    now: datetime
    """Aware, in the customer's zone; stands still."""
    manager_answers: bool
    """Whether a transfer succeeds."""
    reply: Callable[[WrittenTurn], str]
    """Shown the bot's turn, gives the customer's line: words, empty (silence), `<hangup>`, `<beep>` or `<dtmf:1>`."""
    told: Callable[[WrittenTurn], None]
    """Shown a turn of the bot that awaits no reply."""
    leave_message: bool = False
    """Whether an answering machine is left a message."""


def converse_in_writing(script: Script, variables: Mapping[str, str], writing: Writing) -> WrittenConversation:
    """Talk to the end. `reply` is called once for every question; silence in answer to everything ends it, too."""
    so_far = _followed(script, variables, writing)
    assert so_far.outcome is not None  # every question was answered
    return WrittenConversation(turns=so_far.turns, outcome=so_far.outcome)


def converse_so_far(
    script: Script, variables: Mapping[str, str], writing: Writing, replies: Sequence[str]
) -> WrittenSoFar:
    """The conversation as far as these replies lead; the last turn waits for an answer while there is no outcome.

    `writing.reply` is not asked. The same replies always lead to the same place: nothing is kept between two calls.
    """
    given = iter(replies)

    def reply(turn: WrittenTurn) -> str:
        said = next(given, None)
        if said is None:
            raise _WaitsForAnswer(turn)
        return said

    return _followed(script, variables, replace(writing, reply=reply))


class _WaitsForAnswer(Exception):
    """No reply is left."""

    def __init__(self, turn: WrittenTurn) -> None:
        super().__init__()
        self.turn = turn


def _followed(script: Script, variables: Mapping[str, str], writing: Writing) -> WrittenSoFar:
    position = start(script, variables, now=writing.now, leave_message=writing.leave_message)
    turns = list[WrittenTurn]()
    event: Event | None = Answered()
    while event is not None:
        taken = step(script, position, event)
        position = taken.position
        try:
            event, turn = _next(taken, writing)
        except _WaitsForAnswer as waits:
            return WrittenSoFar(turns=(*turns, waits.turn), outcome=None)
        if turn:
            turns.append(turn)
    return WrittenSoFar(turns=tuple(turns), outcome=conclude(script, position, earlier_hang_ups=0))


def _next(taken: Step, writing: Writing) -> tuple[Event | None, WrittenTurn | None]:
    """What happens after a step, and the turn it makes."""
    words = " ".join(action.prompt.text for action in taken.actions if isinstance(action, Say))
    turn = WrittenTurn(state=taken.position.state, bot=words) if words else None
    for action in taken.actions:
        if isinstance(action, Listen):
            turn = turn or WrittenTurn(state=taken.position.state, bot="")
            return _answer(turn, action, writing)
        if isinstance(action, Transfer):
            if turn:
                writing.told(turn)
            return TransferEnded(connected=writing.manager_answers), turn
    if turn:
        writing.told(turn)
    return (Finished() if taken.position.phase is Phase.TALKING else None), turn


def _answer(turn: WrittenTurn, listen: Listen, writing: Writing) -> tuple[Event, WrittenTurn]:
    line = writing.reply(turn).strip()
    turn = replace(turn, customer=line)
    if line == HANG_UP:
        return HungUp(), turn
    if line == BEEP:
        return MachineDetected(), turn
    if not line:
        return Silence(), turn
    if line.startswith(_KEY[0]) and line.endswith(_KEY[1]):
        understanding = meaning_of_key(line[len(_KEY[0]) : -len(_KEY[1])], listen.kind)
    else:
        understanding = writing.understanding.understand(
            line.lower(), listen.question, confidence=1.0, local_now=writing.now, hours=writing.hours
        )
    return Spoken(understanding=understanding), replace(turn, intent=understanding.intent, score=understanding.score)
