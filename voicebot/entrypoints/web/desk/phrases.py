"""How customers are understood: what each phrase has caught, what nobody understood."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from voicebot.application.desk.phrase_use import book_use, by_intent, read_unknown, read_use
from voicebot.domain.document import DocumentKind
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import titles
from voicebot.entrypoints.web.desk.documents import Section, Shown, check_only, common_context, routes_of
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.pages import page
from voicebot.entrypoints.web.desk.routes import get

PERIODS: Final = (7, 30, 90)
"""Days one may look back."""
_USUAL: Final = 30


async def show_phrases(request: web.Request) -> web.Response:
    """All books in figures, and what nobody understood."""
    desk, days = desk_of(request), _days(request)
    overview = await desk.overview.look(desk.open_unit)
    since = desk.clock.now() - timedelta(days=days)
    async with desk.open_unit() as unit:
        use = await read_use(unit, since)
        unknown = await read_unknown(unit, since, overview.looked.scripts.values())
    names = [one.name for one in overview.looked.known if one.kind is DocumentKind.PHRASES]
    return page(
        request,
        "documents/phrases.html",
        overview=overview,
        use=use,
        unknown=unknown,
        books=[book_use(name, overview.looked.phrases.get(name, ()), use) for name in names],
        days=days,
        full=use.full,
        zone=desk.zone,
        **_CONSTANT,
    )


async def show_book(request: web.Request, shown: Shown) -> web.Response:
    """The phrases of one book with what each has caught, and the editor."""
    desk, days = desk_of(request), _days(request)
    context = await common_context(request, BOOKS, shown)
    since = desk.clock.now() - timedelta(days=days)
    async with desk.open_unit() as unit:
        use = await read_use(unit, since)
    written = context["overview"].looked.phrases.get(shown.document.name, ())
    idle_only = request.query.get("idle") == "yes"
    return page(
        request,
        "documents/book.html",
        status=shown.status,
        use=use,
        days=days,
        intents_of_book=by_intent(written, use, idle_only=idle_only),
        figures=book_use(shown.document.name, written, use),
        idle_only=idle_only,
        **_CONSTANT,
        **context,
    )


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
