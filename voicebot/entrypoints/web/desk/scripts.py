"""Conversations: graph, editor, trying them by typing or on one's own phone."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from aiohttp import web
from markupsafe import Markup
from multidict import MultiMapping

from voicebot.application.desk.documents import texts_in_force
from voicebot.application.desk.trial_calls import Trial, order_trial, sample_words
from voicebot.application.desk.written_trial import WrittenTrial, try_in_writing
from voicebot.application.ports.documents import DocumentReader
from voicebot.application.text_conversation import WrittenSoFar
from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.domain.errors import BadInput, NotFound, Problem
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.script import Entrance, Script
from voicebot.domain.script_graph import ENGLISH, svg
from voicebot.domain.script_layout import ANYWHERE, ASKS_AGAIN
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import titles
from voicebot.entrypoints.web.desk.asked import member, number
from voicebot.entrypoints.web.desk.campaign_words import TRIAL_ANSWERS, TRIAL_RESULTS, TRIAL_STAGES
from voicebot.entrypoints.web.desk.documents import (
    Checked,
    Section,
    Shown,
    check_only,
    common_context,
    document_of,
    marks_of,
    routes_of,
    typed_text,
)
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import fragment, language_of, page
from voicebot.entrypoints.web.desk.routes import get, post
from voicebot.entrypoints.web.desk.streams import stream

_MOST_REPLIES: Final = 60
_LONGEST_REPLY: Final = 500
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {ANYWHERE: "в любом состоянии", ASKS_AGAIN: "(ответит и спросит снова)"},
    "en": ENGLISH,
}
"""Of the picture, by language."""
_TITLES: Final[Mapping[str, object]] = {
    "intents": titles.INTENTS,
    "dispositions": titles.DISPOSITIONS,
    "groups": titles.GROUPS,
    "group_kinds": titles.GROUP_KINDS,
    "actions": titles.ACTIONS,
    "trial_stages": TRIAL_STAGES,
    "trial_results": TRIAL_RESULTS,
    "trial_answers": TRIAL_ANSWERS,
}


async def show_scripts(request: web.Request) -> web.Response:
    """Every conversation, and what they share."""
    desk = desk_of(request)
    overview = await desk.overview.look(desk.open_unit)
    return page(request, "documents/scripts.html", overview=overview, zone=desk.zone, sections=(SCRIPTS, SHARED))


async def show_script(request: web.Request, shown: Shown) -> web.Response:
    """Graph, editor, both ways to try it."""
    desk, context = desk_of(request), await common_context(request, SCRIPTS, shown)
    checked = await _check(request, shown.document, context["text"])
    extra: dict[str, Any] = {
        "trial_answer": None,
        "tried": None,
        "typed_trial": WrittenTrial(now=desk.clock.now().astimezone(desk.zone)),
    }
    return page(
        request,
        "documents/script.html",
        status=shown.status,
        drawing=Markup(checked.drawing),  # our own drawing: whatever it says is escaped there
        entrances=tuple(Entrance),
        **_TITLES,
        **(context | await _trial_call(request, shown.document)),
        **(extra | shown.extra),
    )


async def show_shared(request: web.Request, shown: Shown) -> web.Response:
    """What several conversations include: the editor alone."""
    context = await common_context(request, SHARED, shown)
    return page(request, "documents/shared.html", status=shown.status, **context)


async def try_by_typing(request: web.Request) -> web.Response:
    """A conversation in writing up to its next question; what is tried is the text of the form, saved or not."""
    desk, form, document = desk_of(request), await request.post(), document_of(request, SCRIPTS)
    text, trial = await typed_text(request), _trial(request, form)
    tried: WrittenSoFar | None = None
    problems: tuple[Problem, ...] = ()
    try:
        async with desk.checks:
            now = await desk.in_force.look()
            saved = {one: version.text for one, version in now.saved.items()}
            texts = {**saved, document: text}
            company = desk.settings.company
            tried = await try_in_writing(desk.reader, now.understanding, document, texts, trial, company=company)
    except BadInput as error:
        problems = error.problems
    shown = Shown(document=document, typed=text, base=number(str(form.get("base", ""))) or 0)
    shown = replace(
        shown, problems=marks_of(request, problems, shown, text), extra={"tried": tried, "typed_trial": trial}
    )
    if form.get("part") != "yes":
        return await show_script(request, shown)
    parts = {"problems": shown.problems, "address": SCRIPTS.address(document.name)}
    part = fragment(request, "documents/tried.html", **parts, **_TITLES, **shown.extra)
    return web.Response(text=part, content_type="text/html")


async def call_me(request: web.Request) -> web.Response:
    """Ask the lines to ring whoever asks and to speak the script that is in force."""
    desk, document, user = desk_of(request), document_of(request, SCRIPTS), session_of(request).user
    overview = await desk.overview.look(desk.open_unit)
    if document.name not in overview.looked.scripts:
        raise NotFound("no such script, or it is not in order")
    now = desk.clock.now()
    trial = Trial(
        script=document.name,
        dialplan="",
        variables=sample_words(OfferPolicy(), desk.settings.company, now.astimezone(desk.zone)),
        about=str(document),
    )
    answer = await order_trial(desk.open_unit, trial, by=user, now=now)
    extra = {"trial_answer": answer}
    return await show_script(request, Shown(document=document, extra=extra))


async def stream_call(request: web.Request) -> web.StreamResponse:
    """How the last call to whoever asks goes on."""
    document = document_of(request, SCRIPTS)

    async def draw() -> str:
        parts = await _trial_call(request, document)
        return fragment(request, "campaigns/trial.html", trial_answer=None, **_TITLES, **parts)

    return await stream(request, draw)


async def _trial_call(request: web.Request, document: DocumentId) -> dict[str, Any]:
    """The last call to whoever asks, as the page shows it."""
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        call = await unit.trial_calls.last_of(session_of(request).user.login, str(document))
    return {
        "trial": call,
        "trial_scripts": [(document.name, document.name)],
        "trial_address": f"{SCRIPTS.address(document.name)}/call",
        "zone": desk.zone,
    }


def _trial(request: web.Request, form: MultiMapping[Any]) -> WrittenTrial:
    desk = desk_of(request)
    said = [str(one)[:_LONGEST_REPLY] for one in form.getall("said", [])]
    said += [str(form.get("instead", form.get("reply", "")))[:_LONGEST_REPLY]]
    return WrittenTrial(
        now=desk.clock.now().astimezone(desk.zone),
        replies=() if form.get("again") else tuple(said[:_MOST_REPLIES]),
        entrance=member(Entrance, str(form.get("entrance", ""))),
        manager_answers=form.get("manager") != "no",
        leave_message=form.get("machine") == "yes",
    )


async def _check(request: web.Request, document: DocumentId, text: str) -> Checked:
    """Problems with a picture of what could be read."""
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        texts = {**await texts_in_force(unit), document: text}
    async with desk.checks:
        return await asyncio.to_thread(_examined, desk.reader, document, texts, _WORDS[language_of(request)])


def _examined(
    reader: DocumentReader, document: DocumentId, texts: Mapping[DocumentId, str], words: Mapping[str, str]
) -> Checked:
    script, problems = reader.script(document.name, texts)
    return Checked(problems=problems, drawing=_drawing(script, problems, words) if script else "")


def _drawing(script: Script, problems: Sequence[Problem], words: Mapping[str, str]) -> str:
    wrong = {problem.message.partition(":")[0] for problem in problems} & set(script.states)
    return svg(script, wrong=wrong, words=words)


SCRIPTS: Final = Section(
    kind=DocumentKind.SCRIPT,
    base="/scripts",
    show=show_script,
    check=_check,
    see=Permission.SEE_SCRIPTS,
    edit=Permission.EDIT_SCRIPTS,
)
SHARED: Final = Section(
    kind=DocumentKind.SHARED,
    base="/scripts/shared",
    show=show_shared,
    check=check_only,
    see=Permission.SEE_SCRIPTS,
    edit=Permission.EDIT_SCRIPTS,
)
ROUTES: Final = (
    get("/scripts", show_scripts, Permission.SEE_SCRIPTS),
    *routes_of(SHARED),
    *routes_of(SCRIPTS),
    post("/scripts/{name}/try", try_by_typing, Permission.SEE_SCRIPTS),
    post("/scripts/{name}/call", call_me, Permission.SEE_SCRIPTS),
    get("/scripts/{name}/call", stream_call, Permission.SEE_SCRIPTS),
)
