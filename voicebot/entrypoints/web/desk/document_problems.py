"""Problems of a document as its page says them: where to put the caret, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from voicebot.application.desk.document_places import Placed, place
from voicebot.domain.errors import Problem
from voicebot.entrypoints.web.desk.document_words import in_russian


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
    return tuple(_mark(one, language) for one in place(problems, source, text))


def _mark(one: Placed, language: str) -> Mark:
    message, repair = one.problem.message, one.problem.repair
    if language == "ru":
        message, repair = in_russian(message), in_russian(repair)
    if one.file:
        file = f"{one.file}:{one.line}" if one.line else one.file
        return Mark(line=0, column=0, file=file, text=message, repair=repair)
    return Mark(line=one.line, column=one.column, file="", text=message, repair=repair)
