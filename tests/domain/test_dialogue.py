"""The dialogue holds under any sequence of events."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.scenarios.sample import NOW, VARIABLES
from voicebot.adapters.yaml_scripts import load_script
from voicebot.config import PROJECT
from voicebot.domain.dialogue import MOST_STEPS, Phase, Position, Step, all_prompts, conclude, start, step
from voicebot.domain.dialogue_actions import HangUp, Listen, Say, Transfer
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
    TransferEnded,
)
from voicebot.domain.intent import Intent, ListenKind, Understanding
from voicebot.domain.outcome import ActionKind, Disposition, Group
from voicebot.domain.script import Script

SCRIPTS = ("winback", "reminder", "quality")


@lru_cache
def script(name: str = "winback") -> Script:
    return load_script(PROJECT / "scripts" / f"{name}.yaml")


def spoken(intent: Intent, text: str = "слова", value: int | datetime | None = None) -> Spoken:
    return Spoken(understanding=Understanding(text=text, intent=intent, value=value, score=0.9))


def after(*events: Event, name: str = "winback") -> Step:
    taken = Step(position=start(script(name), VARIABLES, now=NOW), actions=())
    for event in (Answered(), *events):
        taken = step(script(name), taken.position, event)
    return taken


_VALUES = some.one_of(
    some.none(), some.integers(0, 10), some.integers(1, 9).map(lambda days: NOW + timedelta(days=days))
)
_UNDERSTANDINGS = some.builds(
    Understanding,
    text=some.sampled_from(["", "да", "непонятные слова"]),
    intent=some.sampled_from(Intent),
    value=_VALUES,
    score=some.floats(0, 1),
    also=some.lists(some.sampled_from(Intent), max_size=2).map(tuple),
)
_QUIET = some.sampled_from([Answered(), Silence(), Finished(), MachineDetected(), GreetingTooLong(), TimeUp()])
_EVENTS = some.one_of(
    some.builds(Spoken, understanding=_UNDERSTANDINGS),
    some.builds(Spoken, understanding=_UNDERSTANDINGS),
    some.builds(TransferEnded, connected=some.booleans()),
    _QUIET,
)


@settings(max_examples=300, deadline=None)
@given(
    name=some.sampled_from(SCRIPTS),
    events=some.lists(_EVENTS, max_size=25),
    hang_up_at=some.integers(0, 60),
    leave_message=some.booleans(),
)
def test_any_events_lead_to_an_end(name: str, events: list[Event], hang_up_at: int, leave_message: bool) -> None:
    position, hung_up = start(script(name), VARIABLES, now=NOW, leave_message=leave_message), False
    position = step(script(name), position, Answered()).position
    rest: list[Event] = [Silence(), TransferEnded(connected=False), Finished()] * MOST_STEPS
    for number, event in enumerate([*events, *rest]):
        taken = step(script(name), position, HungUp() if number == hang_up_at else event)
        position = taken.position
        hung_up = hung_up or HangUp() in taken.actions
        if hung_up or position.phase is Phase.ENDED:
            break
    assert hung_up or position.phase is Phase.ENDED
    outcome = conclude(script(name), position, earlier_hang_ups=0)
    kinds = [action.kind for action in outcome.actions]
    assert len(kinds) == len(set(kinds))
    if outcome.disposition is Disposition.STOP:
        assert set(kinds) <= {ActionKind.STOP, ActionKind.TRANSFER, ActionKind.REVIEW}
    if outcome.disposition is Disposition.ACCEPTED:
        assert {ActionKind.PROMO, ActionKind.SMS} <= set(kinds)
    else:
        assert not {ActionKind.PROMO, ActionKind.SMS} & set(kinds)
    if outcome.disposition in (Disposition.VOICEMAIL, Disposition.SILENT):
        assert not outcome.tags or outcome.disposition is Disposition.SILENT
        assert not kinds or outcome.disposition is Disposition.SILENT


@settings(max_examples=200, deadline=None)
@given(name=some.sampled_from(SCRIPTS), events=some.lists(_EVENTS, max_size=12), leave_message=some.booleans())
def test_stop_is_obeyed_wherever_it_is_said(name: str, events: list[Event], leave_message: bool) -> None:
    begun = start(script(name), VARIABLES, now=NOW, leave_message=leave_message)
    position = step(script(name), begun, Answered()).position
    for event in events:
        position = step(script(name), position, event).position
    if position.phase is Phase.ENDED:
        return
    taken = step(script(name), position, spoken(Intent.STOP, "больше не звоните"))
    outcome = conclude(script(name), taken.position, earlier_hang_ups=0)
    assert (outcome.group, outcome.disposition) == (Group.NEGATIVE, Disposition.STOP)
    assert ActionKind.STOP in [action.kind for action in outcome.actions]
    assert HangUp() in taken.actions


@settings(max_examples=50, deadline=None)
@given(events=some.lists(_EVENTS, max_size=12))
def test_position_can_be_written_down_at_any_moment(events: list[Event]) -> None:
    position = after(*events).position
    written = json.dumps(
        asdict(position), default=lambda value: sorted(value) if isinstance(value, frozenset) else str(value)
    )
    assert json.loads(written)["state"] == position.state


def test_start_names_every_variable_nobody_filled() -> None:
    with pytest.raises(ValueError, match="better_days, company"):
        start(
            script(), {key: words for key, words in VARIABLES.items() if key not in ("company", "better_days")}, now=NOW
        )


def test_notice_cannot_be_talked_over_but_the_question_can() -> None:
    notice, question, listen = after().actions
    assert isinstance(notice, Say) and not notice.barge_in and "робот" in notice.prompt.text
    assert isinstance(question, Say) and question.barge_in
    assert isinstance(listen, Listen) and listen.kind is ListenKind.YES_NO and listen.question.context == "greeting"


def test_reprompts_become_shorter() -> None:
    lengths = []
    taken = after()
    for _ in range(2):
        taken = step(script(), taken.position, Silence())
        lengths.append(len(taken.actions[0].prompt.text) if isinstance(taken.actions[0], Say) else 0)
    assert lengths[0] > lengths[1] > 0


def test_question_is_repeated_in_short_after_an_interruption() -> None:
    taken = after(spoken(Intent.YES), spoken(Intent.WHO))
    texts = [action.prompt.text for action in taken.actions if isinstance(action, Say)]
    assert texts == ["Это компания Пример. Звоним нашим покупателям.", "Вам интересна скидка?"]
    assert isinstance(taken.actions[-1], Listen)
    assert taken.position.state == "offer"


def test_repeat_says_the_whole_prompt_again() -> None:
    first = after(spoken(Intent.YES)).actions[0]
    again = after(spoken(Intent.YES), spoken(Intent.REPEAT)).actions[0]
    assert isinstance(first, Say) and isinstance(again, Say) and first.prompt == again.prompt


def test_empty_words_are_silence() -> None:
    assert after(spoken(Intent.UNKNOWN, " ")).position.silences == 1


def test_manager_is_whispered_who_is_coming() -> None:
    transfer = after(spoken(Intent.HUMAN)).actions[-1]
    assert isinstance(transfer, Transfer)
    assert transfer.summary.text == "Анна Сергеевна Соколова. Клиент просит менеджера."


def test_words_during_a_transfer_change_nothing_but_a_stop_does() -> None:
    connecting = after(spoken(Intent.HUMAN)).position
    assert step(script(), connecting, spoken(Intent.YES)).actions == ()
    stopped = step(script(), connecting, spoken(Intent.STOP))
    assert conclude(script(), stopped.position, earlier_hang_ups=0).disposition is Disposition.STOP


def test_whether_an_offer_was_made_before_the_hang_up_is_remembered() -> None:
    early = conclude(script(), after(HungUp()).position, earlier_hang_ups=0)
    late = conclude(script(), after(spoken(Intent.YES), HungUp()).position, earlier_hang_ups=0)
    assert (early.disposition, early.offer_heard) == (Disposition.HUNG_UP, False)
    assert (late.disposition, late.offer_heard) == (Disposition.HUNG_UP, True)
    machine = conclude(script(), after(spoken(Intent.YES), MachineDetected()).position, earlier_hang_ups=0)
    assert machine.disposition is not Disposition.VOICEMAIL or not machine.offer_heard


def test_hanging_up_with_the_manager_is_no_hang_up_on_the_bot() -> None:
    talked = after(spoken(Intent.HUMAN), TransferEnded(connected=True), HungUp())
    outcome = conclude(script(), talked.position, earlier_hang_ups=3)
    assert (outcome.hangup_state, outcome.tags, outcome.group) == ("", (), Group.NEUTRAL)


def test_escalation_tells_the_manager_what_was_said() -> None:
    position = after(
        spoken(Intent.YES), spoken(Intent.SERVICE, "я недоволен"), spoken(Intent.UNKNOWN, "привезли брак"), HungUp()
    ).position
    (escalation,) = conclude(script(), position, earlier_hang_ups=0).actions
    assert (escalation.urgent, escalation.reason) == (True, "я недоволен; привезли брак")


def test_every_prompt_is_known_before_the_call_but_the_agreed_time() -> None:
    keys = [prompt.key for prompt in all_prompts(script(), VARIABLES)]
    assert keys[:2] == ["winback.greeting.notice", "winback.greeting"]
    assert len(keys) == len(set(keys))
    assert "interrupts.callback_agreed" not in keys
    assert "interrupts.connecting.whisper" in keys
    assert all(prompt.text and "{" not in prompt.text for prompt in all_prompts(script(), VARIABLES))


@settings(max_examples=100, deadline=None)
@given(name=some.sampled_from(SCRIPTS), events=some.lists(_EVENTS, max_size=12), leave_message=some.booleans())
def test_nothing_is_said_that_was_not_prepared(name: str, events: list[Event], leave_message: bool) -> None:
    prepared = set(all_prompts(script(name), VARIABLES))
    position: Position = start(script(name), VARIABLES, now=NOW, leave_message=leave_message)
    for event in (Answered(), *events):
        taken = step(script(name), position, event)
        position = taken.position
        said = {action.prompt for action in taken.actions if isinstance(action, Say)}
        assert {prompt for prompt in said if prompt.key != "interrupts.callback_agreed"} <= prepared
