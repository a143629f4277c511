"""Acts of forgetting people (152-FZ), and how long what was said is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

from voicebot.application.desk.erase_customer import show_act
from voicebot.application.ports.audit_pages import AuditQuery
from voicebot.domain.api_token import Scope
from voicebot.domain.erasure import TERMS, ErasureAct, ErasureGround, due_on
from voicebot.domain.retention import DISPUTED
from voicebot.entrypoints.web.api.audit import AuditItem, audit_item
from voicebot.entrypoints.web.api.paging import One, Paged, number, pack, unpack
from voicebot.entrypoints.web.api.routes import Asked, Reply, get

_RUNS: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureItem:
    """One act: what was erased, when, on what ground, by whom; nothing of the person."""

    id: int
    customer_id: int
    external_id: Annotated[str, "The pseudonymous key that stays."]
    ground: ErasureGround
    article: Annotated[str, "Of 152-FZ, whose term holds."]
    requested: Annotated[date, "The day on which the request came."]
    due: Annotated[date, "The last day in time."]
    in_time: bool
    erased_by: str
    at: datetime
    counts: Annotated[Mapping[str, int], "Kind of data: how many rows."]
    complete: Annotated[bool, "false while recordings are left to be deleted."]


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasurePage:
    """Acts, the newest first."""

    items: tuple[ErasureItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureDetails:
    """One act with its proof."""

    act: ErasureItem
    log: Annotated[tuple[AuditItem, ...], "What the audit log says of the person, their leads and calls."]


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionItem:
    """How long what was said is kept, and what was cleared of late."""

    recording_days: Annotated[int, "0: for ever."]
    transcript_days: Annotated[int, "0: for ever."]
    kept_by_tags: Annotated[tuple[str, ...], "A call with one of these tags is kept: somebody argues about it."]
    runs: Annotated[tuple[AuditItem, ...], "The newest first."]


async def list_acts(asked: Asked) -> Reply:
    """A page of them."""
    wanted = asked.of(Paged)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.erasures.acts(before=place[0] if place else None, limit=wanted.limit)
    acts = found[: wanted.limit]
    more = pack(acts[-1].id) if len(found) > wanted.limit else None
    return Reply(body=ErasurePage(items=tuple(map(_item, acts)), next=more))


async def get_act(asked: Asked) -> Reply:
    """One of them."""
    act, log = await show_act(asked.open_unit, asked.of(One).id)
    return Reply(body=ErasureDetails(act=_item(act), log=tuple(map(audit_item, log))))


async def get_retention(asked: Asked) -> Reply:
    """The terms, and what they did."""
    settings = asked.api.settings
    async with asked.open_unit() as unit:
        runs = await unit.audit_pages.page(AuditQuery(action="retention.applied"), behind=None, limit=_RUNS)
    item = RetentionItem(
        recording_days=settings.recording_days,
        transcript_days=settings.transcript_days,
        kept_by_tags=DISPUTED,
        runs=tuple(map(audit_item, runs)),
    )
    return Reply(body=item)


def _item(act: ErasureAct) -> ErasureItem:
    return ErasureItem(
        id=act.id,
        customer_id=act.customer_id,
        external_id=act.external_id,
        ground=act.ground,
        article=TERMS[act.ground].article,
        requested=act.requested,
        due=due_on(act.ground, act.requested),
        in_time=act.in_time,
        erased_by=act.erased_by,
        at=act.at,
        counts=act.counts,
        complete=act.complete,
    )


ROUTES: Final = (
    get(
        "/api/v1/erasures",
        list_acts,
        Scope.AUDIT_READ,
        name="listErasures",
        summary="Acts of forgetting people, the newest first",
        tag="Audit",
        query=Paged,
        answer=ErasurePage,
        details="Erasing itself is answered for by a named person, at the desk or with `voicebot erase`.",
    ),
    get(
        "/api/v1/erasures/{id}",
        get_act,
        Scope.AUDIT_READ,
        name="getErasure",
        summary="One act with the extract of the audit log that proves it",
        tag="Audit",
        address=One,
        answer=ErasureDetails,
    ),
    get(
        "/api/v1/retention",
        get_retention,
        Scope.AUDIT_READ,
        name="getRetention",
        summary="How long recordings and words are kept, and what was cleared of late",
        tag="Audit",
        answer=RetentionItem,
    ),
)
