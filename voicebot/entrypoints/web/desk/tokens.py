"""Tokens of the API: made for programs, shown once, revoked."""

from typing import Final

from aiohttp import web

from voicebot.application.desk.api_tokens import make_token, revoke_token
from voicebot.domain.api_token import ApiToken, Scope
from voicebot.domain.errors import BadInput, NotFound, Problem
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import page, see_other
from voicebot.entrypoints.web.desk.routes import get, post
from voicebot.entrypoints.web.desk.scope_titles import SCOPES

_TERMS: Final = ("30", "90", "365", "")
"""Days a token may hold; empty: until it is revoked."""


async def show_tokens(request: web.Request) -> web.Response:
    """Every token, with a form for a new one."""
    return await _list(request)


async def make(request: web.Request) -> web.Response:
    """A new token, shown this once."""
    form, desk = await request.post(), desk_of(request)
    name, term = str(form.get("name", "")), str(form.get("days", ""))
    scopes = [str(one) for one in form.getall("scope", [])]
    try:
        shown, token = await make_token(
            desk.open_unit,
            name,
            scopes,
            days=int(term) if term in _TERMS and term else None,
            by=session_of(request).user.name,
            now=desk.clock.now(),
        )
    except BadInput as error:
        problems = {one.source: one for one in error.problems}
        return await _list(request, problems=problems, typed=(name[:200], scopes), status=422)
    return await _list(request, made=(shown, token))


async def revoke(request: web.Request) -> web.StreamResponse:
    """It opens nothing from now on."""
    desk = desk_of(request)
    try:
        await revoke_token(
            desk.open_unit, int(request.match_info["id"]), by=session_of(request).user.name, now=desk.clock.now()
        )
    except NotFound as error:
        raise web.HTTPNotFound from error
    return see_other("/tokens")


async def _list(
    request: web.Request,
    *,
    made: tuple[str, ApiToken] | None = None,
    problems: dict[str, Problem] | None = None,
    typed: tuple[str, list[str]] = ("", []),
    status: int = 200,
) -> web.Response:
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        tokens = await unit.api_tokens.all()
    now = desk.clock.now()
    return page(
        request,
        "tokens.html",
        status=status,
        good=[one for one in tokens if one.good(now)],
        gone=[one for one in tokens if not one.good(now)],
        scopes=tuple(Scope),
        titles=SCOPES,
        terms=_TERMS,
        made=made,
        problems=problems or {},
        typed=typed,
        zone=desk.zone,
    )


ROUTES: Final = (
    get("/tokens", show_tokens, Permission.MANAGE_USERS),
    post("/tokens", make, Permission.MANAGE_USERS),
    post(r"/tokens/{id:\d{1,18}}/revoke", revoke, Permission.MANAGE_USERS),
)
