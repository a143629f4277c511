"""The conversation: one pure step per event."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from voicebot.domain.dialogue_actions import Action, HangUp, Listen, Say, Transfer
from voicebot.domain.dialogue_effects import apply, transferred
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
from voicebot.domain.dialogue_machine import is_person, until_greeting_ends
from voicebot.domain.dialogue_outcome import MACHINE, conclude
from voicebot.domain.dialogue_position import Phase, Position, Step
from voicebot.domain.dialogue_prompts import all_lines, all_prompts, is_known_later
from voicebot.domain.intent import Intent, ListenKind, Question, Understanding
from voicebot.domain.outcome import Disposition
from voicebot.domain.script import Effects, Line, Retry, Route, Script, State

__all__ = ["Phase", "Position", "Step", "all_prompts", "conclude", "start", "step"]

MOST_INTERRUPTIONS: Final = 4
"""Questions of the customer answered in one state; a further one counts as an answer not understood."""
MOST_STEPS: Final = 60
"""Events after which the bot says goodbye, whatever the script: no conversation runs in circles for ever."""
_TAGS: Final = {
    Intent.PRICE: "price",
    Intent.SERVICE: "service",
    Intent.NO_NEED: "no_need",
    Intent.COMPETITOR: "competitor",
}
_TAGGING: Final = {*_TAGS, Intent.YES, Intent.NO, Intent.CALLBACK, Intent.HUMAN, Intent.GOODBYE}
"""Intents whose company counts: «не звоните, дорого всё у вас» is a stop and nothing else."""
_REASONED: Final = (Disposition.DECLINED, Disposition.COMPLAINT)
_UNSPOKEN_TIME: Final = "в удобное для вас время"


def start(script: Script, variables: Mapping[str, str], *, now: datetime, leave_message: bool = False) -> Position:
    """A conversation about to begin; the first event is `Answered`.

    `now` is aware, in the customer's zone. `leave_message`: an answering machine is left the script's message, if it
    has one, instead of being hung up on. Raises ValueError naming every variable the script needs and nobody gave.
    """
    needed = {name for line in all_lines(script) for name in line.variables if not is_known_later(name)}
    missing = sorted(needed - set(variables))
    if missing:
        raise ValueError(f"script '{script.name}' needs variables nobody filled: {', '.join(missing)}")
    words = {"callback_time": _UNSPOKEN_TIME, **variables}
    return Position(state=script.start, variables=words, now=now, leave_message=leave_message)


def step(script: Script, position: Position, event: Event) -> Step:
    """What `event` leads to; total: any event at any position of a checked script has a result."""
    if position.phase is Phase.ENDED:
        return Step(position=position, actions=())
    position = replace(position, steps=position.steps + 1)
    if isinstance(event, HungUp):
        return _hung_up(position)
    if isinstance(event, Spoken) and _means_stop(event.understanding):
        return _stop(script, position, event.understanding)
    if position.phase is Phase.CLOSING:
        return Step(position=position, actions=_closing(event))
    over = isinstance(event, TimeUp) or position.steps > MOST_STEPS
    if position.phase is Phase.HEARING_OUT:
        return _hearing_out(script, position, event, over=over)
    if over:
        return _enter(script, position, script.time_up)
    if isinstance(event, MachineDetected):
        return _leave_message(script, position)
    if position.phase is Phase.CONNECTING:
        return _connecting(script, position, event)
    return _talking(script, position, event)


def _hung_up(position: Position) -> Step:
    if position.phase is Phase.HEARING_OUT:
        position = apply(position, MACHINE)
    ended = replace(position, phase=Phase.ENDED, hung_up=True, hangup_state=position.state)
    return Step(position=ended, actions=())


def _means_stop(understanding: Understanding) -> bool:
    """A stop beside other words is a stop; «сейчас не звоните, завтра» alone is a time."""
    if understanding.intent is Intent.CALLBACK:
        return False
    return Intent.STOP in (understanding.intent, *understanding.also)


def _stop(script: Script, position: Position, understanding: Understanding) -> Step:
    if position.disposition is Disposition.STOP:
        return Step(position=position, actions=(HangUp(),) if position.phase is Phase.CLOSING else ())
    heard = replace(position, spoke=True, words=understanding.text)
    return _take(script, heard, script.interrupts[Intent.STOP])


def _closing(event: Event) -> tuple[Action, ...]:
    return (HangUp(),) if isinstance(event, Finished | TimeUp) else ()


def _connecting(script: Script, position: Position, event: Event) -> Step:
    if not isinstance(event, TransferEnded):
        return Step(position=position, actions=())
    position = transferred(position, connected=event.connected)
    if event.connected:
        return Step(position=replace(position, phase=Phase.ENDED), actions=())
    return _enter(script, position, script.states[position.state].not_connected or script.time_up)


def _talking(script: Script, position: Position, event: Event) -> Step:
    state = script.states[position.state]
    match event:
        case Answered() if position.phase is Phase.WAITING:
            return _enter(script, position, script.start)
        case Spoken(understanding=understanding) if position.phase is Phase.TALKING and state.listens:
            if not understanding.text.strip():
                return _silent(script, position, state)
            return _spoken(script, position, state, understanding)
        case Silence() if position.phase is Phase.TALKING and state.listens:
            return _silent(script, position, state)
        case Finished() if position.phase is Phase.TALKING and state.next:
            return _enter(script, position, state.next)
    return Step(position=position, actions=())


def _spoken(script: Script, position: Position, state: State, understanding: Understanding) -> Step:
    position = _heard(position, understanding)
    route, interrupts = state.on.get(understanding.intent), False
    if route is None and understanding.intent in script.interrupts:
        route, interrupts = script.interrupts[understanding.intent], True
    if route and not interrupts and state.is_open:
        position = _answered(position, understanding)
    if route and interrupts and route.leave_message and position.leave_message:
        return _hear_out(replace(position, phase=Phase.HEARING_OUT), state)
    if route is None or not _leads(route, understanding):
        return _missed(script, position, state, understanding)
    if route.targets:
        return _take(script, position, route, understanding)
    if position.interruptions >= MOST_INTERRUPTIONS:
        return _missed(script, position, state, understanding)
    return _take(script, replace(position, interruptions=position.interruptions + 1), route)


def _leave_message(script: Script, position: Position) -> Step:
    """A machine listens: leave the message, if there is to be one, and hang up."""
    route = script.interrupts[Intent.VOICEMAIL]
    if route.leave_message and position.leave_message:
        route = replace(route, to=route.leave_message)
    return _take(script, position, route)


def _hear_out(position: Position, state: State) -> Step:
    """Say nothing until the machine beeps or has come to its end; it may be a person after all."""
    return Step(position=position, actions=(until_greeting_ends(_listen(state)),))


def _hearing_out(script: Script, position: Position, event: Event, *, over: bool) -> Step:
    state = script.states[position.state]
    if over:  # no goodbye to a machine
        return _take(script, position, script.interrupts[Intent.VOICEMAIL])
    match event:
        case Spoken(understanding=understanding):
            if position.mistaken or not is_person(understanding):
                return _hear_out(position, state)
            talking = replace(position, phase=Phase.TALKING, mistaken=True, spoke=True, words=understanding.text)
            return _take(script, talking, Route(repeat=True))
        case MachineDetected() | Silence() | GreetingTooLong():
            return _leave_message(script, position)
    return Step(position=position, actions=())


def _heard(position: Position, understanding: Understanding) -> Position:
    intents = {understanding.intent, *understanding.also} if understanding.intent in _TAGGING else set[Intent]()
    value, unmatched = understanding.value, position.unmatched
    if understanding.intent is Intent.UNKNOWN:
        unmatched = (*unmatched, understanding.text)
    return replace(
        position,
        spoke=True,
        words=understanding.text,
        unmatched=unmatched,
        tags=position.tags | {_TAGS[intent] for intent in intents if _is_reason(intent, position)},
        callback_at=value if isinstance(value, datetime) else position.callback_at,
    )


def _is_reason(intent: Intent, position: Position) -> bool:
    """Whether it is tagged; «ничего не нужно» to «what can we do for you?» gives no reason."""
    return intent in _TAGS and (intent is not Intent.NO_NEED or position.disposition not in _REASONED)


def _answered(position: Position, understanding: Understanding) -> Position:
    """Keep a free answer; a bare refusal is none."""
    if understanding.intent in (Intent.NO, Intent.GOODBYE):
        return position
    return replace(position, answers=(*position.answers, (position.state, understanding.text)))


def _leads(route: Route, understanding: Understanding) -> bool:
    """Whether the route goes somewhere with this answer: one that needs a value goes nowhere without it."""
    return not route.with_value or bool(route.to) or _has_value(understanding)


def _has_value(understanding: Understanding) -> bool:
    expected = datetime if understanding.intent is Intent.CALLBACK else int
    return isinstance(understanding.value, expected)


def _missed(script: Script, position: Position, state: State, understanding: Understanding) -> Step:
    retry = state.unknown
    if state.is_open and retry:
        position = _answered(position, understanding)
        if understanding.intent is Intent.UNKNOWN and position.disposition is not Disposition.COMPLAINT:
            position = apply(position, Effects(review=True))  # a complaint reaches a manager anyway
        return _take(script, position, retry.then, understanding)
    position = replace(position, misses=position.misses + 1)
    return _again(script, position, state, retry, position.misses)


def _silent(script: Script, position: Position, state: State) -> Step:
    position = replace(position, silences=position.silences + 1)
    return _again(script, position, state, state.silence, position.silences)


def _again(script: Script, position: Position, state: State, retry: Retry | None, count: int) -> Step:
    if retry is None:
        return _enter(script, position, script.time_up)
    if count > len(retry.lines):
        return _take(script, position, retry.then)
    return Step(position=position, actions=(_say(position, retry.lines[count - 1], state), _listen(state)))


def _take(script: Script, position: Position, route: Route, understanding: Understanding | None = None) -> Step:
    state = script.states[position.state]
    position = apply(position, route.effects)
    if understanding and understanding.intent is Intent.NUMBER and state.listening.kind is ListenKind.NUMBER:
        position = replace(position, nps=understanding.value if isinstance(understanding.value, int) else None)
    said = (_say(position, route.say, state),) if route.say else ()
    target = route.with_value if route.with_value and understanding and _has_value(understanding) else route.to
    if target in position.visited and route.if_visited:
        target = route.if_visited
    if target:
        entered = _enter(script, position, target)
        return Step(position=entered.position, actions=said + entered.actions)
    return Step(position=position, actions=(*said, *_question(position, state, whole=route.repeat), _listen(state)))


def _question(position: Position, state: State, *, whole: bool) -> tuple[Action, ...]:
    """The question once more: all of it for who did not hear, in short after an interruption."""
    if not whole:
        return (_say(position, state.again or state.say, state),)
    notice = (_say(position, state.notice, state),) if state.notice else ()
    return (*notice, _say(position, state.say, state))


def _enter(script: Script, position: Position, name: str) -> Step:
    state = script.states[name]
    visited = position.visited if name in position.visited else (*position.visited, name)
    position = replace(position, state=name, visited=visited, silences=0, misses=0, interruptions=0)
    position = apply(position, state.enter)
    phase, last = Phase.TALKING, tuple[Action, ...]()
    if state.enter.transfer:
        phase, last = Phase.CONNECTING, (Transfer(summary=state.enter.transfer.render(position.variables)),)
    elif state.listens:
        last = (_listen(state),)
    elif not state.next:
        phase, last = Phase.CLOSING, (HangUp(),)
    position = replace(position, phase=phase)
    notice = (Say(prompt=state.notice.render(position.variables), barge_in=False),) if state.notice else ()
    said = (_say(position, state.say, state),) if state.say.template else ()
    return Step(position=position, actions=(*notice, *said, *last))


def _say(position: Position, line: Line, state: State) -> Say:
    return Say(prompt=line.render(position.variables), barge_in=state.listening.barge_in)


def _listen(state: State) -> Listen:
    listening = state.listening
    return Listen(
        kind=listening.kind,
        question=Question(context=state.context, kind=listening.kind),
        end_silence_ms=listening.end_silence_ms,
        longest_speech_s=listening.longest_speech_s,
        patience_s=listening.patience_s,
    )
