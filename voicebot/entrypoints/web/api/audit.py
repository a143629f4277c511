"""The audit log for programs: who did what, and whether the chain of it stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from voicebot.application.desk.audit import check_further, read_log
from voicebot.application.ports.audit_pages import AuditPlace, AuditQuery
from voicebot.domain.api_token import Scope
from voicebot.domain.audit import Chain, ChainedEntry, Flaw
from voicebot.entrypoints.web.api.paging import Paged, moment, number, pack, unpack
from voicebot.entrypoints.web.api.reading_room import room_of
from voicebot.entrypoints.web.api.routes import Asked, Reply, get
from voicebot.entrypoints.web.api.schema import Range, Text

_HASH: Final = r"^[0-9a-f]{64}$"


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditAsked(Paged):
    """Which entries."""

    actor: Annotated[str | None, Text(), "Exactly."] = None
    action: Annotated[str | None, Text(), "Exactly, such as `campaign.released`."] = None
    subject: Annotated[str | None, Text(), "Exactly, such as `campaign:7`."] = None
    since: Annotated[datetime | None, "Done at this moment or later."] = None
    until: Annotated[datetime | None, "Done before this moment."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditItem:
    """One entry."""

    id: Annotated[int, "Without gaps: its place in the chain."]
    at: datetime
    actor: Annotated[str, "A named person, a token, or the part of the program."]
    action: str
    subject: str
    details: Mapping[str, object]
    prev_hash: str
    hash: Annotated[str, "SHA-256 of the hash before, a line feed and the entry."]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPage:
    """Entries, the newest first."""

    items: tuple[AuditItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckAsked:
    """How far to follow the chain."""

    cursor: Annotated[str | None, Text(pattern=r"^[A-Za-z0-9_-]+$"), "`next` of the part before."] = None
    limit: Annotated[int, Range(most=100_000), "Entries followed at once, at most."] = 10_000
    head: Annotated[
        str | None,
        Text(least=64, most=64, pattern=_HASH),
        "A hash an earlier check showed: a log whose end was cut off or written anew is found out by it."
        " Send it with every part.",
    ] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakItem:
    """The first place where the chain does not hold."""

    flaw: Flaw
    entry: Annotated[int, "That does not fit; for a missing head, the last entry there is."]
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditCheck:
    """How far the chain holds."""

    holds: Annotated[int, "Entries from the first one on."]
    total: Annotated[int, "Entries there are."]
    head: Annotated[str, "Hash of the last entry that holds. Keep it elsewhere."]
    broken: BreakItem | None
    next: Annotated[str | None, "null: followed to its end, or to the first break."]


async def list_entries(asked: Asked) -> Reply:
    """A page of the log."""
    wanted = asked.of(AuditAsked)
    place = unpack(wanted.cursor, moment, number)
    query = AuditQuery(
        actor=wanted.actor or "",
        action=wanted.action or "",
        subject=wanted.subject or "",
        since=wanted.since,
        until=wanted.until,
    )
    found = await read_log(
        asked.open_unit,
        query,
        behind=AuditPlace(at=place[0], id=place[1]) if place else None,
        limit=wanted.limit + 1,
        by=asked.user,
        now=asked.now,
    )
    items = found[: wanted.limit]
    more = pack(items[-1].entry.at, items[-1].id) if len(found) > wanted.limit else None
    return Reply(body=AuditPage(items=tuple(map(audit_item, items)), next=more))


async def check(asked: Asked) -> Reply:
    """The next part of the chain."""
    wanted = asked.of(CheckAsked)
    place = unpack(wanted.cursor, number, _hash, _flag)
    begun = Chain(count=place[0], head=place[1]) if place else Chain()
    async with room_of(asked).following:
        found = await check_further(
            asked.open_unit, begun, limit=wanted.limit, head=wanted.head or "", passed=bool(place and place[2])
        )
    broken = found.broken
    item = AuditCheck(
        holds=found.chain.count,
        total=found.total,
        head=found.chain.head,
        broken=None
        if broken is None
        else BreakItem(flaw=broken.flaw, entry=broken.id, expected=broken.expected, found=broken.found),
        next=None if found.over else pack(found.chain.count, found.chain.head, int(found.passed)),
    )
    return Reply(body=item)


def audit_item(one: ChainedEntry) -> AuditItem:
    """As it is stored."""
    entry = one.entry
    return AuditItem(
        id=one.id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
        prev_hash=one.prev_hash,
        hash=one.hash,
    )


def _hash(written: str) -> str:
    if not re.fullmatch(_HASH, written):
        raise ValueError("no hash")
    return written


def _flag(written: str) -> bool:
    if written not in ("0", "1"):
        raise ValueError("neither")
    return written == "1"


ROUTES: Final = (
    get(
        "/api/v1/audit",
        list_entries,
        Scope.AUDIT_READ,
        name="listAudit",
        summary="Who did what, the newest first",
        tag="Audit",
        query=AuditAsked,
        answer=AuditPage,
        details="That the token reads the log is written into it, once an hour.",
    ),
    get(
        "/api/v1/audit/check",
        check,
        Scope.AUDIT_READ,
        name="checkAudit",
        summary="Follow the chain of hashes, part by part, from its first entry",
        tag="Audit",
        query=CheckAsked,
        answer=AuditCheck,
        details="Every entry is hashed again. Follow `next` with `cursor` until it is null. Signed lists are compared"
        " with the log by `voicebot audit verify`.",
    ),
)
