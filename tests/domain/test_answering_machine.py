"""A machine is never talked to as to a person, and a person never left like a machine."""

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.scenarios.sample import NOW, VARIABLES
from voicebot.adapters.yaml_scripts import load_script
from voicebot.config import PROJECT
from voicebot.domain.dialogue import MOST_STEPS, Phase, Step, conclude, start, step
from voicebot.domain.dialogue_actions import Action, HangUp, Listen, Say
from voicebot.domain.dialogue_events import (
    Answered,
    Event,
    Finished,
    GreetingTooLong,
    HungUp,
    MachineDetected,
    Silence,
    Spoken,
    TimeUp,
)
from voicebot.domain.intent import Intent, Understanding
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.script import Script

SCRIPTS = ("winback", "reminder", "quality")


@lru_cache
def script(name: str = "winback") -> Script:
    return load_script(PROJECT / "scripts" / f"{name}.yaml")


def spoken(intent: Intent, *also: Intent) -> Spoken:
    return Spoken(understanding=Understanding(text="слова", intent=intent, score=0.9, also=also))


MACHINE_WORDS = spoken(Intent.VOICEMAIL)


def after(*events: Event, name: str = "winback", leave_message: bool = True) -> Step:
    taken = Step(position=start(script(name), VARIABLES, now=NOW, leave_message=leave_message), actions=())
    for event in (Answered(), *events):
        taken = step(script(name), taken.position, event)
    return taken


def said(actions: tuple[Action, ...]) -> str:
    return " ".join(action.prompt.text for action in actions if isinstance(action, Say))


def disposition(taken: Step) -> Disposition:
    return conclude(script(), taken.position, earlier_hang_ups=0).disposition


@pytest.mark.parametrize("event", [MACHINE_WORDS, MachineDetected()])
@pytest.mark.parametrize("before", [(), (spoken(Intent.YES),), (spoken(Intent.YES), spoken(Intent.NO))])
def test_a_machine_is_hung_up_on_where_no_message_is_wanted(event: Event, before: tuple[Event, ...]) -> None:
    taken = after(*before, event, leave_message=False)
    assert taken.actions == (HangUp(),)
    assert (taken.position.state, disposition(taken)) == ("voicemail", Disposition.VOICEMAIL)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("ending", [MachineDetected(), Silence(), GreetingTooLong()])
def test_the_message_follows_the_greeting(name: str, ending: Event) -> None:
    greeted = after(MACHINE_WORDS, name=name)
    assert [type(action) for action in greeted.actions] == [Listen]
    taken = step(script(name), greeted.position, ending)
    message, last = taken.actions
    assert isinstance(message, Say) and not message.barge_in and last == HangUp()
    assert "робот компании Пример" in message.prompt.text
    outcome = conclude(script(name), taken.position, earlier_hang_ups=0)
    assert (outcome.group, outcome.disposition) == (Group.NONE, Disposition.VOICEMAIL)
    assert (outcome.tags, outcome.actions, outcome.hangup_state) == ((), (), "")


def test_a_beep_alone_is_answered_with_the_message_at_once() -> None:
    taken = after(MachineDetected())
    assert "робот компании Пример" in said(taken.actions) and taken.actions[-1] == HangUp()
    assert step(script(), taken.position, MACHINE_WORDS).actions == ()


def test_the_greeting_is_heard_out_sentence_by_sentence() -> None:
    taken = after(MACHINE_WORDS, spoken(Intent.UNKNOWN), spoken(Intent.CALLBACK, Intent.VOICEMAIL), MACHINE_WORDS)
    assert said(taken.actions) == "" and taken.position.phase is Phase.HEARING_OUT
    (listening,) = taken.actions
    assert isinstance(listening, Listen)
    assert (listening.question.context, listening.patience_s) == ("greeting", 3.0)


def test_a_person_taken_for_a_machine_is_asked_again_once() -> None:
    again = after(MACHINE_WORDS, spoken(Intent.REPEAT))
    assert "удобно говорить" in said(again.actions) and "робот" in said(again.actions)
    assert (again.position.phase, again.position.state) == (Phase.TALKING, "greeting")
    accepted = step(script(), again.position, spoken(Intent.YES))
    assert accepted.position.state == "offer"
    heard_out = step(script(), accepted.position, MACHINE_WORDS)
    assert said(step(script(), heard_out.position, spoken(Intent.YES)).actions) == ""


def test_a_person_taken_for_a_machine_keeps_what_was_agreed() -> None:
    taken = after(spoken(Intent.YES), spoken(Intent.PRICE), MACHINE_WORDS, spoken(Intent.YES))
    assert (taken.position.state, taken.position.tags, taken.position.disposition) == (
        "better_offer",
        frozenset({"price"}),
        None,
    )


def test_a_machine_that_hangs_up_while_it_greets_is_a_machine() -> None:
    taken = after(spoken(Intent.YES), spoken(Intent.PRICE), MACHINE_WORDS)
    assert disposition(taken) is Disposition.VOICEMAIL
    outcome = conclude(script(), step(script(), taken.position, HungUp()).position, earlier_hang_ups=2)
    assert (outcome.group, outcome.disposition, outcome.tags) == (Group.NONE, Disposition.VOICEMAIL, ())
    assert outcome.hangup_state == ""


def test_a_machine_gets_no_goodbye_when_time_is_up() -> None:
    assert after(MACHINE_WORDS, TimeUp()).actions == (HangUp(),)
    assert after(*[MACHINE_WORDS] * MOST_STEPS).actions == (HangUp(),)


def test_a_stop_said_into_a_greeting_is_obeyed() -> None:
    assert disposition(after(MACHINE_WORDS, spoken(Intent.STOP))) is Disposition.STOP


_INTENTS = some.sampled_from([intent for intent in Intent if intent is not Intent.STOP])
_HEARD = some.one_of(
    _INTENTS.map(spoken), some.sampled_from([MACHINE_WORDS, Silence(), Finished(), MachineDetected(), TimeUp()])
)


@settings(max_examples=200, deadline=None)
@given(name=some.sampled_from(SCRIPTS), events=some.lists(_HEARD, max_size=12))
def test_nothing_is_said_while_a_machine_greets(name: str, events: list[Event]) -> None:
    position = after(name=name).position
    for event in events:
        taken = step(script(name), position, event)
        greeted, position = position.phase is Phase.HEARING_OUT, taken.position
        if greeted and position.phase is not Phase.TALKING:
            states = {action.prompt.key.rpartition(".")[2] for action in taken.actions if isinstance(action, Say)}
            assert states <= {"voicemail_message"}
            assert position.phase in (Phase.HEARING_OUT, Phase.CLOSING)
