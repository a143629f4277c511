"""Scripts, phrase books and dialplans: checked, saved, rolled back, copied, compared."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from voicebot.application.desk import documents as work
from voicebot.application.desk.documents import Draft, Opened, Overtaken, Saving, open_document, text_of_version
from voicebot.domain.api_token import Scope
from voicebot.domain.document import LONGEST, DocumentId, DocumentKind, NewVersion
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.text_difference import difference
from voicebot.entrypoints.web.api.document_items import (
    CheckedText,
    DocumentAddress,
    document_of,
    etag_of_opened,
    etag_of_version,
    found_problems,
    refusal,
)
from voicebot.entrypoints.web.api.problems import by_source
from voicebot.entrypoints.web.api.reading_room import room_of
from voicebot.entrypoints.web.api.routes import Asked, Reply, get, has_changed, post
from voicebot.entrypoints.web.api.schema import Range, Text

BYTES: Final = 4 * 1024 * 1024
"""Of the longest text with every letter written as two escapes."""
_LONGEST_NOTE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class TextToCheck:
    """A text nobody saves."""

    text: Annotated[str, Text(least=0, most=LONGEST), "YAML."]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextToSave:
    """A new version."""

    text: Annotated[str, Text(least=0, most=LONGEST), "YAML."]
    note: Annotated[str, Text(least=0, most=_LONGEST_NOTE), "What was changed and why."] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RollBack:
    """Where to."""

    version: Annotated[int, Range(least=0, most=2**31 - 1), "Its text is saved as a new version; 0: the file."]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewName:
    """Of a copy."""

    name: Annotated[str, Text(most=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedDocument:
    """What is in force now."""

    kind: DocumentKind
    name: str
    version: int
    changed: Annotated[bool, "false: the text was the one in force, and no version was made."]


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionsCompared:
    """Which two."""

    earlier: Annotated[int | None, Range(least=0, most=2**31 - 1), "0: the file; without it the one before."] = None
    later: Annotated[int | None, Range(least=0, most=2**31 - 1), "Without it the one in force."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DifferentLine:
    """One line of a comparison."""

    kind: Annotated[Literal["added", "removed", "same", "gap"], "gap: unchanged lines are left out here."]
    text: str
    before: Annotated[int | None, "Its number in the earlier text."]
    after: Annotated[int | None, "Its number in the later one."]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentDifference:
    """What is different between two versions: nothing, if there are no lines."""

    earlier: int
    later: int
    lines: tuple[DifferentLine, ...]


async def check(asked: Asked) -> Reply:
    """All problems of a text, were it in force; nothing is saved."""
    room, document, text = room_of(asked), document_of(asked), work.tidy(asked.of(TextToCheck).text)
    if document.kind is DocumentKind.DIALPLAN:
        asked.require(Scope.DIALPLANS_WRITE, "kind")
    async with room.checks, asked.open_unit() as unit:
        await open_document(unit, room.reader, document)
        problems = await work.check_draft(unit, room.reader, document, text)
    found = found_problems(room.reader, document, problems, text)
    return Reply(body=CheckedText(right=not found, problems=found))


async def save(asked: Asked) -> Reply:
    """A new version, in force for the next call of every line."""
    document, wanted = _changed(asked), asked.of(TextToSave)
    opened = await _seen(asked, document)
    draft = Draft(document=document, text=wanted.text, base=opened.number, note=wanted.note)
    saving = work.save_draft(asked.open_unit, room_of(asked).reader, draft, by=asked.caller.actor, now=asked.now)
    return await _saved(asked, opened, saving, work.tidy(wanted.text))


async def roll_back(asked: Asked) -> Reply:
    """The text of an older version as a new one."""
    document, to, reader = _changed(asked), asked.of(RollBack).version, room_of(asked).reader
    opened = await _seen(asked, document)
    text = await text_of_version(asked.open_unit, reader, document, to)
    saving = work.roll_back(
        asked.open_unit, reader, document, to=to, base=opened.number, by=asked.caller.actor, now=asked.now
    )
    return await _saved(asked, opened, saving, text or "")


async def copy(asked: Asked) -> Reply:
    """A document of its own that begins as a copy."""
    room, document, name = room_of(asked), _changed(asked), asked.of(NewName).name
    try:
        async with room.checks:
            made = await work.copy_document(
                asked.open_unit, room.reader, document, name, by=asked.caller.actor, now=asked.now
            )
    except BadInput as error:
        raise by_source(error) from error
    return Reply(body=SavedDocument(kind=made.kind, name=made.name, version=1, changed=True))


async def compare(asked: Asked) -> Reply:
    """What is different between two versions."""
    room, document, wanted = room_of(asked), document_of(asked), asked.of(VersionsCompared)
    async with asked.open_unit() as unit:
        opened = await open_document(unit, room.reader, document)
    later = opened.number if wanted.later is None else wanted.later
    earlier = max(later - 1, 0) if wanted.earlier is None else wanted.earlier
    before, after = [await text_of_version(asked.open_unit, room.reader, document, one) for one in (earlier, later)]
    if before is None or after is None:
        raise NotFound("no such version")
    async with room.checks:
        found = await asyncio.to_thread(difference, before, after)
    lines = tuple(
        DifferentLine(kind=one.kind, text=one.text, before=one.before, after=one.after)  # type: ignore[arg-type]  # the four
        for one in found
    )
    return Reply(body=DocumentDifference(earlier=earlier, later=later, lines=lines))


def _changed(asked: Asked) -> DocumentId:
    """The document to be changed; raises Refused for a dialplan without its scope."""
    document = document_of(asked)
    if document.kind is DocumentKind.DIALPLAN:
        asked.require(Scope.DIALPLANS_WRITE, "kind")
    return document


async def _seen(asked: Asked, document: DocumentId) -> Opened:
    """What is in force; raises Refused when the caller has seen something else, NotFound."""
    async with asked.open_unit() as unit:
        opened = await open_document(unit, room_of(asked).reader, document)
    asked.match(etag_of_opened(opened))
    return opened


async def _saved(asked: Asked, opened: Opened, saving: Awaitable[Saving], text: str) -> Reply:
    room, document = room_of(asked), opened.document
    try:
        async with room.checks:
            saved = await saving
    except BadInput as error:
        raise refusal(room.reader, document, error.problems, text) from error
    if isinstance(saved, Overtaken):
        raise has_changed(etag_of_version(saved.newest))
    changed = isinstance(saved, NewVersion)
    body = SavedDocument(kind=document.kind, name=document.name, version=saved.number, changed=changed)
    return Reply(body=body, etag=etag_of_version(saved) if isinstance(saved, NewVersion) else etag_of_opened(opened))


_ONE: Final = "/api/v1/documents/{kind}/{name}"
_COMMON: Final[Any] = {"tag": "Scripts and dialplans", "address": DocumentAddress}
_SAVED: Final[Any] = {
    **_COMMON,
    "answer": SavedDocument,
    "errors": {
        HTTPStatus.UNPROCESSABLE_ENTITY: "The text has errors: `text:12:5` is its line and column;"
        " `interrupts.yaml:3` is a line of another document that it breaks."
    },
    "if_match": True,
    "tagged": True,
}
_DIALPLANS: Final = "Dialplans need `dialplans:write` too."
ROUTES: Final = (
    post(
        f"{_ONE}/check",
        check,
        Scope.SCRIPTS_READ,
        name="checkDocument",
        summary="Everything wrong with a text, with line, column and repair",
        once=False,
        body=TextToCheck,
        answer=CheckedText,
        most_bytes=BYTES,
        details="A question, not a change: the text is read as if it were in force beside all the others. A dialplan's"
        " text may name secrets of this machine: it needs `dialplans:write`.",
        **_COMMON,
    ),
    post(
        f"{_ONE}/versions",
        save,
        Scope.SCRIPTS_WRITE,
        name="saveDocument",
        summary="Save a new version: in force for the next call of every line",
        body=TextToSave,
        most_bytes=BYTES,
        details=f"A text with errors is never saved. Send the ETag of the version yours was made from. {_DIALPLANS}"
        " A shared part raises the version of every script that includes it.",
        **_SAVED,
    ),
    post(
        f"{_ONE}/roll-back",
        roll_back,
        Scope.SCRIPTS_WRITE,
        name="rollDocumentBack",
        summary="Save the text of an older version, or of the file, as a new one",
        body=RollBack,
        details=_DIALPLANS,
        **_SAVED,
    ),
    post(
        f"{_ONE}/copy",
        copy,
        Scope.SCRIPTS_WRITE,
        name="copyDocument",
        summary="A document of its own that begins as a copy",
        body=NewName,
        answer=SavedDocument,
        details=_DIALPLANS,
        **_COMMON,
    ),
    get(
        f"{_ONE}/difference",
        compare,
        Scope.SCRIPTS_READ,
        name="compareVersions",
        summary="What is different between two versions, line by line",
        query=VersionsCompared,
        answer=DocumentDifference,
        **_COMMON,
    ),
)
