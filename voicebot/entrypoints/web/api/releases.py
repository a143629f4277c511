"""Lists that wait for a signature, and signed ones. A token reads and withdraws; to sign takes a person."""

from http import HTTPStatus
from typing import Final

from voicebot.application.desk.campaign_bench import look_around, read_campaign
from voicebot.application.desk.campaign_fill import fields_of
from voicebot.application.desk.first_words import first_words
from voicebot.application.desk.releases import refuse_list
from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.domain.api_token import Scope
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignStatus, move_campaign
from voicebot.domain.errors import IllegalMove
from voicebot.entrypoints.web.api.paging import One, Paged, number, pack, unpack
from voicebot.entrypoints.web.api.plan_problems import told
from voicebot.entrypoints.web.api.release_items import (
    RefusalItem,
    ReleasesAsked,
    SignedListItem,
    SignedLists,
    WaitingConsent,
    WaitingDetails,
    WaitingItem,
    WaitingLists,
    WaitingPage,
    Withdrawing,
    WithdrawnList,
    person_item,
)
from voicebot.entrypoints.web.api.routes import Asked, Reply, etag_of, get, post
from voicebot.entrypoints.web.counting import COUNTING


async def list_releases(asked: Asked) -> Reply:
    """A page of them."""
    wanted = asked.of(ReleasesAsked)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.api_pages.releases(
            campaign_id=wanted.campaign, before=place[0] if place else None, limit=wanted.limit
        )
    shown = found[: wanted.limit]
    items = tuple(
        SignedListItem(
            id=one.release.id,
            campaign=one.release.campaign_id,
            name=one.campaign,
            released_by=one.release.released_by,
            released_at=one.release.released_at,
            people=one.release.leads,
            hash=one.release.hash,
        )
        for one in shown
    )
    more = len(found) > wanted.limit
    return Reply(body=SignedLists(items=items, next=pack(shown[-1].release.id) if more else None))


async def list_waiting(asked: Asked) -> Reply:
    """Every list that waits for a signature."""
    items = []
    async with asked.request.app[COUNTING], asked.open_unit() as unit:
        for one in await unit.release_pages.waiting():
            people, found = await unit.release_pages.hash_of(one.campaign.id)
            items.append(
                WaitingItem(
                    campaign=one.campaign.id,
                    name=one.campaign.name,
                    kind=one.campaign.kind,
                    status=one.campaign.status,
                    people=people,
                    since=one.since,
                    hash=found,
                )
            )
    return Reply(body=WaitingLists(items=tuple(items)))


async def show_waiting(asked: Asked) -> Reply:
    """One of them."""
    async with asked.request.app[COUNTING], asked.open_unit() as unit:
        campaign = await unit.campaigns.get(asked.of(One).id)
        people, found = await unit.release_pages.hash_of(campaign.id)
        consents = await unit.release_pages.consents(campaign, at=asked.now)
        refusals = await unit.release_pages.refusals(campaign.id)
    bench = asked.bench
    around = await look_around(bench)
    body = WaitingDetails(
        campaign=campaign.id,
        name=campaign.name,
        kind=campaign.kind,
        status=campaign.status,
        people=people,
        hash=found,
        script=campaign.script,
        percent=campaign.offer.standard_percent,
        says={name: tuple(lines) for name, lines in first_words(bench, campaign, around).items()},
        problems=told(read_campaign(bench, around, fields_of(campaign, around.hours)).wrong),
        consented=sum(one.people for one in consents),
        consents=tuple(
            WaitingConsent(
                source=one.source,
                wording=one.wording,
                people=one.people,
                first_at=one.first_at,
                last_at=one.last_at,
            )
            for one in consents
        ),
        refusals=tuple(
            RefusalItem(by=one.refused_by, at=one.refused_at, people=one.people, reason=one.reason) for one in refusals
        ),
    )
    return Reply(body=body, etag=_etag(campaign, found))


async def list_people(asked: Asked) -> Reply:
    """Lead by lead."""
    wanted = asked.of(Paged)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        campaign = await unit.campaigns.get(asked.of(One).id)
        found = await unit.release_pages.people(
            campaign, at=asked.now, after=place[0] if place else 0, limit=wanted.limit + 1
        )
    shown = found[: wanted.limit]
    items = tuple(person_item(asked, one) for one in shown)
    return Reply(body=WaitingPage(items=items, next=pack(shown[-1].lead_id) if len(found) > wanted.limit else None))


async def withdraw(asked: Asked) -> Reply:
    """Take a list back that nobody has signed any part of: the campaign is a draft again."""
    async with asked.open_unit() as unit:
        etag = await _seen(unit, asked)
    asked.match(etag)

    def whole(campaign: Campaign) -> None:
        if move_campaign(campaign.status, CampaignEvent.REFUSE) is not CampaignStatus.DRAFT:
            raise IllegalMove(machine="campaign", state=campaign.status, event="withdraw")

    number, wanted = asked.of(One).id, asked.of(Withdrawing)
    people = await refuse_list(
        asked.open_unit, number, wanted.reason, by=asked.caller.actor, now=asked.now, require=whole
    )
    return Reply(body=WithdrawnList(campaign=number, status=CampaignStatus.DRAFT, people=people))


async def _seen(unit: DeskUnit, asked: Asked) -> str:
    campaign = await unit.campaigns.get(asked.of(One).id)
    return _etag(campaign, (await unit.release_pages.hash_of(campaign.id))[1])


def _etag(campaign: Campaign, found: str) -> str:
    return etag_of("list", campaign.id, campaign.status, found)


_ALL: Final = "/api/v1/waiting-lists"
_ONE: Final = f"{_ALL}/{{id}}"
_TAG: Final = "Releases"
_SIGNING: Final = (
    "A named person answers for every list (38-FZ art. 18 p. 2), signed in at the desk with a one-time code: no token"
    " signs, whatever its scopes, and there is no address for it."
)
ROUTES: Final = (
    get(
        "/api/v1/releases",
        list_releases,
        Scope.CAMPAIGNS_READ,
        name="listReleases",
        summary="Signed lists: who answers for them, how many people, their hash",
        tag=_TAG,
        query=ReleasesAsked,
        answer=SignedLists,
        details=_SIGNING,
    ),
    get(
        _ALL,
        list_waiting,
        Scope.CAMPAIGNS_READ,
        name="listWaitingLists",
        summary="Lists that wait for a signature",
        tag=_TAG,
        answer=WaitingLists,
        details=_SIGNING,
    ),
    get(
        _ONE,
        show_waiting,
        Scope.CAMPAIGNS_READ,
        name="getWaitingList",
        summary="The list of a campaign, by the campaign's number",
        tag=_TAG,
        address=One,
        answer=WaitingDetails,
        tagged=True,
    ),
    get(
        f"{_ONE}/people",
        list_people,
        Scope.CAMPAIGNS_READ,
        name="listWaitingPeople",
        summary="Its people, lead by lead",
        tag=_TAG,
        address=One,
        query=Paged,
        answer=WaitingPage,
    ),
    post(
        f"{_ONE}/withdraw",
        withdraw,
        Scope.CAMPAIGNS_EDIT,
        name="withdrawList",
        summary="Take it back before anybody signs: the campaign is a draft again",
        tag=_TAG,
        address=One,
        body=Withdrawing,
        answer=WithdrawnList,
        errors={HTTPStatus.CONFLICT: "Part of it is signed already, or it is no list yet: pause or finish instead."},
        if_match=True,
    ),
)
