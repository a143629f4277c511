"""Routes with their permissions: who may not, gets 403 and learns nothing."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hmac import compare_digest
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from voicebot.application.desk.sign_in import resume_session
from voicebot.application.ports.users import Session
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.cookies import read_cookie, set_cookie
from voicebot.entrypoints.web.desk.keys import SESSION, desk_of
from voicebot.entrypoints.web.desk.pages import page, see_other
from voicebot.entrypoints.web.desk.trouble import require_readable, say_trouble

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_SAFE: Final = frozenset({"GET", "HEAD"})
CODE_SETUP: Final = "/account/code"
"""Where those are sent whose role asks for one-time codes and who have none yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One address of the desk."""

    method: str
    path: str
    """As aiohttp writes it: `/calls/{id}`."""
    handler: Handler
    permission: Permission | None = None
    """What whoever asks must be allowed; None: being signed in is enough."""
    public: bool = False
    """Open to everybody: signing in itself."""
    without_code: bool = False
    """Open also to those who have yet to set up their one-time codes."""


def get(path: str, handler: Handler, permission: Permission | None = None, *, public: bool = False) -> Route:
    """A page."""
    return Route(method="GET", path=path, handler=handler, permission=permission, public=public)


def post(path: str, handler: Handler, permission: Permission | None = None, *, public: bool = False) -> Route:
    """A change; its form carries the token of the session."""
    return Route(method="POST", path=path, handler=handler, permission=permission, public=public)


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Put the routes into the application, each behind its door."""
    for route in routes:
        app.router.add_route(route.method, route.path, _guarded(route))


def _guarded(route: Route) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        return await say_trouble(request, partial(_let_in, route))

    return guarded


async def _let_in(route: Route, request: web.Request) -> web.StreamResponse:
    if request.method not in _SAFE and not _same_origin(request):
        return page(request, "refused.html", status=403)
    if route.public:
        await require_readable(request)
        return await route.handler(request)
    found = await _session(request)
    if found is None:
        return _to_sign_in(request)
    session, token = found
    request[SESSION] = session
    response = await _answer(route, request, session)
    if token != read_cookie(request) and not response.prepared:
        set_cookie(request, response, token)
    return response


async def _answer(route: Route, request: web.Request, session: Session) -> web.StreamResponse:
    if session.user.must_set_up_code and not route.without_code:
        return see_other(CODE_SETUP)
    if route.permission is not None and not session.user.may(route.permission):
        return page(request, "refused.html", status=403)
    await require_readable(request)
    if request.method not in _SAFE and not await _has_token(request, session):
        return page(request, "refused.html", status=403)
    return await route.handler(request)


async def _session(request: web.Request) -> tuple[Session, str] | None:
    token = read_cookie(request)
    if not token:
        return None
    desk = desk_of(request)
    return await resume_session(desk.open_unit, token, desk.clock.now())


def _to_sign_in(request: web.Request) -> web.Response:
    wants_page = request.method in _SAFE and "text/html" in request.headers.get("Accept", "text/html")
    if not wants_page:
        return web.Response(status=401, text="sign in first")
    return see_other(f"/sign-in?{urlencode({'to': request.path_qs})}")


async def _has_token(request: web.Request, session: Session) -> bool:
    shown = request.headers.get("X-CSRF-Token", "")
    if not shown and request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        shown = str((await request.post()).get("csrf", ""))
    return compare_digest(shown.encode(), session.csrf.encode())


def _same_origin(request: web.Request) -> bool:
    """Browsers say where a form came from; programs that say nothing must show the token anyway."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    host, reached = origin.partition("://")[2], desk_of(request).settings.web_url.partition("://")[2].partition("/")[0]
    return bool(host) and host in (request.host, reached)
