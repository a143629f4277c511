"""Campaigns: lists, one, start again, pause, the people, the results."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from voicebot.application.campaign_results import DAYS, campaign_results
from voicebot.application.release_campaign import change_campaign
from voicebot.domain.api_token import Scope
from voicebot.domain.campaign import CampaignEvent, CampaignStatus
from voicebot.domain.lead import LeadState
from voicebot.entrypoints.web.api.campaign_items import (
    CampaignDetails,
    CampaignPage,
    CampaignState,
    LeadPage,
    campaign_etag,
    campaign_item,
    lead_item,
)
from voicebot.entrypoints.web.api.campaign_results import CampaignResultsItem, results_item
from voicebot.entrypoints.web.api.paging import One, Paged, number, pack, unpack
from voicebot.entrypoints.web.api.routes import Asked, Reply, get, post
from voicebot.entrypoints.web.api.schema import Range


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignsAsked(Paged):
    """Which campaigns."""

    status: CampaignStatus | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadsAsked(Paged):
    """Which people."""

    state: LeadState | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultsAsked:
    """What counts."""

    days: Annotated[int, Range(most=3650), "Days after coming onto the list in which orders count."] = DAYS


async def list_campaigns(asked: Asked) -> Reply:
    """A page of them."""
    wanted = asked.of(CampaignsAsked)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.api_pages.campaigns(
            status=wanted.status, before=place[0] if place else None, limit=wanted.limit
        )
    items, more = found[: wanted.limit], len(found) > wanted.limit
    return Reply(body=CampaignPage(items=tuple(map(campaign_item, items)), next=pack(items[-1].id) if more else None))


async def get_campaign(asked: Asked) -> Reply:
    """One with its figures."""
    async with asked.open_unit() as unit:
        line = await unit.campaign_pages.one(asked.of(One).id)
        campaign = line.campaign
        progress = await unit.campaigns.progress(campaign.id)
        spent = await unit.campaigns.spending(campaign.id)
    details = CampaignDetails(
        campaign=campaign_item(campaign),
        people=progress.leads,
        unreleased=line.unreleased,
        gathering=line.gathering,
        by_state=progress.by_state,
        by_group=progress.by_group,
        by_disposition=progress.by_disposition,
        calls=spent.calls,
        money=spent.money,
        messages=spent.messages,
        codes=spent.codes,
    )
    return Reply(body=details, etag=campaign_etag(campaign))


async def list_leads(asked: Asked) -> Reply:
    """Who is on the list."""
    wanted = asked.of(LeadsAsked)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        campaign = await unit.campaigns.get(asked.of(One).id)
        found = await unit.api_pages.people(
            campaign.id, state=wanted.state, after=place[0] if place else None, limit=wanted.limit
        )
    items = tuple(lead_item(asked, one) for one in found.people)
    return Reply(body=LeadPage(items=items, next=None if found.next is None else pack(found.next)))


async def get_results(asked: Asked) -> Reply:
    """What it was worth."""
    async with asked.open_unit() as unit:
        campaign = await unit.campaigns.get(asked.of(One).id)
    found = await campaign_results(asked.open_unit, campaign.name, days=asked.of(ResultsAsked).days, now=asked.now)
    return Reply(body=results_item(found))


async def start(asked: Asked) -> Reply:
    """Dial again."""
    return await _change(asked, CampaignEvent.RESUME)


async def pause(asked: Asked) -> Reply:
    """Stop dialling; calls under way go on."""
    return await _change(asked, CampaignEvent.PAUSE)


async def finish(asked: Asked) -> Reply:
    """End it for good."""
    return await _change(asked, CampaignEvent.FINISH)


async def _change(asked: Asked, event: CampaignEvent) -> Reply:
    changed = await change_campaign(
        asked.open_unit,
        asked.of(One).id,
        event,
        by=asked.caller.actor,
        now=asked.now,
        require=lambda campaign: asked.match(campaign_etag(campaign)),
    )
    return Reply(body=CampaignState(id=changed.id, status=changed.status), etag=campaign_etag(changed))


_ONE: Final = "/api/v1/campaigns/{id}"
_REFUSED: Final = {HTTPStatus.CONFLICT: "The campaign's state does not allow it."}
ROUTES: Final = (
    get(
        "/api/v1/campaigns",
        list_campaigns,
        Scope.CAMPAIGNS_READ,
        name="listCampaigns",
        summary="Campaigns, the newest first",
        tag="Campaigns",
        query=CampaignsAsked,
        answer=CampaignPage,
    ),
    get(
        _ONE,
        get_campaign,
        Scope.CAMPAIGNS_READ,
        name="getCampaign",
        summary="One campaign with how far it has come and what it has used up",
        tag="Campaigns",
        address=One,
        answer=CampaignDetails,
        tagged=True,
    ),
    get(
        f"{_ONE}/leads",
        list_leads,
        Scope.CAMPAIGNS_READ,
        name="listLeads",
        summary="The people on a campaign's list",
        tag="Campaigns",
        address=One,
        query=LeadsAsked,
        answer=LeadPage,
    ),
    get(
        f"{_ONE}/results",
        get_results,
        Scope.CAMPAIGNS_READ,
        name="getCampaignResults",
        summary="What a campaign was worth, against the people it left alone",
        tag="Campaigns",
        address=One,
        query=ResultsAsked,
        answer=CampaignResultsItem,
    ),
    *(
        post(
            f"{_ONE}/{word}",
            handler,
            scope,
            name=f"{word}Campaign",
            summary=summary,
            tag="Campaigns",
            address=One,
            answer=CampaignState,
            errors=_REFUSED,
            if_match=True,
            tagged=True,
            details=details,
        )
        for word, handler, scope, summary, details in (
            (
                "start",
                start,
                Scope.CAMPAIGNS_WRITE,
                "Dial again after a pause",
                "The first start is a release, for which a named person answers at the desk: no token can do it.",
            ),
            ("pause", pause, Scope.CAMPAIGNS_WRITE, "Stop dialling", "Calls under way go on."),
            (
                "finish",
                finish,
                Scope.CAMPAIGNS_EDIT,
                "End a campaign for good",
                "Whoever still waits on its list is not called.",
            ),
        )
    ),
)
