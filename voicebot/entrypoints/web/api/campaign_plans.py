"""Campaigns that are there: their plan, changing it, copying them, hearing them, sending a returned one again."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from voicebot.application.desk.campaign_bench import look_around, read_campaign
from voicebot.application.desk.campaign_changes import plan_names, read_change
from voicebot.application.desk.campaign_fill import fields_of
from voicebot.application.desk.campaigns import (
    FREE,
    CannotChange,
    Freedom,
    begin_draft,
    change_plan,
    freedom,
    send_again,
)
from voicebot.application.json_input import problem
from voicebot.domain.api_token import Scope
from voicebot.domain.campaign import Campaign
from voicebot.entrypoints.web.api import plan_answers
from voicebot.entrypoints.web.api.campaign_items import CampaignState, campaign_etag
from voicebot.entrypoints.web.api.campaign_parts import CampaignParts, PlanWanted
from voicebot.entrypoints.web.api.campaign_typing import PATHS, parts_of, typed
from voicebot.entrypoints.web.api.paging import One
from voicebot.entrypoints.web.api.plan_answers import PlanCheck, PlanCount
from voicebot.entrypoints.web.api.plan_problems import refuse, told
from voicebot.entrypoints.web.api.problems import RefusedFor
from voicebot.entrypoints.web.api.routes import Asked, Reply, get, patch, post


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanDetails:
    """What a campaign is made of, and what of it may be changed just now."""

    id: int
    freedom: Annotated[Freedom, "Why so much of it."]
    may_change: Annotated[tuple[str, ...], "Fields, as problems name them."]
    plan: CampaignParts


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyMade:
    """A draft with everything the campaign has but its name and its days."""

    draft: int


async def show_plan(asked: Asked) -> Reply:
    """What it is made of."""
    return await _details(asked)


async def change(asked: Asked) -> Reply:
    """As much of it as may be changed."""
    bench = asked.bench
    around = await look_around(bench)
    given = typed(asked.of(PlanWanted), dialplan=around.dialplan)
    campaign = await _campaign(asked)
    read = read_change(bench, around, campaign, given)
    async with asked.open_unit() as unit:
        fixed = set(_changed(campaign, read.plan, read.names)) - FREE[await freedom(unit, campaign)]
    if fixed:
        raise _fixed(fixed)
    refuse(read.wrong_anew)
    try:
        await change_plan(
            asked.open_unit,
            campaign.id,
            read.plan,
            only=read.names,
            by=asked.user,
            now=asked.now,
            require=lambda campaign: asked.match(campaign_etag(campaign)),
        )
    except CannotChange as error:  # it has gone on meanwhile
        raise _fixed(error.names) from error
    return await _details(asked)


async def check(asked: Asked) -> Reply:
    """What is wrong with it as of now."""
    bench, campaign = asked.bench, await _campaign(asked)
    around = await look_around(bench)
    read = read_campaign(bench, around, fields_of(campaign, around.hours))
    return Reply(body=PlanCheck(ready=not read.fatal, problems=told(read.wrong)))


async def count(asked: Asked) -> Reply:
    """Whom it would select now."""
    return await plan_answers.count_reply(asked, await _campaign(asked))


async def copy(asked: Asked) -> Reply:
    """Begin a draft like it."""
    campaign, around = await _campaign(asked), await look_around(asked.bench)
    given = fields_of(campaign, around.hours) | {"name": "", "starts_on": "", "ends_on": ""}
    return Reply(body=CopyMade(draft=await begin_draft(asked.open_unit, given, by=asked.user, now=asked.now)))


async def submit(asked: Asked) -> Reply:
    """Have the list of a returned campaign put together anew."""
    campaign = await send_again(
        asked.open_unit,
        asked.of(One).id,
        by=asked.user,
        now=asked.now,
        require=lambda campaign: asked.match(campaign_etag(campaign)),
    )
    return Reply(body=CampaignState(id=campaign.id, status=campaign.status), etag=campaign_etag(campaign))


async def ask_trial(asked: Asked) -> Reply:
    """Let somebody hear it."""
    campaign = await _campaign(asked)
    return await plan_answers.ask_trial(asked, campaign, f"campaign:{campaign.id}")


async def show_trial(asked: Asked) -> Reply:
    """How that stands."""
    return await plan_answers.show_trial(asked, f"campaign:{(await _campaign(asked)).id}")


async def _campaign(asked: Asked) -> Campaign:
    async with asked.open_unit() as unit:
        return await unit.campaigns.get(asked.of(One).id)


async def _details(asked: Asked) -> Reply:
    async with asked.open_unit() as unit:
        campaign = await unit.campaigns.get(asked.of(One).id)
        free = await freedom(unit, campaign)
    open_to = {name: path for name, path in PATHS.items() if "[" not in path and set(plan_names([name])) <= FREE[free]}
    may_change = tuple(dict.fromkeys(path for name, path in open_to.items() if name != "name"))
    body = PlanDetails(id=campaign.id, freedom=free, may_change=may_change, plan=parts_of(campaign))
    return Reply(body=body, etag=campaign_etag(campaign))


def _changed(campaign: Campaign, plan: object, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if getattr(plan, name) != getattr(campaign, name)]


def _fixed(names: set[str] | tuple[str, ...]) -> RefusedFor:
    """What may not change any more, where it was said."""
    problems = [problem(_WHERE.get(one, one), "cannot be changed now", "copy the campaign") for one in sorted(names)]
    return RefusedFor(HTTPStatus.CONFLICT, problems)


_WHERE: Final = {
    "segment": "whom",
    **{name: f"whom.{name}" for name in ("triggers", "season", "quiet_days")},
    **{name: f"say.{name}" for name in ("kind", "script", "dialplan", "variants")},
    "schedule": "when.schedule",
    "window": "when",
    "priority": "when.priority",
    "weight": "when.weight",
    "offer": "offer",
    "reminder": "offer.reminder",
    "budget": "budget",
    "control_share": "control.share",
}
"""Where each field of a plan stands in the parts."""
_ONE: Final = "/api/v1/campaigns/{id}"
_TAG: Final = "Campaigns"
_STATE: Final = {HTTPStatus.CONFLICT: "The campaign's state does not allow it."}
ROUTES: Final = (
    get(
        f"{_ONE}/plan",
        show_plan,
        Scope.CAMPAIGNS_READ,
        name="getCampaignPlan",
        summary="What a campaign is made of, and what of it may be changed",
        tag=_TAG,
        address=One,
        answer=PlanDetails,
        tagged=True,
    ),
    patch(
        _ONE,
        change,
        Scope.CAMPAIGNS_EDIT,
        name="changeCampaign",
        summary="Change what may be changed",
        tag=_TAG,
        address=One,
        body=PlanWanted,
        answer=PlanDetails,
        errors=_STATE,
        tagged=True,
        details="Schedule, days, hours, budget, priority and weight as long as it is not finished; whom it is about"
        " while nobody waits for a signature; what is said and promised only once nobody waits for a call either;"
        " kind, variants and control group never, once somebody was released. What may not change is refused whole,"
        " and what is the same as before is no change.",
    ),
    get(
        f"{_ONE}/check",
        check,
        Scope.CAMPAIGNS_READ,
        name="checkCampaign",
        summary="Everything wrong with a campaign as of now",
        tag=_TAG,
        address=One,
        answer=PlanCheck,
    ),
    get(
        f"{_ONE}/count",
        count,
        Scope.CAMPAIGNS_READ,
        name="countCampaign",
        summary="How many people it would select now, and why not the others",
        tag=_TAG,
        address=One,
        answer=PlanCount,
    ),
    post(
        f"{_ONE}/copy",
        copy,
        Scope.CAMPAIGNS_EDIT,
        name="copyCampaign",
        summary="Begin a draft like it",
        tag=_TAG,
        address=One,
        answer=CopyMade,
    ),
    post(
        f"{_ONE}/submit",
        submit,
        Scope.CAMPAIGNS_EDIT,
        name="submitCampaign",
        summary="Send a returned or withdrawn campaign for release again",
        tag=_TAG,
        address=One,
        answer=CampaignState,
        errors=_STATE,
        if_match=True,
        tagged=True,
    ),
    *plan_answers.trial_routes(_ONE, ask_trial, show_trial, tag=_TAG, of="Campaign"),
)
