"""The wizard: drafts of campaigns, kept as they are typed, step by step to the one who signs."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from voicebot.application.desk.campaign_bench import Around, look_around, read_campaign
from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.desk.campaign_fill import usual_fields
from voicebot.application.desk.campaign_form import FIELDS, STEP_OF, STEPS, ReadForm, typed_in
from voicebot.application.desk.campaign_trial import try_plan
from voicebot.application.desk.campaigns import begin_draft, drop_draft, keep_draft, send_draft
from voicebot.application.ports.campaign_pages import CampaignDraft
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import campaign_words
from voicebot.entrypoints.web.desk.campaign_count import Counted, counted_people
from voicebot.entrypoints.web.desk.campaign_trial import trial_context
from voicebot.entrypoints.web.desk.campaign_views import form_context, part, plan_context
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import page, see_other
from voicebot.entrypoints.web.desk.routes import get, post

_SEEN: Final = "seen"
"""Among the fields of a draft: the steps somebody has gone on from."""


async def begin(request: web.Request) -> web.StreamResponse:
    """A new draft with what is usual."""
    desk, around = desk_of(request), await look_around(desk_of(request).bench)
    fields = usual_fields(around.dialplan, around.hours)
    number = await begin_draft(desk.open_unit, fields, by=session_of(request).user, now=desk.clock.now())
    return see_other(_address(number, STEPS[0]))


async def show_step(request: web.Request) -> web.StreamResponse:
    """One page of the wizard."""
    draft = await _draft(request)
    if draft.campaign_id is not None:
        return see_other(f"/campaigns/{draft.campaign_id}")
    return await _step(request, draft)


async def take_step(request: web.Request) -> web.StreamResponse:
    """Keep what was typed and go where the button leads; on only when this page is in order."""
    step, draft = _step_of(request), await _kept(request)
    go = str((await request.post()).get("go", "next"))
    if go in STEPS:
        return see_other(_address(draft.id, go))
    at = STEPS.index(step)
    if go == "back":
        return see_other(_address(draft.id, STEPS[max(at - 1, 0)]))
    around = await look_around(desk_of(request).bench)
    read = read_campaign(desk_of(request).bench, around, draft.fields)
    if any(one.fatal for one in read.of_step(step)):
        return await _step(request, draft, status=422)
    return see_other(_address(draft.id, STEPS[min(at + 1, len(STEPS) - 1)]))


async def count_draft(request: web.Request) -> web.Response:
    """How many people the draft would call, as it was kept."""
    return await _counted_part(request, await _draft(request))


async def count_typed(request: web.Request) -> web.Response:
    """The same for what is being typed, which is kept."""
    return await _counted_part(request, await _kept(request, seen=False))


async def send(request: web.Request) -> web.StreamResponse:
    """Make the campaign of the draft; its list is put together by the jobs process."""
    desk, draft = desk_of(request), await _draft(request)
    read = read_campaign(desk.bench, await look_around(desk.bench), draft.fields)
    if read.fatal:
        return await _step(request, draft, step="check", status=422)
    counted = await counted_people(request, read.plan)
    if counted.people.empty:
        return await _step(request, draft, step="check", status=422, more=counted.people.empty, counted=counted)
    try:
        campaign = await send_draft(
            desk.open_unit, draft.id, read.plan, by=session_of(request).user, now=desk.clock.now()
        )
    except BadInput:
        taken = Wrong(field="name", code="name_taken")
        return await _step(request, draft, step="check", status=422, more=taken, counted=counted)
    return see_other(f"/campaigns/{campaign.id}")


async def drop(request: web.Request) -> web.StreamResponse:
    """Throw the draft away."""
    desk, number = desk_of(request), int(request.match_info["draft"])
    with contextlib.suppress(NotFound, BadInput):  # gone already, or a campaign by now
        await drop_draft(desk.open_unit, number, by=session_of(request).user, now=desk.clock.now())
    return see_other("/campaigns")


async def show_trial(request: web.Request) -> web.Response:
    """How the trial call of the draft stands."""
    return await _trial_part(request, await _draft(request), None)


async def ask_trial(request: web.Request) -> web.StreamResponse:
    """Let a line ring the manager and speak the draft."""
    draft, desk = await _draft(request), desk_of(request)
    read = read_campaign(desk.bench, await look_around(desk.bench), draft.fields)
    variant = str((await request.post()).get("variant", ""))
    answer = await try_plan(desk.bench, read.plan, variant, about=f"draft:{draft.id}", by=session_of(request).user)
    if "X-CSRF-Token" in request.headers:  # our JavaScript asks for the part alone
        return await _trial_part(request, draft, answer)
    return see_other(_address(draft.id, "check"))


async def _trial_part(request: web.Request, draft: CampaignDraft, answer: str | None) -> web.Response:
    desk = desk_of(request)
    around = await look_around(desk.bench)
    plan = read_campaign(desk.bench, around, draft.fields).plan
    shown = await trial_context(request, plan, around, about=f"draft:{draft.id}", address=_trial_address(draft.id))
    return part(request, "campaigns/trial.html", **(shown | {"trial_answer": answer}))


async def _counted_part(request: web.Request, draft: CampaignDraft) -> web.Response:
    desk = desk_of(request)
    read = read_campaign(desk.bench, await look_around(desk.bench), draft.fields)
    counted = await counted_people(request, read.plan)
    return part(request, "campaigns/count.html", counted=counted, problems=campaign_words.PROBLEMS)


async def _step(
    request: web.Request,
    draft: CampaignDraft,
    *,
    step: str = "",
    status: int = 200,
    more: Wrong | None = None,
    counted: Counted | None = None,
) -> web.Response:
    desk, step = desk_of(request), step or _step_of(request)
    around = await look_around(desk.bench)
    read = read_campaign(desk.bench, around, draft.fields)
    if more is not None:
        read = ReadForm(plan=read.plan, wrong=(*read.wrong, more))
    if counted is None and request.query.get("count") == "yes":
        counted = await counted_people(request, read.plan)
    seen = set(draft.fields.get(_SEEN, "").split(","))
    about, trial = f"draft:{draft.id}", _trial_address(draft.id)
    context = {
        "draft": draft,
        "step": step,
        "seen": seen,
        "all_wrong": read.wrong,
        "fatal": read.fatal,
        "wrong": _shown(read, step, seen),
        "step_of": STEP_OF,
        "fields": FIELDS,
        "counted": counted,
        "trial_answer": None,
        **await _form(request, draft.fields, around),
        **plan_context(request, read.plan, around),
        **(await trial_context(request, read.plan, around, about=about, address=trial) if step == "check" else {}),
    }
    return page(request, "campaigns/wizard.html", status=status, **context)


async def _form(request: web.Request, typed: Mapping[str, str], around: Around) -> dict[str, Any]:
    async with desk_of(request).open_unit() as unit:
        categories = await unit.campaign_pages.categories()
    return form_context(typed, around, categories)


def _shown(read: ReadForm, step: str, seen: set[str]) -> tuple[Wrong, ...]:
    """Nobody is told off for a page they have not gone on from yet."""
    if step == "check":
        return read.wrong
    return read.of_step(step) if step in seen else ()


async def _kept(request: web.Request, *, seen: bool = True) -> CampaignDraft:
    """The draft with what the form of this page brings; `seen`: whoever sent it has gone on."""
    draft, step, desk = await _draft(request), _step_of(request), desk_of(request)
    form = await request.post()
    sent = {name: [str(one) for one in form.getall(name)] for name in form}
    typed = typed_in(step, sent)
    if seen:
        passed = {*draft.fields.get(_SEEN, "").split(","), step} - {""}
        typed[_SEEN] = ",".join(one for one in STEPS if one in passed)
    try:
        await keep_draft(desk.open_unit, typed, draft_id=draft.id, now=desk.clock.now())
    except BadInput as error:  # it has become a campaign meanwhile
        raise web.HTTPConflict from error
    return replace(draft, fields={**draft.fields, **typed})


async def _draft(request: web.Request) -> CampaignDraft:
    try:
        async with desk_of(request).open_unit() as unit:
            return await unit.campaign_pages.draft(int(request.match_info["draft"]))
    except NotFound as error:
        raise web.HTTPNotFound from error


def _step_of(request: web.Request) -> str:
    return request.match_info["step"]


def _address(draft_id: int, step: str) -> str:
    return f"/campaigns/drafts/{draft_id}/{step}"


def _trial_address(draft_id: int) -> str:
    return f"/campaigns/drafts/{draft_id}/trial"


_ONE: Final = r"/campaigns/drafts/{draft:\d{1,18}}"
_STEP: Final = f"{_ONE}/{{step:{'|'.join(STEPS)}}}"
_MAY: Final = Permission.EDIT_CAMPAIGNS
ROUTES: Final = (
    post("/campaigns/drafts", begin, _MAY),
    get(f"{_ONE}/count", count_draft, _MAY),
    get(f"{_ONE}/trial", show_trial, _MAY),
    post(f"{_ONE}/trial", ask_trial, _MAY),
    post(f"{_ONE}/send", send, _MAY),
    post(f"{_ONE}/drop", drop, _MAY),
    get(_STEP, show_step, _MAY),
    post(_STEP, take_step, _MAY),
    post(f"{_STEP}/count", count_typed, _MAY),
)
