"""The managers' queue: take, note, call back, resolve; what was resolved."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from voicebot.application.desk import escalations as work
from voicebot.application.desk.escalations import Answer
from voicebot.application.ports.escalation_queue import HistoryPlace, QueuedEscalation, QueuePlace
from voicebot.domain.call import Speaker
from voicebot.domain.errors import NotFound
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.escalation_work import Resolution, may_be_relieved
from voicebot.domain.time_zones import zone_for
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import titles
from voicebot.entrypoints.web.desk.asked import place_of, written_place
from voicebot.entrypoints.web.desk.escalation_looks import LOOKS, PAGE, State, look_at
from voicebot.entrypoints.web.desk.keys import Desk, desk_of, session_of
from voicebot.entrypoints.web.desk.pages import fragment, page, see_other
from voicebot.entrypoints.web.desk.routes import get, post
from voicebot.entrypoints.web.desk.streams import stream


async def show_queue(request: web.Request) -> web.Response:
    """What waits for a manager."""
    desk = desk_of(request)
    kind, behind = _kind(request), _behind(request.query.get("behind", ""))
    async with desk.open_unit() as unit:
        found = await unit.escalation_queue.page(behind=behind, kind=kind, limit=PAGE + 1)
        now = desk.clock.now()
        midnight = now.astimezone(desk.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        figures = await work.figures(unit, midnight)
    live = "" if behind else "/escalations/stream" + _query(kind=kind or "")
    return page(
        request,
        "escalations/queue.html",
        figures=figures,
        live=live,
        behind=behind,
        **_queue(request, found),
    )


async def stream_queue(request: web.Request) -> web.StreamResponse:
    """Its first page, again whenever it has changed."""
    seen, opened = request.app[LOOKS].queue.of(_kind(request)), asyncio.get_running_loop().time()

    async def draw() -> str:
        found = await seen.see(since=opened)  # never older than the page that has opened the stream
        return fragment(request, "escalations/list.html", behind=None, **_queue(request, found))

    return await stream(request, draw)


async def show_history(request: web.Request) -> web.Response:
    """What was resolved."""
    desk = desk_of(request)
    place = place_of(request.query.get("before", ""))
    before = HistoryPlace(resolved_at=place[0], id=place[1]) if place else None
    async with desk.open_unit() as unit:
        found = await unit.escalation_queue.history(before=before, limit=PAGE + 1)
    entries, last = found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None
    older = _query(before=written_place(last.resolved_at, last.id)) if last and last.resolved_at else ""
    return page(
        request,
        "escalations/history.html",
        entries=entries,
        older=older and f"/escalations/history{older}",
        begun=before is None,
        zone=desk.zone,
        **_TITLES_OFPAGES,
    )


async def show_one(request: web.Request) -> web.Response:
    """One escalation with everything that belongs to it."""
    return await _one(request)


async def stream_one(request: web.Request) -> web.StreamResponse:
    """Who holds it, its notes and call-backs, again whenever something has changed."""
    seen, opened = request.app[LOOKS].state.of(await _checked(request)), asyncio.get_running_loop().time()

    async def draw() -> str:
        return fragment(request, "escalations/state.html", **_state(request, await seen.see(since=opened)))

    return await stream(request, draw)


async def take(request: web.Request) -> web.StreamResponse:
    """Take it, or take it over from somebody who has let it lie."""
    form, desk = await request.post(), desk_of(request)
    user, relieve = session_of(request).user, form.get("relieve") == "yes"
    return await _answered(
        request, work.take(desk.open_unit, _id(request), by=user, now=desk.clock.now(), relieve=relieve)
    )


async def give_back(request: web.Request) -> web.StreamResponse:
    """Let others have it."""
    desk, user = desk_of(request), session_of(request).user
    return await _answered(request, work.give_back(desk.open_unit, _id(request), by=user, now=desk.clock.now()))


async def note(request: web.Request) -> web.StreamResponse:
    """Write something down."""
    form, desk, user = await request.post(), desk_of(request), session_of(request).user
    text = str(form.get("text", ""))
    done = work.add_note(desk.open_unit, _id(request), text, by=user, now=desk.clock.now())
    return await _answered(request, done, written=text)


async def call(request: web.Request) -> web.StreamResponse:
    """Ring the manager, then the customer."""
    desk, user = desk_of(request), session_of(request).user
    return await _answered(request, work.call_back(desk.open_unit, _id(request), by=user, now=desk.clock.now()))


async def resolve(request: web.Request) -> web.StreamResponse:
    """Close it with what came of it; then back to the queue."""
    form, desk, user = await request.post(), desk_of(request), session_of(request).user
    chosen, text = str(form.get("resolution", "")), str(form.get("result", ""))
    resolution = Resolution(chosen) if chosen in set(Resolution) else None
    done = work.resolve(desk.open_unit, _id(request), resolution, text, by=user, now=desk.clock.now())
    return await _answered(request, done, to="/escalations", chosen=chosen, result=text)


async def _answered(
    request: web.Request, doing: Awaitable[Answer], *, to: str = "", **typed: str
) -> web.StreamResponse:
    """Go on, or show the page again with why not and with what was typed."""
    try:
        answer = await doing
    except NotFound as error:
        raise web.HTTPNotFound from error
    if answer is Answer.DONE:
        return see_other(to or f"/escalations/{_id(request)}")
    return await _one(request, status=422 if answer is Answer.EMPTY else 409, answer=answer, **typed)


async def _one(request: web.Request, *, status: int = 200, answer: Answer | None = None, **typed: str) -> web.Response:
    entry_id = await _checked(request)
    async with desk_of(request).open_unit() as unit:
        state = _state(request, await look_at(unit, entry_id))
        customer = await unit.customers.get(state["entry"].customer_id)
        record = await unit.call_log.show(state["entry"].call_id)
    return page(
        request,
        "escalations/one.html",
        status=status,
        answer=answer,
        typed={"written": "", "chosen": "", "result": ""} | typed,
        there=zone_for(customer).spoken,
        turns=record.turns,
        customer_speaks=Speaker.CUSTOMER,
        live=f"/escalations/{entry_id}/stream",
        **state,
    )


async def _checked(request: web.Request) -> int:
    """The number in the address; 404 when there is no such escalation."""
    try:
        async with desk_of(request).open_unit() as unit:
            return (await unit.escalation_queue.get(_id(request))).id
    except NotFound as error:
        raise web.HTTPNotFound from error


def _queue(request: web.Request, found: tuple[QueuedEscalation, ...]) -> dict[str, Any]:
    entries, more = found[:PAGE], len(found) > PAGE
    last, kind = entries[-1].place if more else None, _kind(request) or ""
    after = f"{int(last.urgent)}~{written_place(last.created_at, last.id)}" if last else ""
    return {
        "entries": entries,
        "more": _query(kind=kind, behind=after) if more else "",
        "kind": kind,
        **_everywhere(desk_of(request), request),
    }


def _state(request: web.Request, seen: State) -> dict[str, Any]:
    return {
        "entry": seen.entry,
        "notes": seen.notes,
        "clicks": seen.clicks,
        "under_way": next((one for one in seen.clicks if one.ended_at is None), None),
        "stopped_since": seen.stopped_since,
        "mine": work.holds(seen.entry, session_of(request).user),
        **_everywhere(desk_of(request), request),
    }


def _everywhere(desk: Desk, request: web.Request) -> dict[str, Any]:
    now = desk.clock.now()
    return {
        "now": now,
        "zone": desk.zone,
        "me": session_of(request).user.login,
        "may_be_relieved": lambda entry: bool(entry.active_at) and may_be_relieved(entry.active_at, now),
        **_TITLES_OFPAGES,
    }


def _kind(request: web.Request) -> EscalationKind | None:
    kind = request.query.get("kind", "")
    return EscalationKind(kind) if kind in set(EscalationKind) else None


def _behind(written: str) -> QueuePlace | None:
    urgent, _, rest = written.partition("~")
    place = place_of(rest)
    return QueuePlace(urgent=urgent == "1", created_at=place[0], id=place[1]) if place else None


def _query(**fields: str) -> str:
    filled = {name: value for name, value in fields.items() if value}
    return f"?{urlencode(filled)}" if filled else ""


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


_TITLES_OFPAGES: Final[Mapping[str, Any]] = {
    "kinds": titles.ESCALATIONS,
    "resolutions": titles.RESOLUTIONS,
    "stages": titles.CLICK_STAGES,
    "results": titles.CLICK_RESULTS,
    "answers": titles.ESCALATION_ANSWERS,
}
_ONE: Final = r"/escalations/{id:\d{1,18}}"
ROUTES: Final = (
    get("/escalations", show_queue, Permission.WORK_ESCALATIONS),
    get("/escalations/stream", stream_queue, Permission.WORK_ESCALATIONS),
    get("/escalations/history", show_history, Permission.WORK_ESCALATIONS),
    get(_ONE, show_one, Permission.WORK_ESCALATIONS),
    get(f"{_ONE}/stream", stream_one, Permission.WORK_ESCALATIONS),
    post(f"{_ONE}/take", take, Permission.WORK_ESCALATIONS),
    post(f"{_ONE}/give-back", give_back, Permission.WORK_ESCALATIONS),
    post(f"{_ONE}/note", note, Permission.WORK_ESCALATIONS),
    post(f"{_ONE}/call", call, Permission.WORK_ESCALATIONS),
    post(f"{_ONE}/resolve", resolve, Permission.WORK_ESCALATIONS),
)
