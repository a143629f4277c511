"""What every persona says leads to its outcome, in the shipped script, without a telephone."""

import functools
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, repeat
from zoneinfo import ZoneInfo

import pytest

from voicebot.adapters.russian_understanding import load_understanding
from voicebot.adapters.yaml_scripts import load_script
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.prepare_conversation import prepare_conversation
from voicebot.application.text_conversation import HANG_UP, Writing, WrittenConversation, converse_in_writing
from voicebot.config import PROJECT
from voicebot.domain.contact_hours import DEFAULT_HOURS
from voicebot.domain.outcome import ActionKind
from voicebot.entrypoints.cli.talk_partner import sample_partner
from voicebot.rehearsal.persona import Answers, HangUp, KeepSilent, Persona, Press, Role, Say, Step, TalkOver
from voicebot.rehearsal.persona_files import read_personas

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))
SCRIPT = load_script(PROJECT / "scripts" / "winback.yaml")
TALKERS = [one for one in read_personas() if isinstance(one.line, Answers) and one.role is Role.CUSTOMER]


def replies(persona: Persona) -> Iterator[str]:
    """One line per question: the persona's own words, then its last-resort answer, then silence."""
    said = (line for line in map(written, persona.script) if line is not None)
    return chain(said, repeat(persona.otherwise, 3), repeat(""))


def written(step: Step) -> str | None:
    match step:
        case Say(text=text) | TalkOver(text=text):
            return text
        case Press(digit=digit):
            return f"<dtmf:{digit}>"
        case HangUp():
            return HANG_UP
        case KeepSilent():
            return ""
    return None


@functools.cache
def understanding() -> LanguageUnderstanding:
    return load_understanding(PROJECT / "scripts" / "phrases")


def talk(persona: Persona) -> WrittenConversation:
    facts, now = sample_partner("Пример", NOW.isoformat())
    lines = replies(persona)
    writing = Writing(
        understanding=understanding(),
        hours=DEFAULT_HOURS,
        now=now,
        manager_answers=True,
        reply=lambda turn: next(lines),
        told=lambda turn: None,
    )
    return converse_in_writing(SCRIPT, prepare_conversation(facts), writing)


@pytest.mark.parametrize("persona", TALKERS, ids=lambda persona: persona.name)
def test_a_personas_words_lead_to_its_outcome(persona: Persona) -> None:
    conversation = talk(persona)
    outcome = conversation.outcome
    assert persona.expect is not None
    mismatches = persona.expect.mismatches(
        group=outcome.group,
        disposition=outcome.disposition,
        tags=outcome.tags,
        actions=[action.kind for action in outcome.actions],
    )
    path = [(turn.state, turn.customer, turn.intent and turn.intent.value) for turn in conversation.turns]
    assert mismatches == [], path


def test_the_call_back_is_agreed_for_tomorrow_after_six() -> None:
    (persona,) = (one for one in TALKERS if one.name == "callback")
    (callback,) = (action for action in talk(persona).outcome.actions if action.kind is ActionKind.CALLBACK)
    assert callback.at == datetime(2026, 3, 3, 18, 0, tzinfo=NOW.tzinfo)


def test_a_transferred_customer_was_connected() -> None:
    for name in ("wants_human", "dissatisfied_takes_manager"):
        (persona,) = (one for one in TALKERS if one.name == name)
        (transfer,) = (action for action in talk(persona).outcome.actions if action.kind is ActionKind.TRANSFER)
        assert transfer.connected is True
