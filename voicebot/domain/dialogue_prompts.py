"""Everything a script can say in one call."""

from collections.abc import Mapping

from voicebot.domain.prompt import Prompt
from voicebot.domain.script import Line, Script, State
from voicebot.domain.script_variables import VARIABLES


def all_prompts(script: Script, variables: Mapping[str, str]) -> tuple[Prompt, ...]:
    """Everything that can be said, likeliest first, so that it is ready before the call is answered.

    Prompts with words known only during the call (an agreed time) are left out.
    """
    lines = {line.key: line for line in all_lines(script) if not any(map(is_known_later, line.variables))}
    return tuple(line.render(variables) for line in lines.values())


def all_lines(script: Script) -> list[Line]:
    """The lines of its states in the order in which a call may come to them, then those of its interrupts."""
    waiting, seen = [script.start], dict[str, State]()
    while waiting:
        name = waiting.pop(0)
        if name not in seen and name in script.states:
            seen[name] = script.states[name]
            waiting.extend(target for _, route in seen[name].routes() for target in route.targets)
    states = {**seen, **script.states}
    lines = [line for state in states.values() for line in state.lines() if line.template]
    return [*lines, *(route.say for route in script.interrupts.values() if route.say)]


def is_known_later(variable: str) -> bool:
    """Whether only the call itself fills it."""
    return variable in VARIABLES and VARIABLES[variable].during_call
