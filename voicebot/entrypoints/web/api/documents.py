"""Scripts, phrase books and dialplans, to be read."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Final

from voicebot.application.desk.documents import open_document, text_of_version, texts_in_force
from voicebot.domain.api_token import Scope
from voicebot.domain.document import DocumentKind
from voicebot.domain.errors import NotFound
from voicebot.entrypoints.web.api.document_items import (
    DocumentAddress,
    DocumentItem,
    DocumentListing,
    DocumentText,
    VersionPage,
    document_of,
    etag_of_text,
    version_item,
)
from voicebot.entrypoints.web.api.paging import Paged, number, pack, unpack
from voicebot.entrypoints.web.api.reading_room import room_of
from voicebot.entrypoints.web.api.routes import Asked, Reply, get
from voicebot.entrypoints.web.api.schema import Range


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionAsked:
    """Which version of it."""

    version: Annotated[int | None, Range(least=0), "0: the file; without it the one in force."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentsAsked:
    """Which documents."""

    kind: DocumentKind | None = None


async def list_documents(asked: Asked) -> Reply:
    """All of them; they are few."""
    wanted = asked.of(DocumentsAsked).kind
    async with asked.open_unit() as unit:
        saved = await texts_in_force(unit)
        numbers = {one.document: one.number for one in await unit.documents.in_force()}
    known = await asyncio.to_thread(room_of(asked).reader.known, saved)
    items = tuple(
        DocumentItem(kind=one.kind, name=one.name, version=numbers.get(one, 0))
        for one in sorted(known)
        if wanted in (None, one.kind)
    )
    return Reply(body=DocumentListing(items=items))


async def get_document(asked: Asked) -> Reply:
    """Its text."""
    document, wanted, reader = document_of(asked), asked.of(VersionAsked).version, room_of(asked).reader
    if wanted is None:
        async with asked.open_unit() as unit:
            opened = await open_document(unit, reader, document)
        text: str | None = opened.text
        wanted = opened.number
    else:
        text = await text_of_version(asked.open_unit, reader, document, wanted)
    if text is None:
        raise NotFound("no such version")
    item = DocumentText(kind=document.kind, name=document.name, version=wanted, text=text)
    return Reply(body=item, etag=etag_of_text(document, wanted, text))


async def list_versions(asked: Asked) -> Reply:
    """What was saved."""
    wanted = asked.of(Paged)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.documents.history(
            document_of(asked), before=place[0] if place else None, limit=wanted.limit + 1
        )
    lines = found[: wanted.limit]
    more = pack(lines[-1].number) if len(found) > wanted.limit else None
    return Reply(body=VersionPage(items=tuple(map(version_item, lines)), next=more))


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
        tagged=True,
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
