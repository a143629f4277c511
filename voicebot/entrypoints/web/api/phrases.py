"""How customers are understood: what phrases caught, what nobody understood, corrections as test cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from voicebot.application.desk.corrections import as_test_cases, mark_exported
from voicebot.application.desk.phrase_use import Use, book_use, by_intent, read_unknown, read_use
from voicebot.application.json_input import problem
from voicebot.application.ports.corrections import CorrectedLine
from voicebot.application.ports.documents import NotUnderstood, WrittenPhrase
from voicebot.domain.api_token import Scope
from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.intent import Intent
from voicebot.entrypoints.web.api.document_items import NamedDocument
from voicebot.entrypoints.web.api.paging import Paged, number, pack, unpack
from voicebot.entrypoints.web.api.reading_room import room_of
from voicebot.entrypoints.web.api.routes import Asked, Reply, get, post
from voicebot.entrypoints.web.api.schema import Range

_MOST_MARKED: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class UseAsked:
    """Of which calls."""

    days: Annotated[int, Range(most=366), "Dialled in as many days until now."] = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class PhraseItem:
    """One phrase of a book."""

    phrase: Annotated[str, "As it is written in the book."]
    intent: str
    line: int
    count: int
    share: Annotated[float | None, "Of all utterances, 0-1; null: there are none."]


@dataclass(frozen=True, kw_only=True, slots=True)
class BookItem:
    """One book in figures."""

    name: str
    written: Annotated[int, "How many phrases it has."]
    caught: int
    share: Annotated[float | None, "Of all utterances, 0-1."]
    idle: Annotated[int, "Phrases that have caught nothing."]


@dataclass(frozen=True, kw_only=True, slots=True)
class UseOfBook:
    """What the phrases of one book have caught, by intent, those that caught most first."""

    utterances: int
    full: Annotated[bool, "There were more: the newest 50 000 are counted."]
    caught: int
    share: Annotated[float | None, "Of all utterances, 0-1."]
    idle: Annotated[int, "Phrases that have caught nothing."]
    phrases: tuple[PhraseItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntentItem:
    """What utterances were taken for."""

    intent: str
    count: int
    share: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownItem:
    """Words nobody understood."""

    words: str
    state: Annotated[str, "Script state in which they were said last."]
    count: int
    call_id: Annotated[int, "The last call in which they were said."]


@dataclass(frozen=True, kw_only=True, slots=True)
class UseOfBooks:
    """What the utterances of a period came to."""

    utterances: int
    full: Annotated[bool, "There were more: the newest 50 000 are counted."]
    intents: tuple[IntentItem, ...]
    books: tuple[BookItem, ...]
    unknown: Annotated[tuple[UnknownItem, ...] | None, "The most frequent first; null without transcripts:read."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionsAsked(Paged):
    """Which corrections."""

    again: Annotated[bool, "Also those that are test cases already."] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionItem:
    """What somebody has said a customer said and meant."""

    id: int
    state: Annotated[str, "Script state in which it was said."]
    heard: Annotated[str, "As the recogniser wrote it."]
    words: str
    was: Annotated[str, "The intent it was taken for; empty for none."]
    intent: Intent
    case: Annotated[str, "A line of test cases, as `voicebot nlu export-corrections` writes it."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionPage:
    """Corrections, the oldest first."""

    items: tuple[CorrectionItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """Corrections that have become test cases."""

    ids: Annotated[tuple[Annotated[int, Range()], ...], f"{_MOST_MARKED} at most."]


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """How many."""

    marked: int


async def get_use(asked: Asked) -> Reply:
    """All books in figures, and what nobody understood."""
    overview = await room_of(asked).overview.look(asked.open_unit)
    unknown: tuple[NotUnderstood, ...] | None = None
    async with asked.open_unit() as unit:
        use = await read_use(unit, _since(asked))
        if asked.may(Scope.TRANSCRIPTS_READ):
            unknown = await read_unknown(unit, _since(asked), overview.looked.scripts.values())
    names = [one.name for one in overview.looked.known if one.kind is DocumentKind.PHRASES]
    item = UseOfBooks(
        utterances=use.total,
        full=use.full,
        intents=tuple(
            IntentItem(intent=intent, count=count, share=use.share(count)) for intent, count in use.by_intent.items()
        ),
        books=tuple(_book(name, overview.looked.phrases.get(name, ()), use) for name in names),
        unknown=None
        if unknown is None
        else tuple(
            UnknownItem(words=one.words, state=one.state, count=one.count, call_id=one.call_id) for one in unknown
        ),
    )
    return Reply(body=item)


async def get_use_of_book(asked: Asked) -> Reply:
    """The phrases of one book with what each has caught."""
    book = DocumentId(kind=DocumentKind.PHRASES, name=asked.of(NamedDocument).name)
    overview = await room_of(asked).overview.look(asked.open_unit)
    if book not in overview.looked.known:
        raise NotFound("no such book")
    async with asked.open_unit() as unit:
        use = await read_use(unit, _since(asked))
    written = overview.looked.phrases.get(book.name, ())
    figures = book_use(book.name, written, use)
    phrases = (
        PhraseItem(
            phrase=one.phrase.text,
            intent=intent,
            line=one.phrase.line,
            count=one.count,
            share=use.share(one.count),
        )
        for intent, counted in by_intent(written, use, idle_only=False).items()
        for one in counted
    )
    item = UseOfBook(
        utterances=use.total,
        full=use.full,
        caught=figures.caught,
        share=use.share(figures.caught),
        idle=figures.idle,
        phrases=tuple(phrases),
    )
    return Reply(body=item)


async def list_corrections(asked: Asked) -> Reply:
    """A page of them; nothing is marked."""
    wanted = asked.of(CorrectionsAsked)
    place = unpack(wanted.cursor, number)
    async with asked.open_unit() as unit:
        found = await unit.corrections.page(again=wanted.again, after=place[0] if place else 0, limit=wanted.limit + 1)
    items = found[: wanted.limit]
    more = pack(items[-1].id) if len(found) > wanted.limit else None
    cases = as_test_cases(items)
    return Reply(body=CorrectionPage(items=tuple(map(_correction, items, cases)), next=more))


async def mark(asked: Asked) -> Reply:
    """They have arrived: they are not listed again."""
    ids = asked.of(Arrived).ids
    if len(ids) > _MOST_MARKED:
        raise BadInput([problem("ids", f"must be {_MOST_MARKED} at most")])
    marked = await mark_exported(asked.open_unit, ids, by=asked.caller.actor, now=asked.now)
    return Reply(body=Marked(marked=marked))


def _since(asked: Asked) -> datetime:
    return asked.now - timedelta(days=asked.of(UseAsked).days)


def _book(name: str, written: Sequence[WrittenPhrase], use: Use) -> BookItem:
    figures = book_use(name, written, use)
    return BookItem(
        name=name,
        written=figures.phrases,
        caught=figures.caught,
        share=use.share(figures.caught),
        idle=figures.idle,
    )


def _correction(line: CorrectedLine, case: str) -> CorrectionItem:
    return CorrectionItem(
        id=line.id, state=line.state, heard=line.heard, words=line.words, was=line.was, intent=line.intent, case=case
    )


_TAG: Final = "Phrases"
ROUTES: Final = (
    get(
        "/api/v1/phrases/use",
        get_use,
        Scope.SCRIPTS_READ,
        name="getPhraseUse",
        summary="What utterances came to: by intent and by phrase book, and what nobody understood",
        tag=_TAG,
        query=UseAsked,
        answer=UseOfBooks,
    ),
    get(
        "/api/v1/documents/phrases/{name}/use",
        get_use_of_book,
        Scope.SCRIPTS_READ,
        name="getUseOfBook",
        summary="The share of utterances each phrase of a book caught",
        tag=_TAG,
        address=NamedDocument,
        query=UseAsked,
        answer=UseOfBook,
    ),
    get(
        "/api/v1/corrections",
        list_corrections,
        Scope.TRANSCRIPTS_READ,
        name="listCorrections",
        summary="Corrections of what was heard, as test cases of the phrase books",
        tag=_TAG,
        query=CorrectionsAsked,
        answer=CorrectionPage,
        details="Listed until `markCorrections` says that they have arrived.",
    ),
    post(
        "/api/v1/corrections/exported",
        mark,
        Scope.TRANSCRIPTS_READ,
        Scope.SCRIPTS_WRITE,
        name="markCorrections",
        summary="These corrections have become test cases",
        tag=_TAG,
        body=Arrived,
        answer=Marked,
    ),
)
