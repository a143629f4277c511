"""What the pages of scripts, phrase books and dialplans share: show, check, save, compare, roll back, copy."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiohttp import web

from voicebot.application.desk import documents as work
from voicebot.application.desk.documents import Draft, Overtaken, Unchanged
from voicebot.domain.document import LONGEST, DocumentId, DocumentKind, NewVersion
from voicebot.domain.errors import BadInput, NotFound, Problem
from voicebot.domain.text_difference import Difference, difference
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.asked import number
from voicebot.entrypoints.web.desk.document_problems import Mark, marks
from voicebot.entrypoints.web.desk.keys import Desk, desk_of, session_of
from voicebot.entrypoints.web.desk.pages import fragment, language_of, page, see_other
from voicebot.entrypoints.web.desk.routes import Route, get, post

_NAME: Final = re.compile(r"\w[\w-]{0,79}")
_VERSIONS: Final = 50
"""On one page of a document's history."""
_LONGEST_NOTE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What the page of a document shows beside the document."""

    document: DocumentId
    typed: str | None = None
    """A text that is not saved; None for the one in force."""
    base: int | None = None
    """The version it was made from."""
    note: str = ""
    problems: Sequence[Mark] = ()
    overtaken: Overtaken | None = None
    """Somebody was quicker."""
    complaint: str = ""
    """Why a copy was not made."""
    extra: dict[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Documents of one kind."""

    kind: DocumentKind
    base: str
    """Address of the list."""
    show: Callable[[web.Request, Shown], Awaitable[web.Response]]
    """Renders the page of one document."""
    check: Callable[[web.Request, DocumentId, str], Awaitable["Checked"]]
    see: Permission
    edit: Permission

    def address(self, name: str) -> str:
        """Of a document's page."""
        return f"{self.base}/{name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a check of a text has found."""

    problems: tuple[Problem, ...]
    drawing: str = ""
    """SVG; empty where there is none to draw."""


def document_of(request: web.Request, section: Section) -> DocumentId:
    """The document the address names; raises NotFound for what can be none."""
    name = request.match_info["name"]
    if not _NAME.fullmatch(name):
        raise NotFound("no such document")
    return DocumentId(kind=section.kind, name=name)


async def check_only(request: web.Request, document: DocumentId, text: str) -> Checked:
    """Problems without a picture."""
    desk = desk_of(request)
    async with desk.checks, desk.open_unit() as unit:
        return Checked(problems=await work.check_draft(unit, desk.reader, document, text))


async def common_context(request: web.Request, section: Section, shown: Shown) -> dict[str, Any]:
    """What every page of a document needs."""
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        opened = await work.open_document(unit, desk.reader, shown.document)
    text = opened.text if shown.typed is None else shown.typed
    overview = await desk.overview.look(desk.open_unit)
    known = overview.looked.problems.get(shown.document, ()) if shown.typed is None else ()
    problems = shown.problems or marks_of(request, known, shown, text)
    theirs = shown.overtaken.newest if shown.overtaken else None
    return {
        "section": section,
        "document": shown.document,
        "address": section.address(shown.document.name),
        "opened": opened,
        "text": text,
        "base": opened.number if shown.base is None else shown.base,
        "note": shown.note,
        "problems": problems,
        "overtaken": theirs,
        "differences": difference(theirs.text, text) if theirs else (),
        "complaint": shown.complaint,
        "may_edit": session_of(request).user.may(section.edit),
        "uses": overview.uses.get(str(shown.document), ()),
        "overview": overview,
        "zone": desk.zone,
        "saved": number(request.query.get("saved", "")),
        "lines": text.count("\n") + 1,
    }


def marks_of(request: web.Request, problems: Sequence[Problem], shown: Shown, text: str) -> tuple[Mark, ...]:
    """Problems as the page says them."""
    source = desk_of(request).reader.source_of(shown.document)
    return marks(problems, source, text, language=language_of(request))


def routes_of(section: Section) -> tuple[Route, ...]:
    """The addresses of every document of a section."""
    one = f"{section.base}/{{name}}"

    async def show(request: web.Request) -> web.Response:
        return await section.show(request, Shown(document=document_of(request, section)))

    async def check(request: web.Request) -> web.Response:
        return await _check(request, section)

    async def save(request: web.Request) -> web.StreamResponse:
        return await _save(request, section)

    async def versions(request: web.Request) -> web.Response:
        return await _versions(request, section)

    async def roll_back(request: web.Request) -> web.StreamResponse:
        return await _roll_back(request, section)

    async def copy(request: web.Request) -> web.StreamResponse:
        return await _copy(request, section)

    return (
        get(one, show, section.see),
        post(one, save, section.edit),
        post(f"{one}/check", check, section.edit),
        get(f"{one}/versions", versions, section.see),
        post(f"{one}/roll-back", roll_back, section.edit),
        post(f"{one}/copy", copy, section.edit),
    )


async def typed_text(request: web.Request) -> str:
    """The text of the form; a line more than allowed is enough to say that it is too long."""
    return work.tidy(str((await request.post()).get("text", "")))[: LONGEST + 1]


async def _check(request: web.Request, section: Section) -> web.Response:
    """Problems as you type: for the page's script, or the whole page where there is none."""
    form, document = await request.post(), document_of(request, section)
    text = await typed_text(request)
    checked = await section.check(request, document, text)
    shown = Shown(document=document, typed=text, base=number(str(form.get("base", ""))) or 0)
    found = marks_of(request, checked.problems, shown, text)
    if form.get("part") != "yes":
        return await section.show(request, replace(shown, problems=found, note=_note(form)))
    said = fragment(request, "documents/problems.html", problems=found, checked=True)
    return web.json_response({"count": len(found), "problems": said, "drawing": checked.drawing})


async def _save(request: web.Request, section: Section) -> web.StreamResponse:
    desk, form, document = desk_of(request), await request.post(), document_of(request, section)
    text, base = await typed_text(request), number(str(form.get("base", ""))) or 0
    draft = Draft(document=document, text=text, base=base, note=_note(form))
    shown = Shown(document=document, typed=text, base=base, note=draft.note)
    try:
        async with desk.checks:
            saved = await work.save_draft(
                desk.open_unit, desk.reader, draft, by=session_of(request).user.name, now=desk.clock.now()
            )
    except BadInput as error:
        found = marks_of(request, error.problems, shown, text)
        return await section.show(request, replace(shown, problems=found, status=422))
    if isinstance(saved, Overtaken):
        return await section.show(request, replace(shown, overtaken=saved, base=saved.newest.number, status=409))
    return _gone_on(section, document, saved)


async def _roll_back(request: web.Request, section: Section) -> web.StreamResponse:
    desk, form, document = desk_of(request), await request.post(), document_of(request, section)
    to, base = number(str(form.get("to", ""))), number(str(form.get("base", "")))
    if to is None or base is None:
        raise NotFound("no such version")
    try:
        saved = await work.roll_back(
            desk.open_unit,
            desk.reader,
            document,
            to=to,
            base=base,
            by=session_of(request).user.name,
            now=desk.clock.now(),
        )
    except BadInput as error:
        text = await work.text_of_version(desk.open_unit, desk.reader, document, to) or ""
        shown = Shown(document=document, typed=text, base=base, status=422)
        return await section.show(request, replace(shown, problems=marks_of(request, error.problems, shown, text)))
    if isinstance(saved, Overtaken):
        return see_other(f"{section.address(document.name)}/versions?overtaken={saved.newest.number}")
    return _gone_on(section, document, saved)


async def _copy(request: web.Request, section: Section) -> web.StreamResponse:
    desk, document = desk_of(request), document_of(request, section)
    name = str((await request.post()).get("name", "")).strip()
    try:
        made = await work.copy_document(
            desk.open_unit, desk.reader, document, name, by=session_of(request).user.name, now=desk.clock.now()
        )
    except BadInput as error:
        complaint = "; ".join(mark.text for mark in marks_of(request, error.problems, Shown(document=document), ""))
        return await section.show(request, Shown(document=document, complaint=complaint, status=422))
    return see_other(f"{section.address(made.name)}?saved=1")


async def _versions(request: web.Request, section: Section) -> web.Response:
    """The history, and what is different between two versions."""
    desk, document = desk_of(request), document_of(request, section)
    before = number(request.query.get("before", ""))
    async with desk.open_unit() as unit:
        opened = await work.open_document(unit, desk.reader, document)
        found = await unit.documents.history(document, before=before, limit=_VERSIONS + 1)
    later = number(request.query.get("to", ""))
    later = opened.number if later is None else later
    earlier = number(request.query.get("from", ""))
    earlier = max(later - 1, 0) if earlier is None else earlier
    return page(
        request,
        "documents/versions.html",
        section=section,
        document=document,
        address=section.address(document.name),
        opened=opened,
        versions=found[:_VERSIONS],
        older=found[_VERSIONS - 1].number if len(found) > _VERSIONS else None,
        has_file=await work.text_of_version(desk.open_unit, desk.reader, document, 0) is not None,
        earlier=earlier,
        later=later,
        differences=await _between(desk, document, earlier, later),
        may_edit=session_of(request).user.may(section.edit),
        overtaken=number(request.query.get("overtaken", "")),
        zone=desk.zone,
    )


async def _between(desk: Desk, document: DocumentId, earlier: int, later: int) -> tuple[Difference, ...] | None:
    """None when one of the two is not there."""
    texts = [await work.text_of_version(desk.open_unit, desk.reader, document, one) for one in (earlier, later)]
    return difference(texts[0], texts[1]) if texts[0] is not None and texts[1] is not None else None


def _gone_on(section: Section, document: DocumentId, saved: NewVersion | Unchanged) -> web.Response:
    return see_other(f"{section.address(document.name)}?saved={saved.number}")


def _note(form: Mapping[str, Any]) -> str:
    return str(form.get("note", ""))[:_LONGEST_NOTE]
