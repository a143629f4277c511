"""`${NAME}` in YAML files, filled from the environment."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from voicebot.domain.errors import Problem

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OUR_SECRETS: Final = frozenset(
    f"VOICEBOT_{name}"
    for name in (
        *("DATABASE_URL", "WEB_SECRET", "API_TOKEN", "WEBHOOK_SECRET", "CRM_SECRET"),
        *("SMTP_PASSWORD", "SMPP_PASSWORD", "EXOLVE_KEY"),
    )
)
"""Never filled in: whoever may write a file, at the desk or over the API, would read them out of what becomes of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FilledVariables:
    """What filling a file has found."""

    problems: tuple[Problem, ...]
    """A missing or misnamed variable each."""
    lines: frozenset[int]
    """Lines that hold a value from the environment."""


def fill_variables(root: yaml.Node, source: str, environment: Mapping[str, str]) -> FilledVariables:
    """Put the environment's values into the scalars below `root`, in place; the values appear in no message."""
    problems: list[Problem] = []
    lines: set[int] = set()
    for node in _scalars(root):
        line = node.start_mark.line + 1
        names = _VARIABLE.findall(node.value)
        wrong = [_wrong(name, environment, source, line) for name in names]
        problems.extend(problem for problem in wrong if problem)
        if names:
            lines.add(line)
            node.value = _VARIABLE.sub(lambda found: _value(found[1], environment), node.value)
    return FilledVariables(problems=tuple(problems), lines=frozenset(lines))


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _scalars(value)


def _value(name: str, environment: Mapping[str, str]) -> str:
    return "" if name in OUR_SECRETS else environment.get(name, "")


def _wrong(name: str, environment: Mapping[str, str], source: str, line: int) -> Problem | None:
    if not _NAME.fullmatch(name):
        return Problem(
            source=source,
            where=str(line),
            message=f"'${{{name}}}' names no variable",
            repair="write ${NAME} with letters, digits and _",
        )
    if name in OUR_SECRETS:
        return Problem(
            source=source,
            where=str(line),
            message=f"the environment variable {name} is a secret of the program",
            repair="give trunks variables of their own",
        )
    if not environment.get(name):
        return Problem(
            source=source,
            where=str(line),
            message=f"the environment variable {name} is not set",
            repair=f"export {name}=... before starting",
        )
    return None
