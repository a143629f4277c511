"""Answering machines in virtual time: silence until the beep, one message, no talk."""

from pathlib import Path

import pytest

from tests.application.conversation.rehearsed_call import Rehearsed, rehearse
from voicebot.domain.call import Speaker, Turn
from voicebot.domain.dialplan import AnsweringMachineRule
from voicebot.domain.outcome import Disposition, Group
from voicebot.rehearsal.persona import Beep, KeepSilent, Persona, Say, Step, WaitBot
from voicebot.rehearsal.persona_files import read_personas
from voicebot.rehearsal.witness import CallWitness, read_witnesses
from voicebot.testing.virtual_time import run_in_virtual_time

WORDS = "абонент не может ответить на звонок"
MESSAGE = "voicemail_message"
(SHIPPED,) = (persona for persona in read_personas() if persona.name == "voicemail")


def machine(*steps: Step) -> Persona:
    return Persona(name="machine", description="Автоответчик", script=steps)


def rehearsed(
    persona: Persona, folder: Path, rule: AnsweringMachineRule = AnsweringMachineRule.LEAVE_MESSAGE
) -> tuple[Rehearsed, CallWitness]:
    call = run_in_virtual_time(rehearse(persona, folder / "witness-1.jsonl", answering_machine=rule))
    (witness,) = read_witnesses(folder)
    return call, witness


def message_of(call: Rehearsed) -> Turn:
    (turn,) = (turn for turn in call.conversed.turns if (turn.speaker, turn.state) == (Speaker.BOT, MESSAGE))
    assert "робот компании Пример" in turn.text and not turn.interrupted
    assert call.conversed.ended_by_us
    outcome = call.outcome
    assert (outcome.group, outcome.disposition, outcome.tags, outcome.actions) == (
        Group.NONE,
        Disposition.VOICEMAIL,
        (),
        (),
    )
    return turn


@pytest.mark.parametrize("pause_ms", [0, 2500])
def test_the_message_begins_after_the_beep(pause_ms: int, tmp_path: Path) -> None:
    beep = Beep()
    persona = machine(WaitBot(), Say(text=WORDS), KeepSilent(length_ms=pause_ms), beep)
    call, witness = rehearsed(persona, tmp_path)
    (greeting,) = witness.said
    beep_ended_at = greeting.ended_at + (pause_ms + beep.length_ms) / 1000
    assert beep_ended_at <= message_of(call).started_at < beep_ended_at + 0.5
    assert not [at for at in witness.bot_began if greeting.ended_at < at < beep_ended_at]


def test_the_shipped_machine_that_speaks_at_once_is_left_a_message(tmp_path: Path) -> None:
    call, witness = rehearsed(SHIPPED, tmp_path)
    (greeting,) = witness.said
    assert message_of(call).started_at >= greeting.ended_at + 0.6


def test_no_message_is_left_where_the_dialplan_hangs_up(tmp_path: Path) -> None:
    call, _ = rehearsed(machine(WaitBot(), Say(text=WORDS), Beep()), tmp_path, AnsweringMachineRule.HANG_UP)
    assert call.outcome.disposition is Disposition.VOICEMAIL
    assert MESSAGE not in [turn.state for turn in call.conversed.turns]


def test_a_greeting_without_a_beep_ends_in_silence(tmp_path: Path) -> None:
    call, witness = rehearsed(machine(WaitBot(), Say(text=WORDS)), tmp_path)
    assert 3.0 <= message_of(call).started_at - witness.said[-1].ended_at < 4.5


def test_an_endless_greeting_is_spoken_to_after_twenty_seconds(tmp_path: Path) -> None:
    repeats = (Say(text=WORDS, reaction_ms=1500),) * 12
    call, witness = rehearsed(machine(WaitBot(), *repeats), tmp_path)
    assert 19.0 <= message_of(call).started_at - witness.said[0].ended_at < 22.0


def test_neither_words_nor_a_second_beep_cut_the_message_short(tmp_path: Path) -> None:
    over_it = (KeepSilent(length_ms=1000), Beep(), Say(text="говорите говорите я слушаю"))
    call, witness = rehearsed(machine(WaitBot(), Say(text=WORDS), Beep(), *over_it), tmp_path)
    message = message_of(call)
    assert len(witness.said) == 2 and message.started_at < witness.said[-1].started_at < message.ended_at


def test_a_person_taken_for_a_machine_is_talked_to(tmp_path: Path) -> None:
    person = machine(
        WaitBot(),
        Say(text="я не могу подойти оставьте сообщение"),
        KeepSilent(length_ms=1500),
        Say(text="алло я слушаю"),
        WaitBot(),
        Say(text="да говорите"),
        WaitBot(),
        Say(text="да интересно"),
    )
    call, _ = rehearsed(person, tmp_path)
    assert call.outcome.disposition is Disposition.ACCEPTED
    asked = [turn.state for turn in call.conversed.turns if turn.speaker is Speaker.BOT]
    assert asked == ["greeting", "greeting", "greeting", "greeting", "offer", "accepted"]
