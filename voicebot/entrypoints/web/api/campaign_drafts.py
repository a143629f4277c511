"""Drafts of campaigns, the same ones as at the desk: begun, changed, checked, counted, heard, sent for release."""

from http import HTTPStatus
from typing import Final

from voicebot.application.desk.campaign_bench import Around, look_around, read_campaign
from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.desk.campaign_fill import usual_fields
from voicebot.application.desk.campaign_form import ReadForm
from voicebot.application.desk.campaigns import begin_draft, drop_draft, keep_draft, send_draft
from voicebot.application.ports.campaign_pages import CampaignDraft
from voicebot.domain.api_token import Scope
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.web.api import plan_answers
from voicebot.entrypoints.web.api.campaign_items import campaign_etag
from voicebot.entrypoints.web.api.campaign_parts import DraftWanted
from voicebot.entrypoints.web.api.campaign_typing import parts_of
from voicebot.entrypoints.web.api.draft_items import (
    DraftDetails,
    DraftGone,
    DraftPage,
    DraftSent,
    draft_etag,
    draft_item,
    given_fields,
)
from voicebot.entrypoints.web.api.paging import One, Paged, number, pack, unpack
from voicebot.entrypoints.web.api.plan_answers import PlanCheck, PlanCount
from voicebot.entrypoints.web.api.plan_problems import refuse, told
from voicebot.entrypoints.web.api.problems import Refused
from voicebot.entrypoints.web.api.routes import Asked, Reply, delete, get, patch, post


async def list_drafts(asked: Asked) -> Reply:
    """A page of them."""
    wanted = asked.of(Paged)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.api_pages.drafts(before=place[0] if place else None, limit=wanted.limit)
    items, more = found[: wanted.limit], len(found) > wanted.limit
    return Reply(body=DraftPage(items=tuple(map(draft_item, items)), next=pack(items[-1].id) if more else None))


async def begin(asked: Asked) -> Reply:
    """A new one."""
    around = await look_around(asked.bench)
    given = usual_fields(around.dialplan, around.hours) | await given_fields(asked.of(DraftWanted), around)
    draft_id = await begin_draft(asked.open_unit, given, by=asked.user, now=asked.now)
    async with asked.open_unit() as unit:
        draft = await unit.campaign_pages.draft(draft_id)
    return _details(draft, _read(asked, around, draft))


async def show(asked: Asked) -> Reply:
    """One of them."""
    draft = await _found(asked)
    return _details(draft, _read(asked, await look_around(asked.bench), draft))


async def change(asked: Asked) -> Reply:
    """The parts that are given."""
    around = await look_around(asked.bench)
    given, draft_id = await given_fields(asked.of(DraftWanted), around), asked.of(One).id
    draft = await keep_draft(
        asked.open_unit,
        given,
        draft_id=draft_id,
        now=asked.now,
        told=asked.user,
        require=lambda draft: _open(asked, draft),
    )
    return _details(draft, _read(asked, around, draft))


async def drop(asked: Asked) -> Reply:
    """Throw it away."""
    number = asked.of(One).id
    await drop_draft(asked.open_unit, number, by=asked.user, now=asked.now, require=lambda draft: _open(asked, draft))
    return Reply(body=DraftGone(id=number))


async def check(asked: Asked) -> Reply:
    """Everything wrong with it."""
    read = _read(asked, await look_around(asked.bench), await _found(asked))
    return Reply(body=await plan_answers.checked(asked, read.plan, read.wrong))


async def count(asked: Asked) -> Reply:
    """How many people."""
    read = _read(asked, await look_around(asked.bench), await _found(asked))
    return await plan_answers.count_reply(asked, read.plan)


async def ask_trial(asked: Asked) -> Reply:
    """Let somebody hear it."""
    draft = await _found(asked)
    read = _read(asked, await look_around(asked.bench), draft)
    return await plan_answers.ask_trial(asked, read.plan, f"draft:{draft.id}")


async def show_trial(asked: Asked) -> Reply:
    """How that stands."""
    return await plan_answers.show_trial(asked, f"draft:{(await _found(asked)).id}")


async def send(asked: Asked) -> Reply:
    """Make the campaign; its list is put together by the jobs process."""
    draft = await _found(asked)
    _open(asked, draft)
    read = _read(asked, await look_around(asked.bench), draft)
    refuse(read.wrong)
    if (found := await plan_answers.counted(asked, read.plan)).empty:
        refuse([found.empty])

    def unchanged(now: CampaignDraft) -> None:
        if draft_etag(now) != draft_etag(draft):
            raise Refused(HTTPStatus.CONFLICT, "it has changed meanwhile", "look at it and send it again")

    try:
        campaign = await send_draft(
            asked.open_unit, draft.id, read.plan, by=asked.user, now=asked.now, require=unchanged
        )
    except BadInput:
        refuse([Wrong(field="name", code="name_taken")])
        raise
    return Reply(body=DraftSent(campaign=campaign.id, status=campaign.status), etag=campaign_etag(campaign))


async def _found(asked: Asked) -> CampaignDraft:
    async with asked.open_unit() as unit:
        return await unit.campaign_pages.draft(asked.of(One).id)


def _open(asked: Asked, draft: CampaignDraft) -> None:
    """Raises Refused when it was sent already, or is another one than the caller has seen."""
    if draft.campaign_id is not None:
        raise Refused(HTTPStatus.CONFLICT, "a campaign was made of it already", "change the campaign")
    asked.match(draft_etag(draft))


def _read(asked: Asked, around: Around, draft: CampaignDraft) -> ReadForm:
    return read_campaign(asked.bench, around, draft.fields)


def _details(draft: CampaignDraft, read: ReadForm) -> Reply:
    body = DraftDetails(draft=draft_item(draft), plan=parts_of(read.plan), problems=told(read.wrong))
    return Reply(body=body, etag=draft_etag(draft))


_ALL: Final = "/api/v1/campaign-drafts"
_ONE: Final = f"{_ALL}/{{id}}"
_TAG: Final = "Campaign drafts"
_SENT: Final = {HTTPStatus.CONFLICT: "A campaign was made of it already."}
ROUTES: Final = (
    get(
        _ALL,
        list_drafts,
        Scope.CAMPAIGNS_READ,
        name="listDrafts",
        summary="Campaigns that are being put together, here or at the desk",
        tag=_TAG,
        query=Paged,
        answer=DraftPage,
    ),
    post(
        _ALL,
        begin,
        Scope.CAMPAIGNS_EDIT,
        name="beginDraft",
        summary="Begin one, out of parts or of a campaign file",
        tag=_TAG,
        body=DraftWanted,
        answer=DraftDetails,
        tagged=True,
        details="It may be wrong or unfinished: `problems` says what is left to do. Nobody is called before a campaign"
        " was made of it and a named person has released its list.",
    ),
    get(
        _ONE,
        show,
        Scope.CAMPAIGNS_READ,
        name="getDraft",
        summary="One with what is wrong with it",
        tag=_TAG,
        address=One,
        answer=DraftDetails,
        tagged=True,
    ),
    patch(
        _ONE,
        change,
        Scope.CAMPAIGNS_EDIT,
        name="changeDraft",
        summary="Replace parts of it",
        tag=_TAG,
        address=One,
        body=DraftWanted,
        answer=DraftDetails,
        errors=_SENT,
        tagged=True,
    ),
    delete(
        _ONE,
        drop,
        Scope.CAMPAIGNS_EDIT,
        name="dropDraft",
        summary="Throw it away",
        tag=_TAG,
        address=One,
        answer=DraftGone,
        errors=_SENT,
    ),
    get(
        f"{_ONE}/check",
        check,
        Scope.CAMPAIGNS_READ,
        name="checkDraft",
        summary="Everything wrong with it, each with its field and its repair",
        tag=_TAG,
        address=One,
        answer=PlanCheck,
    ),
    get(
        f"{_ONE}/count",
        count,
        Scope.CAMPAIGNS_READ,
        name="countDraft",
        summary="How many people it would call now, and why not the others",
        tag=_TAG,
        address=One,
        answer=PlanCount,
    ),
    *plan_answers.trial_routes(_ONE, ask_trial, show_trial, tag=_TAG, of="Draft"),
    post(
        f"{_ONE}/send",
        send,
        Scope.CAMPAIGNS_EDIT,
        name="sendDraft",
        summary="Make the campaign and send it for release",
        tag=_TAG,
        address=One,
        answer=DraftSent,
        errors={HTTPStatus.CONFLICT: "A campaign was made of it already, or it has changed meanwhile."},
        if_match=True,
        tagged=True,
        details="The jobs process puts its list together; then it awaits the signature of a named person, who gives it"
        " at the desk: no token can. What must be mended first is named in `problems`.",
    ),
)
