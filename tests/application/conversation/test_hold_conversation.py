"""Whole calls in virtual time: the shell around the dialogue, with every persona that answers."""

from pathlib import Path

import pytest

from tests.application.conversation.rehearsed_call import Rehearsed, rehearse
from voicebot.rehearsal.persona import Answers, Role
from voicebot.rehearsal.persona_files import read_personas
from voicebot.testing.virtual_time import run_in_virtual_time

PERSONAS = {persona.name: persona for persona in read_personas()}
TALKERS = [
    name for name, persona in PERSONAS.items() if isinstance(persona.line, Answers) and persona.role is Role.CUSTOMER
]


def rehearsed(name: str, folder: Path, *, longest_call_s: float = 240.0) -> Rehearsed:
    expects_manager = name != "dissatisfied_no_manager"
    return run_in_virtual_time(
        rehearse(
            PERSONAS[name],
            folder / "journal.jsonl",
            manager=PERSONAS["manager"] if expects_manager else None,
            longest_call_s=longest_call_s,
        )
    )


@pytest.mark.parametrize("name", TALKERS)
def test_every_persona_is_led_to_its_outcome(name: str, tmp_path: Path) -> None:
    call = rehearsed(name, tmp_path)
    expected = PERSONAS[name].expect
    said = [f"{turn.speaker.value} {turn.state}: {turn.text}" for turn in call.conversed.turns]
    assert (call.outcome.group, call.outcome.disposition) == (expected.group, expected.disposition), said
    assert set(expected.tags) <= set(call.outcome.tags), said
