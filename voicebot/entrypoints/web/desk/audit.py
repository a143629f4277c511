"""The audit log: who did what, whether the chain of it stands, the log to take along."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from voicebot.application.desk.audit import Check, check_chain, export_entries, find_entries
from voicebot.application.ports.audit_pages import AuditPlace, AuditQuery
from voicebot.application.verify_audit import checked_head
from voicebot.domain.audit import ChainedEntry
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.asked import asked_of, midnight, number, place_of, written_place
from voicebot.entrypoints.web.desk.audit_titles import ACTORS, DEEDS
from voicebot.entrypoints.web.desk.csv_text import BYTE_ORDER_MARK, csv_lines
from voicebot.entrypoints.web.desk.keys import CHECKING, Desk, desk_of, session_of
from voicebot.entrypoints.web.desk.pages import fragment, page
from voicebot.entrypoints.web.desk.routes import get
from voicebot.entrypoints.web.desk.streams import send_parts

_ON_A_PAGE: Final = 50
_FILTERS: Final[tuple[str, ...]] = ("actor", "action", "subject", "from", "to")
_PARTS: Final = (1_000, 10_000, 100_000)
"""How much of the chain's end can be checked alone."""
_SUBJECTS: Final[Mapping[str, tuple[str, Permission]]] = {
    "call": ("/calls/{id}", Permission.SEE_CALLS),
    "campaign": ("/campaigns/{id}", Permission.EDIT_CAMPAIGNS),
    "customer": ("/customers/{id}", Permission.SEE_PERSONAL),
    "escalation": ("/escalations/{id}", Permission.WORK_ESCALATIONS),
    "user": ("/users", Permission.MANAGE_USERS),
}
"""Where a subject has its page, and who may see it."""
_HEADER: Final = ("entry", "at", "actor", "action", "subject", "details", "prev_hash", "hash")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """An entry as the page shows it."""

    id: int
    at: datetime
    actor: str
    action: str
    title: str
    """Empty for a deed that has none."""
    subject: str
    address: str
    """Of the subject's page; empty when there is none for this reader."""
    details: tuple[tuple[str, str], ...]
    hash: str


async def show_audit(request: web.Request) -> web.Response:
    """A page of the log, narrowed as the address says."""
    desk, asked = desk_of(request), asked_of(request.query)
    wanted, place = _query(asked, desk), place_of(asked.get("behind", ""))
    behind = AuditPlace(at=place[0], id=place[1]) if place else None
    async with desk.open_unit() as unit:
        names = await unit.audit_pages.names()
        found = await find_entries(unit, wanted, names, behind=behind, limit=_ON_A_PAGE + 1)
        last = await unit.audit_pages.last()
    kept: dict[str, str] = {name: asked[name] for name in _FILTERS if name in asked}
    more = found[_ON_A_PAGE - 1] if len(found) > _ON_A_PAGE else None
    older = {"behind": written_place(more.entry.at, more.id)} if more else {}
    return page(
        request,
        "audit/list.html",
        lines=[_line(request, one) for one in found[:_ON_A_PAGE]],
        names=names,
        deeds=DEEDS,
        actors=ACTORS,
        asked=asked,
        narrowed=bool(kept),
        begun=behind is None,
        first=f"/audit?{urlencode(kept)}" if kept else "/audit",
        older=f"/audit?{urlencode(kept | older)}" if older else "",
        export=f"/audit.csv?{urlencode(kept)}" if kept else "/audit.csv",
        last=last,
        parts=_PARTS,
        zone=desk.zone,
    )


async def send_csv(request: web.Request) -> web.StreamResponse:
    """What the filters leave, as a table; written piece by piece."""
    desk, wanted = desk_of(request), _query(asked_of(request.query), desk_of(request))
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="audit-{desk.clock.now():%Y-%m-%d}.csv"',
        "Cache-Control": "no-store",
    }
    response = web.StreamResponse(headers=headers)
    entries = export_entries(desk.open_unit, wanted, by=session_of(request).user, now=desk.clock.now())
    await response.prepare(request)
    await response.write((BYTE_ORDER_MARK + csv_lines([_HEADER])).encode())
    async for batch in entries:
        await response.write(csv_lines(_cells(one) for one in batch).encode())
    return response


async def show_check(request: web.Request) -> web.Response:
    """The page on which one watches the chain being followed."""
    asked = asked_of(request.query)
    problems: tuple[Problem, ...] = ()
    try:
        head = checked_head(asked.get("head", ""), "head")
    except BadInput as error:
        head, problems = "", tuple(error.problems)
    last = None if head else number(asked.get("last", ""))
    fields = {"head": head} if head else {"last": str(last)} if last else {}
    address = "/audit/check/stream" + (f"?{urlencode(fields)}" if fields else "")
    if problems:
        return page(request, "audit/check.html", live="", problems=problems, status=422)
    return page(request, "audit/check.html", live=address, problems=())


async def stream_check(request: web.Request) -> web.StreamResponse:
    """How far the chain was followed, after every step; then what was found."""
    return await send_parts(request, _checking(request))


async def _checking(request: web.Request) -> AsyncIterator[str]:
    """One check at a time in this process: the others wait for it."""
    desk, asked = desk_of(request), asked_of(request.query)
    last = number(asked.get("last", "")) or None
    async with request.app[CHECKING]:
        try:
            async for state in check_chain(desk.open_unit, last=last, head=asked.get("head", "")):
                yield _drawn(request, state)
        except BadInput:
            return


def _drawn(request: web.Request, state: Check) -> str:
    return fragment(request, "audit/progress.html", state=state)


def _query(asked: Mapping[str, str], desk: Desk) -> AuditQuery:
    until = midnight(asked.get("to", ""), desk.zone)
    return AuditQuery(
        actor=asked.get("actor", ""),
        action=asked.get("action", ""),
        subject=asked.get("subject", ""),
        since=midnight(asked.get("from", ""), desk.zone),
        until=until + timedelta(days=1) if until else None,
    )


def _line(request: web.Request, one: ChainedEntry) -> Line:
    entry = one.entry
    return Line(
        id=one.id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        title=DEEDS.get(entry.action, ""),
        subject=entry.subject,
        address=_address(request, entry.subject),
        details=tuple((name, _written(value)) for name, value in entry.details.items()),
        hash=one.hash,
    )


def _address(request: web.Request, subject: str) -> str:
    kind, _, name = subject.partition(":")
    address, permission = _SUBJECTS.get(kind, ("", Permission.SEE_AUDIT))
    known = any(one.canonical == address for one in request.app.router.resources())
    there = address and known and number(name) is not None and session_of(request).user.may(permission)
    return address.format(id=name) if there else ""


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cells(one: ChainedEntry) -> tuple[object, ...]:
    entry, details = one.entry, json.dumps(dict(one.entry.details), ensure_ascii=False, sort_keys=True)
    at = entry.at.isoformat()
    return one.id, at, entry.actor, entry.action, entry.subject, details, one.prev_hash, one.hash


ROUTES: Final = (
    get("/audit", show_audit, Permission.SEE_AUDIT),
    get("/audit.csv", send_csv, Permission.SEE_AUDIT),
    get("/audit/check", show_check, Permission.SEE_AUDIT),
    get("/audit/check/stream", stream_check, Permission.SEE_AUDIT),
)
"""One reads here; nothing of the log can be changed."""
