"""The managers' queue: look, take, note, give back, resolve."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from voicebot.application.desk import escalations as work
from voicebot.application.desk.escalations import LONGEST_TEXT, Answer
from voicebot.application.json_input import problem
from voicebot.application.ports.escalation_queue import HistoryPlace, QueuedEscalation, QueuePlace
from voicebot.domain.api_token import Scope
from voicebot.domain.customer import ValueClass
from voicebot.domain.errors import BadInput
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.escalation_work import Resolution
from voicebot.entrypoints.web.api.masks import name_for, phone_for
from voicebot.entrypoints.web.api.paging import One, Paged, moment, number, pack, unpack
from voicebot.entrypoints.web.api.problems import Refused
from voicebot.entrypoints.web.api.routes import Asked, Reply, etag_of, get, post
from voicebot.entrypoints.web.api.schema import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationItem:
    """One entry of the queue or of its history."""

    id: int
    kind: EscalationKind
    urgent: bool
    reason: Annotated[str, "In the customer's own words where there are any."]
    words: Annotated[str | None, "What the customer said last; null without transcripts:read."]
    created_at: datetime
    campaign: str
    call_id: int
    customer_id: int
    name: Annotated[str, "Masked without personal:read."]
    phone: Annotated[str | None, "Masked without personal:read."]
    value_class: ValueClass | None
    taken_by: Annotated[str, "Who holds it: a login, or token:N; empty: nobody."]
    taken_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str
    resolution: Resolution | None
    result: Annotated[str, "What came of it, in the manager's words."]


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationPage:
    """Open ones: the urgent first, then the oldest; resolved ones: the newest first."""

    items: tuple[EscalationItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteItem:
    """What somebody wrote down."""

    author: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationDetails:
    """One escalation with its notes."""

    escalation: EscalationItem
    notes: tuple[NoteItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationState:
    """How it stands after a change."""

    id: int
    taken_by: str
    resolved_at: datetime | None
    resolution: Resolution | None


class Lying(StrEnum):
    """Which half of the list."""

    OPEN = "open"  # waits for somebody, or is held
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationsAsked(Paged):
    """Which escalations."""

    state: Lying = Lying.OPEN
    kind: Annotated[EscalationKind | None, "Only of open ones."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """How to take it."""

    relieve: Annotated[bool, "Also from somebody who has let it lie for half an hour."] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What to write down."""

    text: Annotated[str, Text(most=LONGEST_TEXT)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolving:
    """What came of it."""

    resolution: Resolution
    result: Annotated[str, Text(least=0, most=LONGEST_TEXT), "In your words."] = ""


async def list_escalations(asked: Asked) -> Reply:
    """A page of the queue, or of its history."""
    wanted = asked.of(EscalationsAsked)
    if wanted.state is Lying.RESOLVED:
        return await _history(asked, wanted)
    place = unpack(wanted.cursor, lambda text: number(text) == _URGENT, moment, number)
    behind = QueuePlace(urgent=place[0], created_at=place[1], id=place[2]) if place else None
    async with asked.open_unit() as unit:
        found = await unit.escalation_queue.page(behind=behind, kind=wanted.kind, limit=wanted.limit + 1)
    return _page(asked, found, wanted.limit)


async def _history(asked: Asked, wanted: EscalationsAsked) -> Reply:
    if wanted.kind is not None:
        raise BadInput([problem("kind", "goes with open ones only")])
    place = unpack(wanted.cursor, moment, number)
    before = HistoryPlace(resolved_at=place[0], id=place[1]) if place else None
    async with asked.open_unit() as unit:
        found = await unit.escalation_queue.history(before=before, limit=wanted.limit + 1)
    return _page(asked, found, wanted.limit)


async def get_escalation(asked: Asked) -> Reply:
    """One with its notes."""
    async with asked.open_unit() as unit:
        entry = await unit.escalation_queue.get(asked.of(One).id)
        notes = await unit.escalation_queue.notes(entry.id)
    told = tuple(NoteItem(author=one.author, text=one.text, at=one.at) for one in notes)
    return Reply(body=EscalationDetails(escalation=_item(asked, entry), notes=told), etag=_etag(entry))


async def take(asked: Asked) -> Reply:
    """Hold it."""
    entry_id = await _unchanged(asked)
    relieve = asked.of(Taking).relieve
    return await _answered(
        asked, await work.take(asked.open_unit, entry_id, by=asked.user, now=asked.now, relieve=relieve)
    )


async def give_back(asked: Asked) -> Reply:
    """Let others have it."""
    entry_id = await _unchanged(asked)
    return await _answered(asked, await work.give_back(asked.open_unit, entry_id, by=asked.user, now=asked.now))


async def note(asked: Asked) -> Reply:
    """Write something down beside it."""
    text = asked.of(Note).text
    done = await work.add_note(asked.open_unit, asked.of(One).id, text, by=asked.user, now=asked.now)
    return await _answered(asked, done)


async def resolve(asked: Asked) -> Reply:
    """Close it; the CRM is told."""
    entry_id, wanted = await _unchanged(asked), asked.of(Resolving)
    return await _answered(
        asked,
        await work.resolve(asked.open_unit, entry_id, wanted.resolution, wanted.result, by=asked.user, now=asked.now),
    )


async def _unchanged(asked: Asked) -> int:
    """Its number, if it stands as the caller has seen it; two at once are told apart by the change itself."""
    async with asked.open_unit() as unit:
        entry = await unit.escalation_queue.get(asked.of(One).id)
    asked.match(_etag(entry))
    return entry.id


async def _answered(asked: Asked, answer: Answer) -> Reply:
    if answer is Answer.EMPTY:
        raise BadInput([problem("text", "is empty")])
    if answer is not Answer.DONE:
        raise Refused(HTTPStatus.CONFLICT, _WHY[answer])
    async with asked.open_unit() as unit:
        entry = await unit.escalation_queue.get(asked.of(One).id)
    state = EscalationState(
        id=entry.id, taken_by=entry.taken_by, resolved_at=entry.resolved_at, resolution=entry.resolution
    )
    return Reply(body=state, etag=_etag(entry))


def _page(asked: Asked, found: tuple[QueuedEscalation, ...], limit: int) -> Reply:
    entries = found[:limit]
    last = entries[-1] if len(found) > limit else None
    cursor = None
    if last is not None and last.resolved_at is not None:
        cursor = pack(last.resolved_at, last.id)
    elif last is not None:
        cursor = pack(_URGENT if last.urgent else _ORDINARY, last.created_at, last.id)
    return Reply(body=EscalationPage(items=tuple(_item(asked, one) for one in entries), next=cursor))


def _item(asked: Asked, entry: QueuedEscalation) -> EscalationItem:
    return EscalationItem(
        id=entry.id,
        kind=entry.kind,
        urgent=entry.urgent,
        reason=entry.reason,
        words=entry.words if asked.may(Scope.TRANSCRIPTS_READ) else None,
        created_at=entry.created_at,
        campaign=entry.campaign,
        call_id=entry.call_id,
        customer_id=entry.customer_id,
        name=name_for(asked, entry.name),
        phone=phone_for(asked, entry.phone),
        value_class=entry.value_class,
        taken_by=entry.taken_by,
        taken_at=entry.taken_at,
        resolved_at=entry.resolved_at,
        resolved_by=entry.resolved_by,
        resolution=entry.resolution,
        result=entry.result,
    )


def _etag(entry: QueuedEscalation) -> str:
    return etag_of("escalation", entry.id, entry.taken_by, entry.taken_at, entry.resolved_at)


_URGENT: Final = 1
_ORDINARY: Final = 2
_WHY: Final = {
    Answer.HELD: "somebody else holds it",
    Answer.RESOLVED: "it is resolved already",
    Answer.NOT_HELD: "take it first",
}
_ONE: Final = "/api/v1/escalations/{id}"
_TAG: Final = "Escalations"
_REFUSED: Final = {HTTPStatus.CONFLICT: "Somebody else holds it, nobody does, or it is resolved already."}
ROUTES: Final = (
    get(
        "/api/v1/escalations",
        list_escalations,
        Scope.ESCALATIONS_READ,
        name="listEscalations",
        summary="The managers' queue, or what was resolved",
        tag=_TAG,
        query=EscalationsAsked,
        answer=EscalationPage,
    ),
    get(
        _ONE,
        get_escalation,
        Scope.ESCALATIONS_READ,
        name="getEscalation",
        summary="One escalation with its notes",
        tag=_TAG,
        address=One,
        answer=EscalationDetails,
        tagged=True,
    ),
    *(
        post(
            f"{_ONE}/{path}",
            handler,
            Scope.ESCALATIONS_WRITE,
            name=name,
            summary=summary,
            tag=_TAG,
            address=One,
            body=body,
            answer=EscalationState,
            errors=_REFUSED,
            if_match=if_match,
            tagged=True,
        )
        for path, handler, name, summary, body, if_match in (
            ("take", take, "takeEscalation", "Take it: nobody else works on it then", Taking, True),
            ("give-back", give_back, "giveBackEscalation", "Let others have it", None, True),
            ("notes", note, "noteEscalation", "Write something down beside it", Note, False),
            ("resolve", resolve, "resolveEscalation", "Close it with what came of it", Resolving, True),
        )
    ),
)
