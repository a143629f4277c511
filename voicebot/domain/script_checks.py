"""Everything that can be wrong with a whole script, found at once."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from voicebot.domain.errors import Problem
from voicebot.domain.intent import Intent, ListenKind
from voicebot.domain.outcome import Disposition
from voicebot.domain.script import CHARACTERS_PER_SECOND, Effects, Line, Place, Route, Script, State
from voicebot.domain.script_disclosure import check_disclosure
from voicebot.domain.script_variables import VARIABLES

LONGEST_PROMPT_S: Final = 12.0
"""People stop listening after it (DOMAIN.md, DESIGN.md)."""
INTERRUPTS: Final = (
    Intent.WHO,
    Intent.ROBOT,
    Intent.REPEAT,
    Intent.QUESTION,
    Intent.HUMAN,
    Intent.STOP,
    Intent.WRONG_PERSON,
    Intent.VOICEMAIL,
)
"""What a customer may say at any moment: every script has an answer (DESIGN.md, Scripts)."""


def check_script(script: Script, *, messages: set[str] | None = None) -> list[Problem]:
    """All problems of a script; `messages`: names of the message templates, None when unknown."""
    found = [
        *_entrances(script),
        *_targets(script),
        *_unreachable(script),
        *_endless(script),
        *_interrupts(script),
        *_messages_to_machines(script),
        *_answers(script),
        *_prompts(script),
        *check_disclosure(script),
    ]
    if messages is not None:
        found.extend(_messages(script, messages))
    return found


def spoken_seconds(line: Line) -> float:
    """How long a prompt takes with long values in its gaps, seconds."""
    values = {name: VARIABLES[name].longest if name in VARIABLES else name for name in line.variables}
    return len(line.render(values).text) / CHARACTERS_PER_SECOND


def _problem(place: Place, owner: str, message: str, repair: str) -> Problem:
    text = f"{owner}: {message}" if owner else message
    return Problem(source=place.source, where=str(place.line or ""), message=text, repair=repair)


def _meant(name: str, script: Script) -> str:
    close = get_close_matches(name, script.states, n=1, cutoff=0.6)
    return (
        f"did you mean '{close[0]}'?" if close else f"add it under `states:` or use one of {', '.join(script.states)}"
    )


def _entrances(script: Script) -> Iterator[Problem]:
    entrances = ((f"entrances: {entrance}", name) for entrance, name in script.entrances.items())
    for key, name in (("start", script.start), *entrances, ("time_up", script.time_up)):
        if name and name not in script.states:
            yield _problem(script.place, key, f"unknown state '{name}'", _meant(name, script))
    if script.time_up in script.states and not script.states[script.time_up].ends:
        place = script.states[script.time_up].place
        yield _problem(
            place, script.time_up, "ends a call that became too long, yet goes on", "let it say goodbye only"
        )


def _targets(script: Script) -> Iterator[Problem]:
    for state in script.states.values():
        for event, route in state.routes():
            for target in route.targets:
                if target not in script.states:
                    yield _problem(
                        state.place, state.name, f"{event}: unknown state '{target}'", _meant(target, script)
                    )
    for intent, route in script.interrupts.items():
        for target in route.targets:
            if target not in script.states:
                message = f"{intent}: unknown state '{target}'"
                yield _problem(script.place, "interrupts", message, _meant(target, script))


def _unreachable(script: Script) -> Iterator[Problem]:
    reachable = script.reachable()
    for state in script.states.values():
        if state.name not in reachable:
            yield _problem(state.place, state.name, "no answer leads here", "lead to it from a state, or delete it")


def _endless(script: Script) -> Iterator[Problem]:
    ending = {name for name, state in script.states.items() if state.ends}
    while True:
        more = {state.name for state in script.states.values() if state.name not in ending and _leads_to(state, ending)}
        if not more:
            break
        ending |= more
    for state in script.states.values():
        if state.name not in ending:
            repair = "lead it to a state that does not listen and has no `next:`"
            yield _problem(state.place, state.name, "the conversation never ends from here", repair)


def _leads_to(state: State, names: set[str]) -> bool:
    """Whether a customer who says nothing of use is led there in the end."""
    if not state.listens:
        return state.next in names
    retries = [retry for retry in (state.silence, state.unknown) if retry]
    return all(any(target in names for target in retry.then.targets) for retry in retries)


def _interrupts(script: Script) -> Iterator[Problem]:
    for intent in INTERRUPTS:
        if intent not in script.interrupts:
            repair = f"add `{intent}:` under `interrupts:` or include shared/interrupts.yaml"
            yield _problem(script.place, "interrupts", f"'{intent}' is missing", repair)
    for intent in (Intent.STOP, Intent.VOICEMAIL):
        route = script.interrupts.get(intent)
        if route and not route.to:
            repair = f"write `{intent}: <state>` under `interrupts:`"
            yield _problem(script.place, "interrupts", f"'{intent}' leads to no state", repair)
    stop = script.interrupts.get(Intent.STOP)
    if stop and stop.to in script.states and not script.states[stop.to].enter.stop:
        state = script.states[stop.to]
        yield _problem(state.place, state.name, "does not enter the stop-list", "add `stop: yes` under `enter:`")
    for state in script.states.values():
        if Intent.STOP in state.on:
            message = "'stop' means the same in every state"
            yield _problem(state.place, state.name, message, "delete it: `interrupts:` holds")


def _messages_to_machines(script: Script) -> Iterator[Problem]:
    for place, owner, intent, route in _all_routes(script):
        if route.leave_message and (owner, intent) != ("interrupts", Intent.VOICEMAIL):
            repair = "write `voicemail: {to: ..., leave_message: ...}` under `interrupts:`"
            yield _problem(place, owner, f"'leave_message' has no use on '{intent}'", repair)
    state = script.machine_message
    if state is None:
        return
    if not state.ends or state.enter != Effects(decide=Disposition.VOICEMAIL):
        repair = "let it speak and hang up, with nothing but `decide: voicemail` under `enter:`"
        yield _problem(state.place, state.name, "does more than leave a machine a message", repair)
    if not state.say.template:
        yield _problem(state.place, state.name, "leaves a machine an empty message", "add `say:`")
    if "promo_code" in state.say.variables:
        repair = "take {promo_code} out: others may hear it"
        yield _problem(state.place, state.name, "leaves a promo code with a machine", repair)


def _all_routes(script: Script) -> Iterator[tuple[Place, str, str, Route]]:
    yield from ((script.place, "interrupts", intent, route) for intent, route in script.interrupts.items())
    for state in script.states.values():
        yield from ((state.place, state.name, event, route) for event, route in state.routes())


def _answers(script: Script) -> Iterator[Problem]:
    for state in script.states.values():
        if state.listening.kind is ListenKind.YES_NO:
            for intent in (Intent.YES, Intent.NO):
                if intent not in state.on:
                    yield _problem(state.place, state.name, f"asks yes or no, yet '{intent}' leads nowhere", "add it")
        if state.enter.transfer and (not state.not_connected or state.listens):
            repair = "add `not_connected:` and do not listen here"
            yield _problem(state.place, state.name, "connects a manager, who may not answer", repair)
        if state.not_connected and not state.enter.transfer:
            yield _problem(state.place, state.name, "'not_connected' has no use here", "add `transfer:` under `enter:`")


def _prompts(script: Script) -> Iterator[Problem]:
    for state in script.states.values():
        for line in state.lines():
            yield from _prompt(line, state.place, state.name)
    for intent, route in script.interrupts.items():
        if route.say:
            yield from _prompt(route.say, script.place, f"interrupts: {intent}")


def _prompt(line: Line, place: Place, owner: str) -> Iterator[Problem]:
    for name in dict.fromkeys(line.variables):
        if name not in VARIABLES:
            close = get_close_matches(name, VARIABLES, n=1, cutoff=0.6)
            repair = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(VARIABLES)}"
            yield _problem(place, owner, f"nobody fills the variable '{name}'", repair)
    seconds = spoken_seconds(line)
    if seconds > LONGEST_PROMPT_S:
        message = f"takes about {seconds:.0f} s to say: «{line.template[:40]}...»"
        most = int(LONGEST_PROMPT_S * CHARACTERS_PER_SECOND)
        yield _problem(place, owner, message, f"say it in {LONGEST_PROMPT_S:.0f} s, some {most} characters")
    bare = line.render(dict.fromkeys(line.variables, "")).text
    if any(sign.isdigit() or sign in "{}%№₽" or ("a" <= sign.lower() <= "z") for sign in bare):
        yield _problem(
            place, owner, f"cannot be spoken as written: «{bare[:40]}»", "write numbers and signs as Russian words"
        )


def _messages(script: Script, known: set[str]) -> Iterator[Problem]:
    for state in script.states.values():
        effects = [state.enter, *(route.effects for _, route in state.routes())]
        for template in dict.fromkeys(effect.message for effect in effects if effect.message):
            if template not in known:
                message = f"no message template '{template}'"
                yield _problem(state.place, state.name, message, f"known: {', '.join(sorted(known))}")
