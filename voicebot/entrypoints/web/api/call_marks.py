"""What is written on calls: corrections of what was heard, tags."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from voicebot.application.desk.corrections import LONGEST_WORDS, correct_line, withdraw_correction
from voicebot.application.desk.tags import add_tag, remove_tag
from voicebot.domain.api_token import Scope
from voicebot.domain.errors import BadInput
from voicebot.domain.intent import Intent
from voicebot.entrypoints.web.api.paging import One
from voicebot.entrypoints.web.api.problems import by_source
from voicebot.entrypoints.web.api.routes import ApiRoute, Asked, Reply, post
from voicebot.entrypoints.web.api.schema import Range, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class OneTurn(One):
    """One line of a call."""

    turn: Annotated[int, Range(), "`id` of the line."]


@dataclass(frozen=True, kw_only=True, slots=True)
class Correct:
    """What the customer said and meant."""

    words: Annotated[str, Text(most=LONGEST_WORDS)]
    intent: Intent


@dataclass(frozen=True, kw_only=True, slots=True)
class Tagging:
    """One tag."""

    tag: Annotated[str, Text(most=40), "Letters, digits, spaces, dots, hyphens; small letters are kept."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectedTurn:
    """How a line stands."""

    turn: int
    corrected: Annotated[bool, "false: it is as the recogniser had it."]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedItem:
    """How a tag stands."""

    id: Annotated[int, "Of the call or the customer."]
    tagged: bool


async def correct(asked: Asked) -> Reply:
    """Set a line right."""
    one, wanted = asked.of(OneTurn), asked.of(Correct)
    try:
        await correct_line(
            asked.open_unit,
            one.id,
            one.turn,
            words=printable(wanted.words),
            intent=wanted.intent,
            by=asked.user,
            now=asked.now,
        )
    except BadInput as error:
        raise by_source(error) from error
    return Reply(body=CorrectedTurn(turn=one.turn, corrected=True))


async def withdraw(asked: Asked) -> Reply:
    """It was right as it stood."""
    one = asked.of(OneTurn)
    await withdraw_correction(asked.open_unit, one.id, one.turn, by=asked.user, now=asked.now)
    return Reply(body=CorrectedTurn(turn=one.turn, corrected=False))


async def tag(asked: Asked) -> Reply:
    """Give a call a tag; its customer gets it too."""
    call_id = asked.of(One).id
    try:
        await add_tag(asked.open_unit, call_id, printable(asked.of(Tagging).tag), by=asked.user, now=asked.now)
    except BadInput as error:
        raise by_source(error) from error
    return Reply(body=TaggedItem(id=call_id, tagged=True))


async def untag(asked: Asked) -> Reply:
    """Take it back."""
    call_id = asked.of(One).id
    await remove_tag(asked.open_unit, call_id, printable(asked.of(Tagging).tag), by=asked.user, now=asked.now)
    return Reply(body=TaggedItem(id=call_id, tagged=False))


def printable(written: str) -> str:
    """Without characters that no text of ours has."""
    return "".join(one if one.isprintable() else " " for one in written)


def tag_routes(address: str, name: str, tag: str, *, scope: Scope, handlers: tuple[Any, Any]) -> tuple[ApiRoute, ...]:
    """The addresses of tags of a thing."""
    return tuple(
        post(
            f"{address}/{word}",
            handler,
            scope,
            name=f"{verb}{name}",
            summary=summary,
            tag=tag,
            address=One,
            body=Tagging,
            answer=TaggedItem,
        )
        for word, verb, handler, summary in (
            ("tags", "tag", handlers[0], "Put on a tag"),
            ("untag", "untag", handlers[1], "Take off a tag"),
        )
    )


_TURN: Final = "/api/v1/calls/{id}/turns/{turn}"
_MARKS: Final[Any] = {"tag": "Calls", "address": OneTurn, "answer": CorrectedTurn}
ROUTES: Final = (
    post(
        f"{_TURN}/correct",
        correct,
        Scope.CALLS_WRITE,
        Scope.TRANSCRIPTS_READ,
        name="correctTurn",
        summary="What the customer said and meant in one line: becomes a test case of the phrase books",
        body=Correct,
        errors={HTTPStatus.UNPROCESSABLE_ENTITY: "The line is the bot's."},
        **_MARKS,
    ),
    post(
        f"{_TURN}/withdraw",
        withdraw,
        Scope.CALLS_WRITE,
        Scope.TRANSCRIPTS_READ,
        name="withdrawCorrection",
        summary="The line was right as the recogniser had it",
        **_MARKS,
    ),
    *tag_routes("/api/v1/calls/{id}", "Call", "Calls", scope=Scope.CALLS_WRITE, handlers=(tag, untag)),
)
