"""Where in a text each problem of a document is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.domain.errors import Problem

_QUOTED: Final = re.compile(r"'([^']+)'")
_BELOW: Final = 40
"""Lines below its name that belong to a state, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """One problem with its place."""

    problem: Problem
    file: str
    """Name of the other file it is in; empty for the text that was looked at."""
    line: int
    """Counting from 1; 0 when it is about the whole."""
    column: int
    """Counting from 1; 0 where it is not known."""


def place(problems: Iterable[Problem], source: str, text: str) -> tuple[Placed, ...]:
    """`source`: what problems call the text."""
    lines = text.splitlines()
    return tuple(_placed(one, source, lines) for one in problems)


def _placed(problem: Problem, source: str, lines: Sequence[str]) -> Placed:
    line = int(problem.where) if problem.where.isdigit() else 0
    if problem.source != source:
        return Placed(problem=problem, file=Path(problem.source).name, line=line, column=problem.column or 0)
    if not 0 < line <= len(lines):
        return Placed(problem=problem, file="", line=0, column=0)
    line, column = _found(problem, line, lines)
    return Placed(problem=problem, file="", line=line, column=column)


def _found(problem: Problem, line: int, lines: Sequence[str]) -> tuple[int, int]:
    """Line and column: where the loader says, else at the word it quotes, in that line or soon below.

    What is wrong with a state is told with the line of the state's name.
    """
    text = lines[line - 1]
    if problem.column:
        return line, min(problem.column, len(text) + 1)
    for quoted in _QUOTED.findall(problem.message):
        word = re.compile(rf"(?<![\w-]){re.escape(quoted)}(?![\w-])")
        for at in range(line, min(line + _BELOW, len(lines) + 1)):
            found = word.search(lines[at - 1])
            if found:
                return at, found.start() + 1
    return line, len(text) - len(text.lstrip()) + 1
