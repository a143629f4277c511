"""How customers are understood: what each phrase has caught, what nobody understood."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from voicebot.application.ports.documents import Caught, WrittenPhrase
from voicebot.domain.call import LONGEST_MATCH
from voicebot.domain.document import DocumentKind
from voicebot.domain.intent import Intent
from voicebot.domain.script import Script
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import titles
from voicebot.entrypoints.web.desk.documents import Section, Shown, check_only, common_context, routes_of
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.pages import page
from voicebot.entrypoints.web.desk.routes import get

PERIODS: Final = (7, 30, 90)
"""Days one may look back."""
_USUAL: Final = 30
_LOOKED_AT: Final = 50_000
"""Utterances counted at most: the cost of the page does not grow with the company."""
_UNKNOWN_LOOKED_AT: Final = 5_000
_UNKNOWN_SHOWN: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What the utterances of a period came to."""

    total: int
    by_intent: Mapping[str, int]
    by_phrase: Mapping[tuple[str, str], int]
    """By phrase and intent."""
    unrecorded: int
    """Understood before phrases were kept, or without one (keys, times, scores)."""

    def share(self, count: int) -> float | None:
        """Of all utterances."""
        return count / self.total if self.total else None


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedPhrase:
    """A phrase with what it has caught."""

    phrase: WrittenPhrase
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BookUse:
    """One book in figures."""

    name: str
    phrases: int
    caught: int
    idle: int
    """Phrases that have caught nothing."""


async def show_phrases(request: web.Request) -> web.Response:
    """All books in figures, and what nobody understood."""
    desk, days = desk_of(request), _days(request)
    overview = await desk.overview.look(desk.open_unit)
    since = desk.clock.now() - timedelta(days=days)
    async with desk.open_unit() as unit:
        use = _use(await unit.phrase_use.caught(since, limit=_LOOKED_AT))
        unknown = await unit.phrase_use.not_understood(
            since,
            open_states=_open_states(overview.looked.scripts.values()),
            looked_at=_UNKNOWN_LOOKED_AT,
            limit=_UNKNOWN_SHOWN,
        )
    names = [one.name for one in overview.looked.known if one.kind is DocumentKind.PHRASES]
    return page(
        request,
        "documents/phrases.html",
        overview=overview,
        use=use,
        unknown=unknown,
        books=[_book_use(name, overview.looked.phrases.get(name, ()), use) for name in names],
        days=days,
        full=use.total >= _LOOKED_AT,
        zone=desk.zone,
        **_CONSTANT,
    )


async def show_book(request: web.Request, shown: Shown) -> web.Response:
    """The phrases of one book with what each has caught, and the editor."""
    desk, days = desk_of(request), _days(request)
    context = await common_context(request, BOOKS, shown)
    since = desk.clock.now() - timedelta(days=days)
    async with desk.open_unit() as unit:
        use = _use(await unit.phrase_use.caught(since, limit=_LOOKED_AT))
    written = context["overview"].looked.phrases.get(shown.document.name, ())
    idle_only = request.query.get("idle") == "yes"
    return page(
        request,
        "documents/book.html",
        status=shown.status,
        use=use,
        days=days,
        intents_of_book=_by_intent(written, use, idle_only=idle_only),
        figures=_book_use(shown.document.name, written, use),
        idle_only=idle_only,
        **_CONSTANT,
        **context,
    )


def _use(caught: Iterable[Caught]) -> Use:
    by_intent, by_phrase, total, unrecorded = Counter[str](), Counter[tuple[str, str]](), 0, 0
    for one in caught:
        total += one.count
        by_intent[one.intent or Intent.UNKNOWN.value] += one.count
        by_phrase[one.phrase, one.intent] += one.count
        if not one.phrase and one.intent not in ("", Intent.UNKNOWN.value):
            unrecorded += one.count
    return Use(total=total, by_intent=dict(by_intent.most_common()), by_phrase=by_phrase, unrecorded=unrecorded)


def _count(phrase: WrittenPhrase, use: Use) -> int:
    return use.by_phrase.get((phrase.text[:LONGEST_MATCH], phrase.intent), 0)


def _book_use(name: str, written: Sequence[WrittenPhrase], use: Use) -> BookUse:
    counts = [_count(one, use) for one in written if one.intent]
    return BookUse(name=name, phrases=len(counts), caught=sum(counts), idle=sum(not one for one in counts))


def _by_intent(written: Sequence[WrittenPhrase], use: Use, *, idle_only: bool) -> dict[str, list[CountedPhrase]]:
    """Those that catch most come first; what swallows its words can catch nothing and is left out."""
    found: dict[str, list[CountedPhrase]] = {}
    for one in written:
        count = _count(one, use)
        if one.intent and not (idle_only and count):
            found.setdefault(one.intent, []).append(CountedPhrase(phrase=one, count=count))
    for phrases in found.values():
        phrases.sort(key=lambda counted: (-counted.count, counted.phrase.line))
    return found


def _open_states(scripts: Iterable[Script]) -> set[str]:
    """Where any words are an answer: nothing there is misunderstood."""
    return {state.name for script in scripts for state in script.states.values() if state.is_open}


def _days(request: web.Request) -> int:
    asked = request.query.get("days", "")
    return int(asked) if asked in {str(one) for one in PERIODS} else _USUAL


_CONSTANT: Final[Mapping[str, Any]] = {"intents": titles.INTENTS, "periods": PERIODS}
BOOKS: Final = Section(
    kind=DocumentKind.PHRASES,
    base="/scripts/phrases",
    show=show_book,
    check=check_only,
    see=Permission.SEE_SCRIPTS,
    edit=Permission.EDIT_SCRIPTS,
)
ROUTES: Final = (get("/scripts/phrases", show_phrases, Permission.SEE_SCRIPTS), *routes_of(BOOKS))
