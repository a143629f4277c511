"""Campaigns: the list, one campaign, what it came to, starting and stopping it."""

from typing import Any, Final

from aiohttp import web

from voicebot.application.campaign_results import DAYS, campaign_results
from voicebot.application.desk.campaign_bench import at_hand
from voicebot.application.desk.campaign_figures import count_figures, next_selection, still_good
from voicebot.application.desk.campaign_fill import fields_of
from voicebot.application.desk.campaign_trial import try_plan
from voicebot.application.desk.campaigns import begin_draft, move, send_again
from voicebot.application.ports.audit import AuditFilter
from voicebot.application.ports.campaign_pages import CampaignFigures, CampaignLine
from voicebot.domain.campaign import CampaignEvent, CampaignStatus, legal_events
from voicebot.domain.errors import IllegalMove, NotFound
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.counting import COUNTING
from voicebot.entrypoints.web.desk import campaign_words, titles
from voicebot.entrypoints.web.desk.audit_titles import DEEDS
from voicebot.entrypoints.web.desk.campaign_plots import figures_plots, results_plots
from voicebot.entrypoints.web.desk.campaign_trial import trial_context
from voicebot.entrypoints.web.desk.campaign_views import part, people_of, plan_context
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import page, see_other, translated
from voicebot.entrypoints.web.desk.routes import get, post

_ON_A_PAGE: Final = 20
_HISTORY: Final = 20
_LONGEST_DAYS: Final = 365


async def show_list(request: web.Request) -> web.Response:
    """Every campaign, the newest first, with figures as they were counted last."""
    return page(request, "campaigns/list.html", **await _listed(request))


async def list_figures(request: web.Request) -> web.Response:
    """The same lines with figures counted anew where they are old."""
    desk, shown = desk_of(request), await _listed(request)
    fresh = [await _counted(request, line) for line in shown["lines"]]
    lines = [_with(line, figures) for line, figures in zip(shown["lines"], fresh, strict=True)]
    return part(request, "campaigns/lines.html", **(shown | {"lines": lines, "zone": desk.zone}))


async def show_campaign(request: web.Request) -> web.Response:
    """One campaign."""
    return await campaign_page(request)


async def campaign_page(request: web.Request, *, status: int = 200, refused: str = "") -> web.Response:
    """The page of the request's campaign; `refused`: what could not be done to it."""
    line, desk = await line_of(request), desk_of(request)
    around, campaign = await at_hand(desk.bench), line.campaign
    async with desk.open_unit() as unit:
        releases = await unit.releases.of(campaign.id)
        refusals = await unit.release_pages.refusals(campaign.id)
        history = await unit.audit.find(AuditFilter(subjects=(f"campaign:{campaign.id}",), limit=_HISTORY))
    context = {
        "line": line,
        "campaign": campaign,
        "releases": releases,
        "refusals": refusals,
        "history": history,
        "deeds": DEEDS,
        "refused": refused,
        "days": _days(request),
        "events": legal_events(campaign.status),
        "next_selection": next_selection(campaign, desk.zone, desk.clock.now()),
        **_figures_context(request, line),
        **plan_context(request, campaign, around),
        **await trial_context(
            request, campaign, around, about=f"campaign:{campaign.id}", address=f"/campaigns/{campaign.id}/trial"
        ),
    }
    return page(request, "campaigns/one.html", status=status, **context)


async def show_figures(request: web.Request) -> web.Response:
    """The figures, counted anew when they are old; sends the page on when the list has come together."""
    line = await line_of(request)
    was = request.query.get("was", "")
    if was and was != _standing(line):
        return part(request, "campaigns/moved.html", to=f"/campaigns/{line.campaign.id}")
    if not line.gathering:
        line = _with(line, await _counted(request, line))
    return part(request, "campaigns/figures.html", **_figures_context(request, line))


async def show_results(request: web.Request) -> web.Response:
    """What the calls were worth."""
    line, desk = await line_of(request), desk_of(request)
    async with request.app[COUNTING]:
        results = await campaign_results(desk.open_unit, line.campaign.name, days=_days(request), now=desk.clock.now())
    shown = results_plots(results, translated(request))
    return part(request, "campaigns/results.html", results=results, measures=shown, days=_days(request))


async def change_state(request: web.Request) -> web.StreamResponse:
    """Pause, go on, finish."""
    event = CampaignEvent(request.match_info["event"])
    desk, number = desk_of(request), (await line_of(request)).campaign.id
    try:
        await move(desk.open_unit, number, event, by=session_of(request).user, now=desk.clock.now())
    except IllegalMove:
        return await campaign_page(request, status=409, refused="moved")
    return see_other(f"/campaigns/{number}")


async def submit(request: web.Request) -> web.StreamResponse:
    """Put the list of a returned campaign together anew."""
    desk, number = desk_of(request), (await line_of(request)).campaign.id
    try:
        await send_again(desk.open_unit, number, by=session_of(request).user, now=desk.clock.now())
    except IllegalMove:
        return await campaign_page(request, status=409, refused="moved")
    return see_other(f"/campaigns/{number}")


async def copy(request: web.Request) -> web.StreamResponse:
    """A draft with everything this campaign has."""
    desk, line = desk_of(request), await line_of(request)
    around = await at_hand(desk.bench)
    fields = fields_of(line.campaign, around.hours) | {"name": "", "starts_on": "", "ends_on": ""}
    by, now = session_of(request).user, desk.clock.now()
    number = await begin_draft(desk.open_unit, fields, by=by, now=now)
    return see_other(f"/campaigns/drafts/{number}/whom")


async def show_trial(request: web.Request) -> web.Response:
    """How the trial call of the campaign stands."""
    return await _trial(request, None)


async def ask_trial(request: web.Request) -> web.StreamResponse:
    """Let a line ring the manager and speak the campaign."""
    campaign = (await line_of(request)).campaign
    variant = str((await request.post()).get("variant", ""))
    about, by = f"campaign:{campaign.id}", session_of(request).user
    answer = await try_plan(desk_of(request).bench, campaign, variant, about=about, by=by)
    if "X-CSRF-Token" in request.headers:  # our JavaScript asks for the part alone
        return await _trial(request, answer)
    return see_other(f"/campaigns/{campaign.id}")


async def line_of(request: web.Request) -> CampaignLine:
    """The campaign in the address; 404 when there is none."""
    try:
        async with desk_of(request).open_unit() as unit:
            return await unit.campaign_pages.one(int(request.match_info["id"]))
    except NotFound as error:
        raise web.HTTPNotFound from error


async def _trial(request: web.Request, answer: str | None) -> web.Response:
    desk, campaign = desk_of(request), (await line_of(request)).campaign
    about, address = f"campaign:{campaign.id}", f"/campaigns/{campaign.id}/trial"
    shown = await trial_context(request, campaign, await at_hand(desk.bench), about=about, address=address)
    return part(request, "campaigns/trial.html", **(shown | {"trial_answer": answer}))


async def _listed(request: web.Request) -> dict[str, Any]:
    desk, asked = desk_of(request), request.query.get("status", "")
    wanted = [CampaignStatus(asked)] if asked in set(CampaignStatus) else []
    before = request.query.get("before", "")
    place = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    may_edit = session_of(request).user.may(Permission.EDIT_CAMPAIGNS)
    async with desk.open_unit() as unit:
        found = await unit.campaign_pages.page(wanted, before=place, limit=_ON_A_PAGE + 1)
        drafts = await unit.campaign_pages.drafts() if may_edit and place is None and not wanted else ()
    lines, more, now = found[:_ON_A_PAGE], len(found) > _ON_A_PAGE, desk.clock.now()
    return {
        "lines": lines,
        "drafts": drafts,
        "chosen": asked if wanted else "",
        "before": place or "",
        "older": f"?status={asked}&before={lines[-1].campaign.id}" if more else "",
        "next_selections": {one.campaign.id: next_selection(one.campaign, desk.zone, now) for one in lines},
        "zone": desk.zone,
        "sms_price": desk.settings.sms_price,
        **_words(),
    }


async def _counted(request: web.Request, line: CampaignLine) -> CampaignFigures:
    """Figures no older than they may be; whoever else counts meanwhile is waited for."""
    desk = desk_of(request)
    if (kept := still_good(line, desk.clock.now())) is not None:
        return kept
    async with request.app[COUNTING]:
        return await count_figures(desk.open_unit, line, desk.zone, desk.clock.now())


def _figures_context(request: web.Request, line: CampaignLine) -> dict[str, Any]:
    desk, figures = desk_of(request), line.figures
    return {
        "line": line,
        "campaign": line.campaign,
        "figures": figures,
        "plots": figures_plots(figures) if figures is not None else {},
        "standing": _standing(line),
        "zone": desk.zone,
        "sms_price": desk.settings.sms_price,
        **_words(),
    }


def _words() -> dict[str, Any]:
    return {
        "statuses": campaign_words.STATUSES,
        "status_colours": campaign_words.STATUS_COLOURS,
        "kinds": campaign_words.KINDS,
        "lead_states": campaign_words.LEADS,
        "steps": campaign_words.STEPS,
        "people_of": people_of,
        "group_titles": titles.GROUPS,
    }


def _with(line: CampaignLine, figures: CampaignFigures) -> CampaignLine:
    return CampaignLine(campaign=line.campaign, figures=figures, unreleased=line.unreleased, gathering=line.gathering)


def _standing(line: CampaignLine) -> str:
    """What the page was drawn for: when it is another one, the page is drawn anew."""
    return f"{line.campaign.status}-{'gathering' if line.gathering else ''}"


def _days(request: web.Request) -> int:
    written = request.query.get("days", "")
    return min(int(written), _LONGEST_DAYS) or DAYS if written.isascii() and written.isdecimal() else DAYS


_ONE: Final = r"/campaigns/{id:\d{1,18}}"
_SEE: Final = Permission.SEE_REPORTS
_EDIT: Final = Permission.EDIT_CAMPAIGNS
ROUTES: Final = (
    get("/campaigns", show_list, _SEE),
    get("/campaigns/figures", list_figures, _SEE),
    get(_ONE, show_campaign, _SEE),
    get(f"{_ONE}/figures", show_figures, _SEE),
    get(f"{_ONE}/results", show_results, _SEE),
    post(f"{_ONE}/{{event:pause|resume|finish}}", change_state, _EDIT),
    post(f"{_ONE}/submit", submit, _EDIT),
    post(f"{_ONE}/copy", copy, _EDIT),
    get(f"{_ONE}/trial", show_trial, _EDIT),
    post(f"{_ONE}/trial", ask_trial, _EDIT),
)
