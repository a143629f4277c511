"""Problems of a document as its page says them: where to put the caret, in the reader's language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.domain.errors import Problem
from voicebot.entrypoints.web.desk.document_words import in_russian

_QUOTED: Final = re.compile(r"'([^']+)'")


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
    name = "" if here else f"{Path(problem.source).name}{f':{line}' if line else ''}"
    return Mark(
        line=line if shown else 0,
        column=_column(problem, lines[line - 1]) if shown else 0,
        file=name,
        text=message,
        repair=repair,
    )


def _column(problem: Problem, line: str) -> int:
    """Where the loader says, else at the word it quotes, else where the line's text begins."""
    if problem.column:
        return min(problem.column, len(line) + 1)
    for quoted in _QUOTED.findall(problem.message):
        if quoted in line:
            return line.index(quoted) + 1
    return len(line) - len(line.lstrip()) + 1
