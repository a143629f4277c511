"""Calls: lists, the search in what was said, one, its recording."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from aiohttp import web

from voicebot.application.desk.recordings import hear_recording
from voicebot.application.json_input import problem
from voicebot.domain.api_token import Scope
from voicebot.domain.call import Direction
from voicebot.domain.call_query import CallPlace, CallQuery, TalkLength
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.outcome import Disposition, Group
from voicebot.entrypoints.web.api.call_items import CallDetails, CallListing, call_details, call_item
from voicebot.entrypoints.web.api.paging import One, Paged, number, pack, unpack
from voicebot.entrypoints.web.api.routes import Asked, Reply, get
from voicebot.entrypoints.web.api.schema import Range, Text
from voicebot.entrypoints.web.desk.one_call import recording_below

_WORD: Final = Text(most=100)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallsAsked(Paged):
    """Which calls."""

    campaign: Annotated[int | None, Range(), "Its number."] = None
    group: Group | None = None
    disposition: Disposition | None = None
    tag: Annotated[str | None, _WORD, "A tag of the call."] = None
    state: Annotated[str | None, _WORD, "Script state in which the customer hung up."] = None
    direction: Direction | None = None
    length: Annotated[TalkLength | None, "none: not answered; short: under 15 s; minute; talk: under 3 min; long."] = (
        None
    )
    unread: Annotated[bool, "Only with words of the customer that no manager has read."] = False
    since: Annotated[datetime | None, "Dialled at this moment or later."] = None
    until: Annotated[datetime | None, "Dialled before this moment."] = None
    q: Annotated[str | None, Text(), 'What was said: words, "a phrase", or, -without. Needs transcripts:read.'] = None
    everybody: Annotated[bool, "Search the bot's words too."] = False


async def list_calls(asked: Asked) -> Reply:
    """A page of them."""
    wanted = asked.of(CallsAsked)
    if wanted.q is not None:
        asked.require(Scope.TRANSCRIPTS_READ, "q")
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.call_pages.find(
            _query(wanted), CallPlace(before=place[0] if place else None), limit=wanted.limit
        )
    if found.too_common:
        raise BadInput([problem("q", "is in almost every call", "add a word that means something")])
    items = tuple(call_item(asked, row) for row in found.rows)
    return Reply(body=CallListing(items=items, next=None if found.older is None else pack(found.older)))


async def get_call(asked: Asked) -> Reply:
    """One with all that came of it."""
    async with asked.open_unit() as unit:
        found = await unit.call_pages.show(asked.of(One).id)
    return Reply(body=call_details(asked, found))


async def get_recording(asked: Asked) -> Reply:
    """The sound; that it was fetched is written into the audit log first."""
    call_id = asked.of(One).id
    async with asked.open_unit() as unit:
        stored = (await unit.call_log.show(call_id)).recording
    file = await asyncio.to_thread(recording_below, asked.api.settings.recordings, stored)
    if file is None:
        raise NotFound("no recording")
    await hear_recording(asked.open_unit, call_id, view="", download=True, by=asked.user, now=asked.now)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Type": "audio/wav",
        "Content-Disposition": f'attachment; filename="call-{call_id}.wav"',
    }
    return Reply(response=web.FileResponse(file, headers=headers))


def _query(wanted: CallsAsked) -> CallQuery:
    return CallQuery(
        campaign_id=wanted.campaign,
        group=wanted.group,
        disposition=wanted.disposition,
        tag=wanted.tag or "",
        hangup_state=wanted.state or "",
        direction=wanted.direction,
        length=wanted.length,
        unread=wanted.unread,
        since=wanted.since,
        until=wanted.until,
        words=wanted.q or "",
        everybody=wanted.everybody,
    )


ROUTES: Final = (
    get(
        "/api/v1/calls",
        list_calls,
        Scope.CALLS_READ,
        name="listCalls",
        summary="Calls, the newest first, narrowed and searched",
        tag="Calls",
        query=CallsAsked,
        answer=CallListing,
        details="A search that takes long stops and says where it goes on: its page may hold fewer calls than `limit`.",
    ),
    get(
        "/api/v1/calls/{id}",
        get_call,
        Scope.CALLS_READ,
        name="getCall",
        summary="One call with all that came of it",
        tag="Calls",
        address=One,
        answer=CallDetails,
    ),
    get(
        "/api/v1/calls/{id}/recording",
        get_recording,
        Scope.RECORDINGS_READ,
        name="getRecording",
        summary="The recording: WAV, the bot on the left, the customer on the right",
        tag="Calls",
        address=One,
        media="audio/wav",
        pieces=True,
        errors={HTTPStatus.NOT_FOUND: "It was not recorded, or the recording is gone."},
        details="Each request is written into the audit log. A piece may be asked for with `Range`.",
    ),
)
