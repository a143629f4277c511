"""Whole calls in virtual time: the shell around the dialogue, with every persona that answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.application.conversation.rehearsed_call import Rehearsed, rehearse
from voicebot.domain.outcome import Disposition
from voicebot.rehearsal.persona import Answers, Role, Say, TalkOver, WaitBot
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


def test_a_demand_spoken_into_the_goodbye_is_still_heard_and_obeyed(tmp_path: Path) -> None:
    late = replace(
        PERSONAS["keeps_reason"],
        script=(
            WaitBot(),
            Say(text="да удобно"),
            WaitBot(),
            Say(text="нет"),
            WaitBot(),
            Say(text="не скажу"),
            TalkOver(text="больше мне не звоните", after_ms=600),
        ),
    )
    call = run_in_virtual_time(rehearse(late, tmp_path / "journal.jsonl"))
    said = [f"{turn.speaker.value} {turn.state}: {turn.text}" for turn in call.conversed.turns]
    assert call.outcome.disposition is Disposition.STOP, said
    assert call.stops_heard == 1
    assert call.conversed.turns[-1].state == "stop_confirm", said


def test_the_longest_call_is_ended_politely_by_the_bot(tmp_path: Path) -> None:
    call = rehearsed("asks_then_accepts", tmp_path, longest_call_s=15.0)
    assert call.conversed.turns[-1].state == "farewell_time"
    assert call.conversed.ended_by_us
