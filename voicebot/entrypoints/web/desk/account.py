"""Signing in and out, invitations, one-time codes, language."""

from dataclasses import replace
from typing import Final

import segno
from aiohttp import web

from voicebot.application.desk.sign_in import NewCode, Refused, SignedIn, set_up_code, sign_in, sign_out
from voicebot.application.desk.users import NewUser, accept_invitation, change_own_phone
from voicebot.domain.errors import BadInput, Problem
from voicebot.entrypoints.web.desk.cookies import forget_cookie, read_cookie, set_cookie
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import LANGUAGES, page, see_other
from voicebot.entrypoints.web.desk.remote import client_address
from voicebot.entrypoints.web.desk.routes import CODE_SETUP, Route, get, post

_EXPIRED: Final = Problem(source="invitation", where="", message="the link was used, or is older than a day")


async def show_sign_in(request: web.Request) -> web.Response:
    """The form."""
    return page(request, "account/sign_in.html", to=_local(request.query.get("to", "/")), login="", refused=None)


async def do_sign_in(request: web.Request) -> web.StreamResponse:
    """Try login, password and code."""
    form, desk = await request.post(), desk_of(request)
    login, to = str(form.get("login", "")), _local(str(form.get("to", "/")))
    result = await sign_in(
        desk.keeper,
        login,
        str(form.get("password", "")),
        str(form.get("code", "")),
        address=client_address(request),
        now=desk.clock.now(),
    )
    if isinstance(result, Refused):
        status = 429 if result.wait else 401
        return page(request, "account/sign_in.html", status=status, to=to, login=login, refused=result)
    return _welcome(request, result, to)


async def do_sign_out(request: web.Request) -> web.StreamResponse:
    """End the session."""
    desk = desk_of(request)
    await sign_out(desk.open_unit, read_cookie(request), by=session_of(request).user, now=desk.clock.now())
    response = see_other("/sign-in")
    forget_cookie(response)
    return response


async def show_invitation(request: web.Request) -> web.Response:
    """The form of a new user; the link is looked at only when the form comes back."""
    return page(request, "account/invitation.html", problems=(), login="", name="")


async def accept(request: web.Request) -> web.StreamResponse:
    """Create the user of the link."""
    form, desk = await request.post(), desk_of(request)
    wanted = NewUser(
        login=str(form.get("login", "")), name=str(form.get("name", "")), password=str(form.get("password", ""))
    )
    problems: tuple[Problem, ...] = ()
    try:
        accepted = await accept_invitation(desk.keeper, request.match_info["token"], wanted, desk.clock.now())
        if accepted is not None:
            return _welcome(request, accepted, "/")
        problems = (_EXPIRED,)
    except BadInput as error:
        problems = tuple(error.problems)
    return page(request, "account/invitation.html", status=422, problems=problems, login=wanted.login, name=wanted.name)


async def show_code_setup(request: web.Request) -> web.Response:
    """A new secret as a picture for the authenticator application."""
    return _code_page(request, desk_of(request).keeper.codes.new_secret(), wrong=False)


async def do_code_setup(request: web.Request) -> web.StreamResponse:
    """Keep the secret once a right code was shown."""
    form, desk = await request.post(), desk_of(request)
    shown, codes = str(form.get("secret", "")), desk.keeper.codes
    secret = shown if codes.is_secret(shown) else codes.new_secret()
    new = NewCode(secret=secret, code=str(form.get("code", "")), password=str(form.get("password", "")))
    done = await set_up_code(desk.keeper, session_of(request).user, new, desk.clock.now())
    return see_other("/") if done else _code_page(request, secret, wrong=True)


async def show_account(request: web.Request) -> web.Response:
    """Who one is here, and the phone click-to-call rings."""
    saved = request.query.get("saved") == "yes"
    return page(request, "account/profile.html", phone=session_of(request).user.phone, wrong=False, saved=saved)


async def save_phone(request: web.Request) -> web.StreamResponse:
    """Remember the user's phone."""
    form, desk = await request.post(), desk_of(request)
    written = str(form.get("phone", ""))
    try:
        await change_own_phone(desk.open_unit, written, by=session_of(request).user, now=desk.clock.now())
    except BadInput:
        return page(request, "account/profile.html", status=422, phone=written, wrong=True, saved=False)
    return see_other("/account?saved=yes")


async def choose_language(request: web.Request) -> web.StreamResponse:
    """Remember the language for this user."""
    form, desk = await request.post(), desk_of(request)
    wanted, user = str(form.get("language", "")), session_of(request).user
    if wanted in LANGUAGES:
        async with desk.open_unit() as unit:
            await unit.users.save(replace(user, locale=wanted))
            await unit.commit()
    return see_other(_local(str(form.get("to", "/"))))


def _code_page(request: web.Request, secret: str, *, wrong: bool) -> web.Response:
    uri = desk_of(request).keeper.codes.uri(secret, session_of(request).user.login)
    picture = segno.make(uri).svg_data_uri(scale=5, dark="#111", light="#fff")
    status = 422 if wrong else 200
    return page(request, "account/code.html", status=status, secret=secret, picture=picture, wrong=wrong)


def _welcome(request: web.Request, signed_in: SignedIn, to: str) -> web.StreamResponse:
    response = see_other(to)
    set_cookie(request, response, signed_in.token)
    return response


def _local(address: str) -> str:
    """Only addresses of ours: `//elsewhere` and `https:` would lead away; browsers drop tabs and read `\\` as `/`."""
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"


ROUTES: Final = (
    get("/sign-in", show_sign_in, public=True),
    post("/sign-in", do_sign_in, public=True),
    replace(post("/sign-out", do_sign_out), without_code=True),
    get("/invitation/{token}", show_invitation, public=True),
    post("/invitation/{token}", accept, public=True),
    Route(method="GET", path=CODE_SETUP, handler=show_code_setup, without_code=True),
    Route(method="POST", path=CODE_SETUP, handler=do_code_setup, without_code=True),
    get("/account", show_account),
    post("/account/phone", save_phone),
    post("/account/language", choose_language),
)
