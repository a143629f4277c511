"""Scripts, phrase books and dialplans, to be read."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from voicebot.application.desk.documents import open_document, text_of_version, texts_in_force
from voicebot.application.ports.documents import VersionLine
from voicebot.bootstrap import build_reader
from voicebot.domain.api_token import Scope
from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.domain.errors import NotFound
from voicebot.entrypoints.web.api.paging import Paged, number, pack, unpack
from voicebot.entrypoints.web.api.routes import Asked, Reply, get
from voicebot.entrypoints.web.api.schema import Range, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentAddress:
    """One document."""

    kind: DocumentKind
    name: Annotated[str, Text(most=64, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionAsked:
    """Which version of it."""

    version: Annotated[int | None, Range(least=0), "0: the file; without it the one in force."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentsAsked:
    """Which documents."""

    kind: DocumentKind | None = None


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
    """One version that was saved at the desk."""

    version: int
    author: str
    note: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionPage:
    """Versions, the newest first."""

    items: tuple[VersionItem, ...]
    next: str | None


async def list_documents(asked: Asked) -> Reply:
    """All of them; they are few."""
    wanted = asked.of(DocumentsAsked).kind
    async with asked.open_unit() as unit:
        saved = await texts_in_force(unit)
        numbers = {one.document: one.number for one in await unit.documents.in_force()}
    known = await asyncio.to_thread(build_reader(asked.api.settings).known, saved)
    items = tuple(
        DocumentItem(kind=one.kind, name=one.name, version=numbers.get(one, 0))
        for one in sorted(known)
        if wanted in (None, one.kind)
    )
    return Reply(body=DocumentListing(items=items))


async def get_document(asked: Asked) -> Reply:
    """Its text."""
    document, wanted = _document(asked), asked.of(VersionAsked).version
    reader = build_reader(asked.api.settings)
    if wanted is None:
        async with asked.open_unit() as unit:
            opened = await open_document(unit, reader, document)
        text: str | None = opened.text
        wanted = opened.number
    else:
        text = await text_of_version(asked.open_unit, reader, document, wanted)
    if text is None:
        raise NotFound("no such version")
    return Reply(body=DocumentText(kind=document.kind, name=document.name, version=wanted, text=text))


async def list_versions(asked: Asked) -> Reply:
    """What was saved."""
    wanted = asked.of(Paged)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.documents.history(
            _document(asked), before=place[0] if place else None, limit=wanted.limit + 1
        )
    lines = found[: wanted.limit]
    more = pack(lines[-1].number) if len(found) > wanted.limit else None
    return Reply(body=VersionPage(items=tuple(map(_version, lines)), next=more))


def _document(asked: Asked) -> DocumentId:
    named = asked.of(DocumentAddress)
    return DocumentId(kind=named.kind, name=named.name)


def _version(line: VersionLine) -> VersionItem:
    return VersionItem(version=line.number, author=line.author, note=line.note, at=line.at)


_ONE: Final = "/api/v1/documents/{kind}/{name}"
_TAG: Final = "Scripts and dialplans"
ROUTES: Final = (
    get(
        "/api/v1/documents",
        list_documents,
        Scope.SCRIPTS_READ,
        name="listDocuments",
        summary="Scripts, shared states, phrase books and dialplans",
        tag=_TAG,
        query=DocumentsAsked,
        answer=DocumentListing,
    ),
    get(
        _ONE,
        get_document,
        Scope.SCRIPTS_READ,
        name="getDocument",
        summary="One of them, as it is in force or as it was",
        tag=_TAG,
        address=DocumentAddress,
        query=VersionAsked,
        answer=DocumentText,
    ),
    get(
        f"{_ONE}/versions",
        list_versions,
        Scope.SCRIPTS_READ,
        name="listVersions",
        summary="Its versions, the newest first",
        tag=_TAG,
        address=DocumentAddress,
        query=Paged,
        answer=VersionPage,
    ),
)
