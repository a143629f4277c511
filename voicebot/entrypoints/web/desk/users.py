"""Who works here: invite, change roles, shut out."""

from typing import Final

from aiohttp import web

from voicebot.application.desk.users import change_user, invite_user
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.user import Permission, Role
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import page, see_other
from voicebot.entrypoints.web.desk.routes import get, post


async def show_users(request: web.Request) -> web.Response:
    """Everybody, with a form to invite."""
    return await _list(request)


async def invite(request: web.Request) -> web.Response:
    """Make a link for a new user and show it once."""
    form, desk = await request.post(), desk_of(request)
    roles = [Role(role) for role in form.getall("role", []) if role in set(Role)]
    try:
        token = await invite_user(desk.open_unit, roles, by=session_of(request).user.name, now=desk.clock.now())
    except BadInput as error:
        return await _list(request, problems=tuple(error.problems), status=422)
    # Without a setting the page puts the browser's own address before it: the Host header is whatever somebody sends.
    return await _list(request, link=f"{desk.settings.web_url.rstrip('/')}/invitation/{token}")


async def change(request: web.Request) -> web.StreamResponse:
    """Other roles, or in or out."""
    form, desk = await request.post(), desk_of(request)
    roles = [Role(role) for role in form.getall("role", []) if role in set(Role)]
    try:
        await change_user(
            desk.open_unit,
            int(request.match_info["id"]),
            roles=roles,
            disabled=form.get("disabled") == "yes",
            by=session_of(request).user,
            now=desk.clock.now(),
        )
    except BadInput as error:
        return await _list(request, problems=tuple(error.problems), status=422)
    return see_other("/users")


async def _list(
    request: web.Request, *, link: str = "", problems: tuple[Problem, ...] = (), status: int = 200
) -> web.Response:
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        people = await unit.users.all()
    return page(
        request,
        "users.html",
        status=status,
        people=people,
        roles=tuple(Role),
        zone=desk.zone,
        link=link,
        problems=problems,
    )


ROUTES: Final = (
    get("/users", show_users, Permission.MANAGE_USERS),
    post("/users", invite, Permission.MANAGE_USERS),
    post(r"/users/{id:\d{1,18}}", change, Permission.MANAGE_USERS),
)
