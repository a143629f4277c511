"""Who gets the summary by e-mail, and when."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from voicebot.application.desk.report_mails import send_now, subscribe, unsubscribe
from voicebot.application.json_input import problem
from voicebot.domain.api_token import Scope
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.report import MailState, NewSubscription, ReportMail, Span, Subscription
from voicebot.domain.schedule import Schedule
from voicebot.entrypoints.web.api.masks import text_for
from voicebot.entrypoints.web.api.paging import One
from voicebot.entrypoints.web.api.report_asked import Language, zone_of
from voicebot.entrypoints.web.api.routes import Asked, Reply, delete, etag_of, get, post
from voicebot.entrypoints.web.api.schema import Range, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterAsked:
    """Who gets which summary when."""

    email: Annotated[str, Text(least=3, most=254)]
    cron: Annotated[str, Text(most=100), "Five fields, by the company's clock; once an hour at most: `0 9 * * 1`."]
    span: Annotated[Span, "Days it tells of, all over when it is sent."] = Span.WEEK
    campaign: Annotated[int | None, Range(), "Its number; null: all."] = None
    language: Language = Language.RU
    workbook: Annotated[bool, "Whether the figures come as XLSX, too."] = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LastLetter:
    """The newest letter of a subscription."""

    due_at: datetime
    state: MailState
    sent_at: datetime | None
    error: Annotated[str, "Of the last attempt, without addresses."]


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterItem:
    """One subscription."""

    id: int
    email: Annotated[str | None, "null without personal:read."]
    cron: str
    span: Span
    campaign: int | None
    language: str
    workbook: bool
    created_by: str
    created_at: datetime
    next_at: Annotated[datetime | None, "When the next letter goes."]
    last: LastLetter | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Letters:
    """All subscriptions, the oldest first; they are few."""

    items: tuple[LetterItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterState:
    """What became of a subscription."""

    id: int
    kept: Annotated[bool, "false: nothing more is sent."]


async def list_letters(asked: Asked) -> Reply:
    """All of them."""
    async with asked.open_unit() as unit:
        found = await unit.report_mails.all()
        last = await unit.report_mails.last()
    return Reply(body=Letters(items=tuple(_item(asked, one, last.get(one.id)) for one in found)))


async def get_letter(asked: Asked) -> Reply:
    """One of them."""
    async with asked.open_unit() as unit:
        found = await unit.report_mails.get(asked.of(One).id)
        last = await unit.report_mails.last()
    return Reply(body=_item(asked, found, last.get(found.id)), etag=_etag(found))


async def add_letter(asked: Asked) -> Reply:
    """Subscribe somebody."""
    wanted = asked.of(LetterAsked)
    new = NewSubscription(
        email=wanted.email,
        span=wanted.span,
        campaign_id=wanted.campaign,
        cron=wanted.cron,
        language=wanted.language.value,
        workbook=wanted.workbook,
        created_by=asked.caller.actor,
    )
    try:
        made = await subscribe(asked.open_unit, new, by=asked.user, now=asked.now)
    except BadInput as error:
        raise BadInput(problem(_field(one.source), one.message, one.repair) for one in error.problems) from error
    except NotFound as error:
        raise BadInput([problem("campaign", "there is no such campaign")]) from error
    return Reply(body=LetterState(id=made, kept=True))


async def remove_letter(asked: Asked) -> Reply:
    """Send nothing more."""
    letter_id = asked.of(One).id
    async with asked.open_unit() as unit:
        asked.match(_etag(await unit.report_mails.get(letter_id)))
    await unsubscribe(asked.open_unit, letter_id, by=asked.user, now=asked.now)
    return Reply(body=LetterState(id=letter_id, kept=False))


async def send_letter(asked: Asked) -> Reply:
    """One besides those of the schedule."""
    letter_id = asked.of(One).id
    await send_now(asked.open_unit, letter_id, by=asked.user, now=asked.now)
    return Reply(body=LetterState(id=letter_id, kept=True))


def _item(asked: Asked, one: Subscription, last: ReportMail | None) -> LetterItem:
    return LetterItem(
        id=one.id,
        email=text_for(asked, one.email),
        cron=one.cron,
        span=one.span,
        campaign=one.campaign_id,
        language=one.language,
        workbook=one.workbook,
        created_by=one.created_by,
        created_at=one.created_at,
        next_at=Schedule(cron=one.cron).next_after(asked.now, zone_of(asked)),
        last=None
        if last is None
        else LastLetter(due_at=last.due_at, state=last.state, sent_at=last.sent_at, error=last.error),
    )


def _etag(one: Subscription) -> str:
    return etag_of("letter", one.id, one.created_at)


def _field(source: str) -> str:
    """What is wrong with the schedule is said of its field."""
    return source if source == "email" else "cron"


_ALL: Final = "/api/v1/reports/letters"
_ONE: Final = f"{_ALL}/{{id}}"
_CHANGE: Final[Any] = {"tag": "Reports", "address": One, "answer": LetterState}
ROUTES: Final = (
    get(
        _ALL,
        list_letters,
        Scope.REPORTS_READ,
        name="listLetters",
        summary="Who gets the summary by e-mail, and what became of the last letter",
        tag="Reports",
        answer=Letters,
    ),
    get(
        _ONE,
        get_letter,
        Scope.REPORTS_READ,
        name="getLetter",
        summary="One subscription",
        tag="Reports",
        address=One,
        answer=LetterItem,
        tagged=True,
    ),
    post(
        _ALL,
        add_letter,
        Scope.REPORTS_WRITE,
        name="addLetter",
        summary="Send somebody the summary, again and again",
        tag="Reports",
        body=LetterAsked,
        answer=LetterState,
        errors={HTTPStatus.UNPROCESSABLE_ENTITY: "The address, the schedule or the campaign is none."},
    ),
    delete(
        _ONE,
        remove_letter,
        Scope.REPORTS_WRITE,
        name="removeLetter",
        summary="Send nothing more",
        **_CHANGE,
    ),
    post(
        f"{_ONE}/send",
        send_letter,
        Scope.REPORTS_WRITE,
        name="sendLetter",
        summary="Send one letter now, besides those of the schedule",
        **_CHANGE,
    ),
)
