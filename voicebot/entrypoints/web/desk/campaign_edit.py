"""Changing a campaign that is under way: as much of it as may be changed."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from voicebot.application.desk.campaign_bench import Around, look_around
from voicebot.application.desk.campaign_changes import read_change
from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.desk.campaign_fill import fields_of
from voicebot.application.desk.campaign_form import FIELDS, typed_in
from voicebot.application.desk.campaigns import Freedom, change_plan, freedom
from voicebot.domain.campaign import Campaign
from voicebot.domain.errors import BadInput
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import campaign_words
from voicebot.entrypoints.web.desk.campaign_views import choices_context, form_context, may_change
from voicebot.entrypoints.web.desk.campaigns import campaign_page, line_of
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import page, see_other, translated
from voicebot.entrypoints.web.desk.routes import get, post

_BUDGET: Final = ("max_calls", "max_money", "max_codes")
_SCRIPTS: Final = ("script", "dialplan")
_TIMES: Final = frozenset((*FIELDS["when"], *_BUDGET))
_SELECTION: Final = frozenset(FIELDS["whom"]) - {"name"}
_WORDS: Final = frozenset((*_SCRIPTS, *FIELDS["offer"])) - set(_BUDGET)
_ALL: Final = frozenset((*FIELDS["say"], *FIELDS["control"])) - set(_SCRIPTS)


async def show_edit(request: web.Request) -> web.StreamResponse:
    """The form with what the campaign is."""
    campaign, free = await _campaign(request)
    if free is Freedom.NOTHING:
        return see_other(f"/campaigns/{campaign.id}")
    around = await look_around(desk_of(request).bench)
    return await _form(request, campaign, free, around, fields_of(campaign, around.hours), ())


async def save(request: web.Request) -> web.StreamResponse:
    """Change what may be changed; nothing typed is lost when something is wrong."""
    campaign, free = await _campaign(request)
    desk, form = desk_of(request), await request.post()
    around = await look_around(desk.bench)
    sent = {name: [str(one) for one in form.getall(name)] for name in form}
    open_fields = _open(free)
    typed = {name: value for step in FIELDS for name, value in typed_in(step, sent).items() if name in open_fields}
    change = read_change(desk.bench, around, campaign, typed)
    if change.wrong:
        return await _form(request, campaign, free, around, change.fields, change.wrong, status=422)
    try:
        by, now = session_of(request).user, desk.clock.now()
        await change_plan(desk.open_unit, campaign.id, change.plan, only=change.names, by=by, now=now)
    except BadInput:  # the campaign has gone on while somebody typed
        return await campaign_page(request, status=409, refused="moved")
    return see_other(f"/campaigns/{campaign.id}")


def _open(free: Freedom) -> frozenset[str]:
    may = may_change(free)
    found: frozenset[str] = frozenset()
    for allowed, names in ((may.times, _TIMES), (may.selection, _SELECTION), (may.words, _WORDS), (may.all, _ALL)):
        found |= names if allowed else frozenset()
    return found


async def _campaign(request: web.Request) -> tuple[Campaign, Freedom]:
    campaign = (await line_of(request)).campaign
    async with desk_of(request).open_unit() as unit:
        return campaign, await freedom(unit, campaign)


async def _form(
    request: web.Request,
    campaign: Campaign,
    free: Freedom,
    around: Around,
    typed: Mapping[str, str],
    wrong: tuple[Wrong, ...],
    *,
    status: int = 200,
) -> web.Response:
    async with desk_of(request).open_unit() as unit:
        categories = await unit.campaign_pages.categories()
    context = {
        "campaign": campaign,
        "free": free,
        "freedoms": campaign_words.FREEDOMS,
        "wrong": wrong,
        **form_context(typed, around, categories, free),
        **choices_context(translated(request)),
    }
    return page(request, "campaigns/edit.html", status=status, **context)


_EDIT: Final = r"/campaigns/{id:\d{1,18}}/edit"
ROUTES: Final = (
    get(_EDIT, show_edit, Permission.EDIT_CAMPAIGNS),
    post(_EDIT, save, Permission.EDIT_CAMPAIGNS),
)
