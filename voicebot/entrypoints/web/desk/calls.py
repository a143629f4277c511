"""Calls: the list, the search over what was said, one call."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from voicebot.application.desk.calls import read_call
from voicebot.application.ports.call_pages import CallList
from voicebot.domain.call import Direction
from voicebot.domain.call_query import CallPlace, CallQuery, TalkLength
from voicebot.domain.errors import NotFound, Problem
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import titles
from voicebot.entrypoints.web.desk.asked import asked_of, member, midnight, number
from voicebot.entrypoints.web.desk.keys import Desk, desk_of, session_of
from voicebot.entrypoints.web.desk.one_call import CALL, call_of, no_call, recording_of
from voicebot.entrypoints.web.desk.pages import page
from voicebot.entrypoints.web.desk.routes import get

_ON_A_PAGE: Final = 40
_PLACES: Final = frozenset({"before", "after"})
_QUOTES: Final = str.maketrans(dict.fromkeys("«»“”„", '"'))
"""The search engine's quotes are straight ones."""


async def show_calls(request: web.Request) -> web.Response:
    """The list, narrowed and searched as the address says."""
    desk, asked = desk_of(request), asked_of(request.query)
    wanted = _query(asked, desk)
    place = CallPlace(before=number(asked.get("before", "")), after=number(asked.get("after", "")))
    async with desk.open_unit() as unit:
        found = await unit.call_pages.find(wanted, place, limit=_ON_A_PAGE)
        choices = await unit.call_pages.choices()
    return page(
        request,
        "calls/list.html",
        found=found,
        choices=choices,
        asked=asked,
        narrowed=wanted != CallQuery(),
        links=_links(asked, found),
        titles=titles,
        zone=desk.zone,
    )


async def show_call(request: web.Request) -> web.Response:
    """One call with everything that came of it."""
    return await call_page(request)


async def call_page(request: web.Request, *, problems: tuple[Problem, ...] = (), status: int = 200) -> web.Response:
    """The page of the request's call, with what was wrong with a form on it."""
    desk, user = desk_of(request), session_of(request).user
    try:
        shown = await read_call(desk.open_unit, call_of(request), by=user, now=desk.clock.now())
    except NotFound:
        return no_call(request)
    heard = user.may(Permission.HEAR_CALLS)
    sound = await asyncio.to_thread(recording_of, desk, shown.record.recording) if heard else None
    return page(
        request,
        "calls/call.html",
        status=status,
        call=shown,
        record=shown.record,
        one=shown.record.summary,
        sound=sound is not None,
        view=secrets.token_urlsafe(12),
        intents=tuple(Intent),
        problems=problems,
        titles=titles,
        zone=desk.zone,
        moment_of=datetime.fromisoformat,
    )


def _query(asked: Mapping[str, str], desk: Desk) -> CallQuery:
    """What cannot be understood does not matter."""
    until = midnight(asked.get("to", ""), desk.zone)
    return CallQuery(
        campaign_id=number(asked.get("campaign", "")),
        group=member(Group, asked.get("group", "")),
        disposition=member(Disposition, asked.get("disposition", "")),
        tag=asked.get("tag", ""),
        hangup_state=asked.get("state", ""),
        direction=member(Direction, asked.get("direction", "")),
        length=member(TalkLength, asked.get("length", "")),
        unread="unread" in asked,
        since=midnight(asked.get("from", ""), desk.zone),
        until=until + timedelta(days=1) if until else None,
        words=asked.get("q", "").translate(_QUOTES),
        everybody="q" in asked and "everybody" in asked,
    )


def _links(asked: Mapping[str, str], found: CallList) -> dict[str, str]:
    """Addresses of the pages beside this one; empty where there is none."""
    kept = {name: value for name, value in asked.items() if name not in _PLACES}

    def address(place: str, call_id: int | None) -> str:
        return f"/calls?{urlencode(kept | {place: call_id})}" if call_id is not None else ""

    return {"older": address("before", found.older), "newer": address("after", found.newer)}


ROUTES: Final = (
    get("/calls", show_calls, Permission.SEE_CALLS),
    get(CALL, show_call, Permission.SEE_CALLS),
)
