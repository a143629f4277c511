"""Trying a script in writing; which way a number goes by a dialplan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from voicebot.application.desk.documents import open_document, texts_in_force, tidy
from voicebot.application.desk.route_explainer import read_dialplan, ways_of
from voicebot.application.desk.written_trial import WrittenTrial, try_in_writing
from voicebot.application.json_input import problem
from voicebot.application.text_conversation import WrittenSoFar
from voicebot.domain.api_token import Scope
from voicebot.domain.document import LONGEST, DocumentId, DocumentKind
from voicebot.domain.errors import BadInput
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import parse_phone
from voicebot.domain.script import Entrance
from voicebot.entrypoints.web.api.document_changes import BYTES
from voicebot.entrypoints.web.api.document_items import NamedDocument, refusal
from voicebot.entrypoints.web.api.reading_room import room_of
from voicebot.entrypoints.web.api.routes import Asked, Reply, post
from voicebot.entrypoints.web.api.schema import Text

_MOST_REPLIES: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """How a script is tried."""

    replies: Annotated[
        tuple[Annotated[str, Text(least=0, most=500)], ...],
        "What the customer says, in turn: words, nothing (silence), <hangup>, <beep> or <dtmf:1>; 60 at most.",
    ] = ()
    text: Annotated[str | None, Text(least=0, most=LONGEST), "YAML that is not saved; null: the one in force."] = None
    entrance: Annotated[Entrance | None, "Where it begins when the customer has rung us; null: we ring."] = None
    manager_answers: bool = True
    leave_message: Annotated[bool, "Whether an answering machine is left a message."] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedTurn:
    """What the bot said in a state, and the reply."""

    state: str
    bot: str
    customer: Annotated[str | None, "null: no reply was awaited, or none is left."]
    intent: Annotated[Intent | None, "What the words were taken for."]
    score: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedOutcome:
    """What the conversation came to."""

    group: Group
    disposition: Disposition
    tags: tuple[str, ...]
    actions: Annotated[tuple[str, ...], "What would be done after the call."]
    nps: int | None
    answers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """The conversation as far as the replies lead; nothing is kept of it."""

    turns: tuple[TriedTurn, ...]
    outcome: Annotated[TriedOutcome | None, "null: the last turn waits for an answer."]


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberToRoute:
    """Which number, and by which text."""

    number: Annotated[str, Text(most=40), "A telephone in any spelling."]
    text: Annotated[str | None, Text(least=0, most=LONGEST), "YAML that is not saved; null: the one in force."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WayItem:
    """One way the number may go."""

    trunk: Annotated[str, "Empty: there is none."]
    uri: str
    caller_id: str
    ring_seconds: float
    steps: Annotated[tuple[str, ...], "Why."]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ways:
    """In the order in which they are tried: the next one is taken when one fails."""

    ways: tuple[WayItem, ...]


async def try_script(asked: Asked) -> Reply:
    """A conversation in writing up to its next question."""
    room, wanted = room_of(asked), asked.of(Trial)
    if len(wanted.replies) > _MOST_REPLIES:
        raise BadInput([problem("replies", f"must be {_MOST_REPLIES} at most")])
    document, texts, text = await _tried(asked, DocumentKind.SCRIPT, wanted.text)
    trial = WrittenTrial(
        now=asked.now.astimezone(ZoneInfo(asked.api.settings.time_zone)),
        replies=wanted.replies,
        entrance=wanted.entrance,
        manager_answers=wanted.manager_answers,
        leave_message=wanted.leave_message,
    )
    try:
        async with room.checks:
            now = await room.in_force.look()
            tried = await try_in_writing(
                room.reader, now.understanding, document, texts, trial, company=asked.api.settings.company
            )
    except BadInput as error:
        raise refusal(room.reader, document, error.problems, text) from error
    return Reply(body=_tried_item(tried))


async def explain_route(asked: Asked) -> Reply:
    """Which way a number goes, and why."""
    room, wanted = room_of(asked), asked.of(NumberToRoute)
    if wanted.text is not None:
        asked.require(Scope.DIALPLANS_WRITE, "text")
    try:
        phone = parse_phone(wanted.number)
    except ValueError as error:
        raise BadInput([problem("number", str(error))]) from error
    document, texts, text = await _tried(asked, DocumentKind.DIALPLAN, wanted.text)
    try:
        async with room.checks:
            dialplan = await read_dialplan(room.reader, document, texts)
    except BadInput as error:
        raise refusal(room.reader, document, error.problems, text) from error
    ways = tuple(
        WayItem(trunk=one.trunk, uri=one.uri, caller_id=one.caller_id, ring_seconds=one.ring_s, steps=one.steps)
        for one in ways_of(dialplan, phone)
    )
    return Reply(body=Ways(ways=ways))


async def _tried(
    asked: Asked, kind: DocumentKind, written: str | None
) -> tuple[DocumentId, Mapping[DocumentId, str], str]:
    """The document, all texts with the one tried in its place, and that text; raises NotFound."""
    document = DocumentId(kind=kind, name=asked.of(NamedDocument).name)
    async with asked.open_unit() as unit:
        opened = await open_document(unit, room_of(asked).reader, document)
        texts = await texts_in_force(unit)
    if written is None:
        return document, texts, opened.text
    text = tidy(written)
    return document, {**texts, document: text}, text


def _tried_item(tried: WrittenSoFar) -> Tried:
    done = tried.outcome
    outcome = (
        None
        if done is None
        else TriedOutcome(
            group=done.group,
            disposition=done.disposition,
            tags=done.tags,
            actions=tuple(one.kind.value for one in done.actions),
            nps=done.nps,
            answers=done.answers,
        )
    )
    turns = (
        TriedTurn(state=one.state, bot=one.bot, customer=one.customer, intent=one.intent, score=one.score)
        for one in tried.turns
    )
    return Tried(turns=tuple(turns), outcome=outcome)


_TAG: Final = "Scripts and dialplans"
ROUTES: Final = (
    post(
        "/api/v1/documents/script/{name}/try",
        try_script,
        Scope.SCRIPTS_READ,
        name="tryScript",
        summary="A conversation in writing, up to the next question",
        tag=_TAG,
        once=False,
        address=NamedDocument,
        body=Trial,
        answer=Tried,
        most_bytes=BYTES,
        details="A question, not a change: send the replies so far and the next one, and the conversation goes on."
        " The same replies always lead to the same place; nobody is called and nothing is kept.",
    ),
    post(
        "/api/v1/documents/dialplan/{name}/route",
        explain_route,
        Scope.SCRIPTS_READ,
        name="explainRoute",
        summary="Which way a number goes by a dialplan, and why",
        tag=_TAG,
        once=False,
        address=NamedDocument,
        body=NumberToRoute,
        answer=Ways,
        most_bytes=BYTES,
        details="A question, not a change: the number stands in the body, because addresses land in logs. A text of"
        " your own may name secrets of this machine: it needs `dialplans:write`.",
    ),
)
