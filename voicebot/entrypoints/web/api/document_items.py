"""Scripts, phrase books and dialplans, as the API tells of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from voicebot.application.desk.document_places import place
from voicebot.application.desk.documents import Opened
from voicebot.application.json_input import problem
from voicebot.application.ports.documents import DocumentReader, VersionLine
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion
from voicebot.domain.errors import BadInput, Problem
from voicebot.entrypoints.web.api.routes import Asked, etag_of
from voicebot.entrypoints.web.api.schema import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedDocument:
    """The name of a document."""

    name: Annotated[str, Text(most=64, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentAddress(NamedDocument):
    """One document."""

    kind: DocumentKind


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentItem:
    """One document as it is in force."""

    kind: DocumentKind
    name: str
    version: Annotated[int, "0: it comes from its file."]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentListing:
    """Every document there is."""

    items: tuple[DocumentItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentText:
    """One document with its text."""

    kind: DocumentKind
    name: str
    version: int
    text: Annotated[str, "YAML; secrets of trunks are named in it, never written."]


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionItem:
    """One version that was saved at the desk or by a program."""

    version: int
    author: str
    note: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionPage:
    """Versions, the newest first."""

    items: tuple[VersionItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentProblem:
    """One thing wrong with a text."""

    file: Annotated[str, "Name of the other file it is in; empty: the text that was sent."]
    line: Annotated[int | None, "Counting from 1; null: it is about the whole."]
    column: Annotated[int | None, "Counting from 1."]
    message: str
    repair: Annotated[str, "What to do about it; may be empty."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedText:
    """What a check has found; nothing was saved."""

    right: Annotated[bool, "It could be saved."]
    problems: tuple[DocumentProblem, ...]


def document_of(asked: Asked) -> DocumentId:
    """The one the address names."""
    named = asked.of(DocumentAddress)
    return DocumentId(kind=named.kind, name=named.name)


def etag_of_text(document: DocumentId, number: int, text: str) -> str:
    """Of one version; files may change without a new number."""
    return etag_of("document", document, number, text)


def etag_of_version(version: NewVersion) -> str:
    """Of a saved one."""
    return etag_of_text(version.document, version.number, version.text)


def etag_of_opened(opened: Opened) -> str:
    """Of what is in force."""
    return etag_of_text(opened.document, opened.number, opened.text)


def version_item(line: VersionLine) -> VersionItem:
    """One of a history."""
    return VersionItem(version=line.number, author=line.author, note=line.note, at=line.at)


def found_problems(
    reader: DocumentReader, document: DocumentId, problems: Iterable[Problem], text: str
) -> tuple[DocumentProblem, ...]:
    """With line and column."""
    return tuple(
        DocumentProblem(
            file=one.file,
            line=one.line or None,
            column=one.column or None,
            message=one.problem.message,
            repair=one.problem.repair,
        )
        for one in place(problems, reader.source_of(document), text)
    )


def refusal(reader: DocumentReader, document: DocumentId, problems: Iterable[Problem], text: str) -> BadInput:
    """The problems of a text as those of a request: `text:12:5`, or `interrupts.yaml:3` where it breaks another one."""
    return BadInput(
        problem(":".join(str(part) for part in (one.file or "text", one.line, one.column) if part), *_said(one))
        for one in found_problems(reader, document, problems, text)
    )


def _said(one: DocumentProblem) -> tuple[str, str]:
    return one.message, one.repair
