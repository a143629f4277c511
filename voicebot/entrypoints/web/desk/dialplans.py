"""How customers are dialled: editor, versions, and which way a number goes."""

from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from voicebot.application.desk.documents import texts_in_force
from voicebot.application.desk.route_explainer import Way, read_dialplan, ways_of
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.inbound import why_unanswered
from voicebot.domain.phone import parse_phone
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.asked import number
from voicebot.entrypoints.web.desk.document_words import in_russian
from voicebot.entrypoints.web.desk.documents import (
    Section,
    Shown,
    check_only,
    common_context,
    document_of,
    marks_of,
    routes_of,
    typed_text,
)
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.pages import fragment, language_of, page
from voicebot.entrypoints.web.desk.routes import get, post

_LONGEST_NUMBER: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """A number somebody asked about."""

    number: str
    """As it was typed."""
    wrong: bool
    """It is no telephone number."""
    ways: tuple[Way, ...] = ()


async def show_dialplans(request: web.Request) -> web.Response:
    """Every dialplan; the one this machine dials by is named."""
    desk = desk_of(request)
    overview = await desk.overview.look(desk.open_unit)
    ours = desk.settings.dialplan.stem
    return page(request, "documents/dialplans.html", overview=overview, zone=desk.zone, ours=ours)


async def show_dialplan(request: web.Request, shown: Shown) -> web.Response:
    """Trunks, the route explainer, the editor."""
    desk, context = desk_of(request), await common_context(request, DIALPLANS, shown)
    plan = await _read(request, shown.document, context["text"])
    dialplan = plan if isinstance(plan, Dialplan) else None
    return page(
        request,
        "documents/dialplan.html",
        status=shown.status,
        dialplan=dialplan,
        ours=desk.settings.dialplan.stem,
        unanswered=bool(dialplan and why_unanswered(dialplan.inbound, context["overview"].looked.scripts)),
        **({"explained": None} | context | shown.extra),
    )


async def explain(request: web.Request) -> web.Response:
    """Which way a number goes by the text of the form, saved or not."""
    form, document = await request.post(), document_of(request, DIALPLANS)
    text, written = await typed_text(request), str(form.get("number", "")).strip()[:_LONGEST_NUMBER]
    read = await _read(request, document, text)
    shown = Shown(document=document, typed=text, base=number(str(form.get("base", ""))) or 0)
    if isinstance(read, Dialplan):
        shown = replace(shown, extra={"explained": _explained(read, written, language_of(request))})
    else:
        shown = replace(shown, problems=marks_of(request, read, shown, text), extra={"explained": None})
    if form.get("part") != "yes":
        return await show_dialplan(request, shown)
    part = fragment(request, "documents/explained.html", problems=shown.problems, **shown.extra)
    return web.Response(text=part, content_type="text/html")


async def _read(request: web.Request, document: DocumentId, text: str) -> Dialplan | tuple[Problem, ...]:
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        texts = {**await texts_in_force(unit), document: text}
    try:
        async with desk.checks:
            return await read_dialplan(desk.reader, document, texts)
    except BadInput as error:
        return error.problems


def _explained(dialplan: Dialplan, written: str, language: str) -> Explained:
    try:
        phone = parse_phone(written)
    except ValueError:
        return Explained(number=written, wrong=True)
    ways = ways_of(dialplan, phone)
    if language == "ru":
        ways = tuple(replace(way, steps=tuple(map(in_russian, way.steps))) for way in ways)
    return Explained(number=written, wrong=False, ways=ways)


DIALPLANS: Final = Section(
    kind=DocumentKind.DIALPLAN,
    base="/dialplans",
    show=show_dialplan,
    check=check_only,
    see=Permission.EDIT_DIALPLANS,
    edit=Permission.EDIT_DIALPLANS,
)
ROUTES: Final = (
    get("/dialplans", show_dialplans, Permission.EDIT_DIALPLANS),
    *routes_of(DIALPLANS),
    post("/dialplans/{name}/route", explain, Permission.EDIT_DIALPLANS),
)
