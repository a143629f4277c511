"""Answering for lists: what waits, what one signs, the whole list, signing it or not."""

from typing import Any, Final

from aiohttp import web

from voicebot.application.desk.campaign_bench import look_around, surroundings
from voicebot.application.desk.campaign_fields import readable
from voicebot.application.desk.first_words import first_words
from voicebot.application.desk.releases import refuse_list, sign
from voicebot.application.ports.release_pages import WaitingPerson
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignKind, legal_events
from voicebot.domain.campaign_checks import check_plan
from voicebot.domain.errors import BadInput, IllegalMove, NotFound
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.counting import COUNTING
from voicebot.entrypoints.web.desk import campaign_words
from voicebot.entrypoints.web.desk.campaign_count import counted_people
from voicebot.entrypoints.web.desk.campaign_views import part, people_of, plan_context
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import page, see_other
from voicebot.entrypoints.web.desk.routes import get, post

_ON_A_PAGE: Final = 100
_SAMPLE: Final = 10


async def show_waiting(request: web.Request) -> web.Response:
    """Every list that waits for a signature."""
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        waiting = await unit.release_pages.waiting()
    return page(request, "releases/list.html", waiting=waiting, kinds=campaign_words.KINDS, zone=desk.zone)


async def show_release(request: web.Request) -> web.Response:
    """Everything somebody should know before they sign."""
    return await _release(request)


async def show_people(request: web.Request) -> web.Response:
    """The whole list, page by page."""
    return await _people(request)


async def show_exclusions(request: web.Request) -> web.Response:
    """Who of the segment is not called, and why, as of now."""
    campaign = await _campaign(request)
    counted = await counted_people(request, campaign)
    return part(request, "campaigns/count.html", counted=counted, problems=campaign_words.PROBLEMS)


async def do_sign(request: web.Request) -> web.StreamResponse:
    """Answer for the list that was shown, or for those who were ticked."""
    form, desk = await request.post(), desk_of(request)
    campaign = await _campaign(request)
    only = tuple(readable(str(one)) for one in form.getall("only", ()))
    some = form.get("part") == "yes"
    again = _people if some else _release
    if form.get("answer") != "yes":
        return await again(request, wrong="not_confirmed", status=422)
    if some and not only:
        return await again(request, wrong="nobody_ticked", status=422)
    try:
        await sign(
            desk.open_unit,
            campaign.id,
            by=session_of(request).user,
            now=desk.clock.now(),
            only=only,
            seen=str(form.get("hash", "")) or "-",  # a form without a hash has shown nobody a list
        )
    except IllegalMove:
        return await again(request, wrong="moved", status=409)
    except BadInput:
        return await again(request, wrong="changed", status=409)
    return see_other(f"/campaigns/{campaign.id}" if not some else f"/releases/{campaign.id}")


async def do_refuse(request: web.Request) -> web.StreamResponse:
    """Answer for nobody of it, or not for those who were ticked."""
    form, desk = await request.post(), desk_of(request)
    campaign = await _campaign(request)
    only, some = tuple(readable(str(one)) for one in form.getall("only", ())), form.get("part") == "yes"
    reason, again = readable(str(form.get("reason", ""))), _people if some else _release
    if some and not only:
        return await again(request, wrong="nobody_ticked", status=422)
    try:
        by, now = session_of(request).user.name, desk.clock.now()
        await refuse_list(desk.open_unit, campaign.id, reason, by=by, now=now, only=only)
    except BadInput:
        return await again(request, wrong="no_reason", status=422)
    except IllegalMove:
        return await again(request, wrong="moved", status=409)
    return see_other("/releases" if not some else f"/releases/{campaign.id}")


async def _release(request: web.Request, *, wrong: str = "", status: int = 200) -> web.Response:
    desk, campaign = desk_of(request), await _campaign(request)
    around, now = await look_around(desk.bench), desk.clock.now()
    async with request.app[COUNTING], desk.open_unit() as unit:
        people, found = await unit.release_pages.hash_of(campaign.id)
        sample = await unit.release_pages.sample(campaign, at=now, size=_SAMPLE)
        consents = await unit.release_pages.consents(campaign, at=now)
        refusals = await unit.release_pages.refusals(campaign.id)
    form = await request.post() if request.method == "POST" else {}
    context = {
        "campaign": campaign,
        "people": people,
        "hash": found,
        "sample": sample,
        "consents": consents,
        "consented": sum(one.people for one in consents),
        "refusals": refusals,
        "warnings": check_plan(campaign, surroundings(desk.bench, around, campaign)),
        "spoken": first_words(desk.bench, campaign, around).items(),
        "reason": str(form.get("reason", "")),
        "comes_by_itself": bool(campaign.segment or campaign.triggers or campaign.season),
        **_context(request, campaign, wrong),
        **plan_context(request, campaign, around),
    }
    return page(request, "releases/one.html", status=status, **context)


async def _people(request: web.Request, *, wrong: str = "", status: int = 200) -> web.Response:
    desk, campaign = desk_of(request), await _campaign(request)
    written = request.query.get("after", "")
    after = int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else 0
    async with desk.open_unit() as unit:
        found = await unit.release_pages.people(campaign, at=desk.clock.now(), after=after, limit=_ON_A_PAGE + 1)
    shown: tuple[WaitingPerson, ...] = found[:_ON_A_PAGE]
    form = await request.post() if request.method == "POST" else None
    context = {
        "campaign": campaign,
        "found": shown,
        "after": after,
        "next_after": shown[-1].lead_id if len(found) > _ON_A_PAGE else 0,
        "ticked": {str(one) for one in form.getall("only", ())} if form is not None else set(),
        "reason": str(form.get("reason", "")) if form is not None else "",
        **_context(request, campaign, wrong),
    }
    return page(request, "releases/people.html", status=status, **context)


def _context(request: web.Request, campaign: Campaign, wrong: str) -> dict[str, Any]:
    return {
        "wrong": wrong,
        "answers": campaign_words.RELEASE_ANSWERS,
        "kinds": campaign_words.KINDS,
        "problems": campaign_words.PROBLEMS,
        "advertising": campaign.kind is CampaignKind.ADVERTISING,
        "may_sign": CampaignEvent.RELEASE in legal_events(campaign.status),
        "may_refuse": CampaignEvent.REFUSE in legal_events(campaign.status),
        "people_of": people_of,
        "zone": desk_of(request).zone,
    }


async def _campaign(request: web.Request) -> Campaign:
    try:
        async with desk_of(request).open_unit() as unit:
            return await unit.campaigns.get(int(request.match_info["id"]))
    except NotFound as error:
        raise web.HTTPNotFound from error


_ONE: Final = r"/releases/{id:\d{1,18}}"
_MAY: Final = Permission.RELEASE
ROUTES: Final = (
    get("/releases", show_waiting, _MAY),
    get(_ONE, show_release, _MAY),
    get(f"{_ONE}/people", show_people, _MAY),
    get(f"{_ONE}/exclusions", show_exclusions, _MAY),
    post(f"{_ONE}/sign", do_sign, _MAY),
    post(f"{_ONE}/refuse", do_refuse, _MAY),
)
