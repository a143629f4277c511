"""Problems of a document as its page says them: where to put the caret, in the reader's language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.domain.errors import Problem
from voicebot.entrypoints.web.desk.document_words import in_russian

_QUOTED: Final = re.compile(r"'([^']+)'")
_BELOW: Final = 40
"""Lines below its name that belong to a state, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One problem."""

    line: int
    """In the text shown; 0 when it is about the whole, or about another file."""
    column: int
    """Counting from 1; 0 without a line."""
    file: str
    """Name of the other file it is in; empty for this one."""
    text: str
    repair: str


def marks(problems: Iterable[Problem], source: str, text: str, *, language: str) -> tuple[Mark, ...]:
    """`source`: what problems call the text that is shown."""
    lines = text.splitlines()
    return tuple(_mark(problem, problem.source == source, lines, language) for problem in problems)


def _mark(problem: Problem, here: bool, lines: Sequence[str], language: str) -> Mark:
    line = int(problem.where) if problem.where.isdigit() else 0
    shown = here and 0 < line <= len(lines)
    message, repair = problem.message, problem.repair
    if language == "ru":
        message, repair = in_russian(message), in_russian(repair)
    place = _place(problem, line, lines) if shown else (0, 0)
    name = "" if here else f"{Path(problem.source).name}{f':{line}' if line else ''}"
    return Mark(line=place[0], column=place[1], file=name, text=message, repair=repair)


def _place(problem: Problem, line: int, lines: Sequence[str]) -> tuple[int, int]:
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
