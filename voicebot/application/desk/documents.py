"""Scripts, phrase books and dialplans at the desk: check, save, roll back."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.documents import DocumentReader
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.domain.document import NAME, RESERVED, DocumentId, DocumentKind, NewVersion, Version
from voicebot.domain.errors import BadInput, NotFound, Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A text somebody wants to save."""

    document: DocumentId
    text: str
    base: int
    """Number of the version it was made from; 0: the file, or nothing."""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overtaken:
    """Somebody else has saved meanwhile: nothing was written."""

    newest: Version


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """The text is the one in force."""

    number: int


Saving = NewVersion | Overtaken | Unchanged


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A document as it is in force."""

    document: DocumentId
    text: str
    number: int
    """0: it comes from its file."""
    version: Version | None


def tidy(text: str) -> str:
    """As it is kept: line ends of one kind (forms send CRLF), one at the end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{lines}\n" if lines else ""


async def texts_in_force(unit: UnitOfWork) -> dict[DocumentId, str]:
    """Everything saved, as lines read it."""
    return {version.document: version.text for version in await unit.documents.in_force()}


async def open_document(unit: UnitOfWork, reader: DocumentReader, document: DocumentId) -> Opened:
    """Raises NotFound."""
    version = await unit.documents.newest(document)
    if version is not None:
        return Opened(document=document, text=version.text, number=version.number, version=version)
    text = await asyncio.to_thread(reader.text_of, document)
    if text is None:
        raise NotFound(f"there is no {document.kind} '{document.name}'")
    return Opened(document=document, text=text, number=0, version=None)


async def check_draft(unit: UnitOfWork, reader: DocumentReader, document: DocumentId, text: str) -> tuple[Problem, ...]:
    """Everything wrong with the text, were it in force beside all the others."""
    saved = {**await texts_in_force(unit), document: tidy(text)}
    return await asyncio.to_thread(reader.check, document, saved)


async def save_draft(
    open_unit: OpenDeskUnit, reader: DocumentReader, draft: Draft, *, by: str, now: datetime, action: str = "saved"
) -> Saving:
    """Put a new version in force for the next call of every line.

    Raises BadInput with every problem: a text with problems is never saved. What it is checked against cannot change
    meanwhile.
    """
    text = tidy(draft.text)
    async with open_unit() as unit:
        await unit.documents.lock()
        newest = await unit.documents.newest(draft.document)
        if newest is not None and not await _made_from(unit, reader, draft, newest):
            return Overtaken(newest=newest)
        last = newest.number if newest else 0
        if text == (await _text_now(reader, draft.document, newest)):
            return Unchanged(number=last)
        problems = await check_draft(unit, reader, draft.document, text)
        if problems:
            raise BadInput(problems)
        version = NewVersion(
            document=draft.document, number=last + 1, text=text, author=by, note=draft.note.strip(), at=now
        )
        await unit.documents.save(version)
        await unit.audit.record(
            at=now,
            actor=by,
            action=f"document.{action}",
            subject=str(draft.document),
            details={"version": version.number, "note": version.note},
        )
        if draft.document.kind is DocumentKind.SHARED:
            await _raise_including(unit, reader, version)
        await unit.commit()
    return version


async def _made_from(unit: UnitOfWork, reader: DocumentReader, draft: Draft, newest: Version) -> bool:
    """Whether the draft was made from what is in force: by number, or by a text that was only numbered anew."""
    if newest.number == draft.base:
        return True
    if draft.base == 0:
        return newest.text == await asyncio.to_thread(reader.text_of, draft.document)
    seen = await unit.documents.version(draft.document, draft.base)
    return seen is not None and seen.text == newest.text


async def _raise_including(unit: UnitOfWork, reader: DocumentReader, part: NewVersion) -> None:
    """The scripts that speak the new words get a new number with the same text: calls and reports go by it."""
    saved = await texts_in_force(unit)
    for script in await asyncio.to_thread(reader.including, part.document, saved):
        newest = await unit.documents.newest(script)
        text = await _text_now(reader, script, newest)
        assert text is not None  # it was just read
        number = newest.number + 1 if newest else 1
        note = f"{part.document} {part.number}"
        raised = NewVersion(document=script, number=number, text=text, author=part.author, note=note, at=part.at)
        await unit.documents.save(raised)
        await unit.audit.record(
            at=part.at,
            actor=part.author,
            action="document.raised",
            subject=str(script),
            details={"version": number, "because": str(part.document), "of": part.number},
        )


async def roll_back(
    open_unit: OpenDeskUnit,
    reader: DocumentReader,
    document: DocumentId,
    *,
    to: int,
    base: int,
    by: str,
    now: datetime,
) -> Saving:
    """The old text as a new version; `to` 0 is the file. Raises NotFound, BadInput as `save_draft`."""
    text = await text_of_version(open_unit, reader, document, to)
    if text is None:
        raise NotFound(f"{document} has no version {to}")
    draft = Draft(document=document, text=text, base=base, note=f"↩ {to}")
    return await save_draft(open_unit, reader, draft, by=by, now=now, action="rolled_back")


async def copy_document(
    open_unit: OpenDeskUnit, reader: DocumentReader, source: DocumentId, name: str, *, by: str, now: datetime
) -> DocumentId:
    """A new document that begins as a copy; raises BadInput for a name that is taken or impossible."""
    copy = DocumentId(kind=source.kind, name=name)
    if not NAME.fullmatch(name):
        repair = "a-z, 0-9, - and _, up to 64 characters"
        raise BadInput.one("name", f"'{name[:80]}' cannot be a name", repair=repair)
    async with open_unit() as unit:
        known = await asyncio.to_thread(reader.known, await texts_in_force(unit))
        if copy in known or name in RESERVED:
            raise BadInput.one("name", f"'{name}' is taken", repair="choose another one")
        text = (await open_document(unit, reader, source)).text
    await save_draft(open_unit, reader, Draft(document=copy, text=text, base=0, note=source.name), by=by, now=now)
    return copy


async def text_of_version(
    open_unit: OpenDeskUnit, reader: DocumentReader, document: DocumentId, number: int
) -> str | None:
    """None when there is none; number 0 is the file."""
    if number == 0:
        return await asyncio.to_thread(reader.text_of, document)
    async with open_unit() as unit:
        version = await unit.documents.version(document, number)
    return version.text if version else None


async def _text_now(reader: DocumentReader, document: DocumentId, newest: Version | None) -> str | None:
    return newest.text if newest else await asyncio.to_thread(reader.text_of, document)
