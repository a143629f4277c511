"""Customers: the search, the card, the stop-list, tags, the report of why they were called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from voicebot.application.desk.customers import (
    lift_stop,
    read_query,
    stop_customer,
    tag_customer,
    untag_customer,
    view_card,
)
from voicebot.application.explain_contact import explain_contact
from voicebot.application.ports.customer_pages import CustomerLine, CustomerQuery, SentText
from voicebot.domain.contact_history import ContactCall
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import page, see_other
from voicebot.entrypoints.web.desk.routes import get, post

_ID: Final = r"{id:\d{1,18}}"
_LONGEST_QUESTION: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One line of the history: a call or a message."""

    at: datetime
    campaign: str
    call: ContactCall | None = None
    message: SentText | None = None


async def search(request: web.Request) -> web.Response:
    """Find somebody by name, telephone, e-mail or external id; without a question the newest."""
    desk, asked = desk_of(request), request.query.get("q", "")[:_LONGEST_QUESTION]
    query = read_query(asked, before=_number(request, "before"), after=_number(request, "after"))
    async with desk.open_unit() as unit:
        found = await unit.customer_pages.find(query)
    people, more = _cut(found, query)
    newer = bool(people) and (query.before is not None or (query.after is not None and more))
    older = bool(people) and (query.after is not None or more)
    return page(
        request,
        "customers/list.html",
        people=people,
        asked=asked,
        zone=desk.zone,
        newer=_address(asked, "after", people[0].id) if newer else "",
        older=_address(asked, "before", people[-1].id) if older else "",
    )


async def show(request: web.Request) -> web.Response:
    """The card."""
    return await _card(request)


async def stop(request: web.Request) -> web.StreamResponse:
    """Put the person on the stop-list."""
    form, desk = await request.post(), desk_of(request)
    try:
        await stop_customer(
            desk.open_unit,
            _customer(request),
            asked=form.get("asked") == "yes",
            by=session_of(request).user,
            now=desk.clock.now(),
        )
    except NotFound:
        return _nobody(request)
    return _back(request)


async def lift(request: web.Request) -> web.StreamResponse:
    """Take the person off it again."""
    form, desk = await request.post(), desk_of(request)
    try:
        await lift_stop(
            desk.open_unit,
            _customer(request),
            reason=str(form.get("reason", "")),
            by=session_of(request).user,
            now=desk.clock.now(),
        )
    except NotFound:
        return _nobody(request)
    except BadInput as error:
        return await _card(request, wrong=error.problems[0].source)
    return _back(request)


async def tag(request: web.Request) -> web.StreamResponse:
    """Put a tag on the person."""
    form, desk = await request.post(), desk_of(request)
    try:
        await tag_customer(
            desk.open_unit,
            _customer(request),
            str(form.get("tag", "")),
            by=session_of(request).user,
            now=desk.clock.now(),
        )
    except NotFound:
        return _nobody(request)
    except BadInput as error:
        return await _card(request, wrong=error.problems[0].source)
    return _back(request)


async def untag(request: web.Request) -> web.StreamResponse:
    """Take a tag off."""
    form, desk = await request.post(), desk_of(request)
    by, now = session_of(request).user, desk.clock.now()
    await untag_customer(desk.open_unit, _customer(request), str(form.get("tag", "")), by=by, now=now)
    return _back(request)


async def why(request: web.Request) -> web.Response:
    """Why this person was called, to be printed and sent to them."""
    desk, now = desk_of(request), desk_of(request).clock.now()
    try:
        async with desk.open_unit() as unit:
            customer = await unit.customers.get(_customer(request))
    except NotFound:
        return _nobody(request)
    by = session_of(request).user.name
    told = await explain_contact(desk.open_unit, customer.external_id, now=now, full=True, by=by)
    parts = {one.lead_id: one for one in told.history.parts}
    return page(request, "customers/why.html", told=told, parts=parts, customer_id=customer.id)


async def _card(request: web.Request, *, wrong: str = "") -> web.Response:
    desk, now = desk_of(request), desk_of(request).clock.now()
    try:
        card = await view_card(desk.open_unit, _customer(request), by=session_of(request).user, now=now)
    except NotFound:
        return _nobody(request)
    return page(
        request,
        "customers/card.html",
        status=422 if wrong else 200,
        card=card,
        told=card.told,
        customer=card.told.customer,
        contacts=_contacts(
            card.told.history.calls, card.file.messages, {one.lead_id: one.campaign for one in card.told.history.parts}
        ),
        wrong=wrong,
        now=now,
        zone=desk.zone,
    )


def _contacts(calls: Sequence[ContactCall], messages: Sequence[SentText], campaigns: dict[int, str]) -> list[Contact]:
    """Calls and messages together, the newest first."""
    called = [Contact(at=one.dialled_at, campaign=campaigns.get(one.lead_id, ""), call=one) for one in calls]
    written = [Contact(at=one.sent_at or one.created_at, campaign=one.campaign, message=one) for one in messages]
    return sorted([*called, *written], key=lambda one: one.at, reverse=True)


def _customer(request: web.Request) -> int:
    return int(request.match_info["id"])


def _nobody(request: web.Request) -> web.Response:
    return page(request, "customers/nobody.html", status=404)


def _back(request: web.Request) -> web.Response:
    return see_other(f"/customers/{_customer(request)}")


def _number(request: web.Request, name: str) -> int | None:
    written = request.query.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 18 else None


def _cut(found: Sequence[CustomerLine], query: CustomerQuery) -> tuple[Sequence[CustomerLine], bool]:
    """A page, and whether there is more beyond its far end."""
    more = len(found) > query.limit
    if not more:
        return found, False
    return (found[1:] if query.after is not None else found[:-1]), True


def _address(asked: str, end: str, customer_id: int) -> str:
    return "/customers?" + urlencode({**({"q": asked} if asked else {}), end: customer_id})


ROUTES: Final = (
    get("/customers", search, Permission.SEE_PERSONAL),
    get(f"/customers/{_ID}", show, Permission.SEE_PERSONAL),
    get(f"/customers/{_ID}/why", why, Permission.SEE_PERSONAL),
    post(f"/customers/{_ID}/stop", stop, Permission.CHANGE_CUSTOMERS),
    post(f"/customers/{_ID}/lift", lift, Permission.CHANGE_CUSTOMERS),
    post(f"/customers/{_ID}/tags", tag, Permission.CHANGE_CUSTOMERS),
    post(f"/customers/{_ID}/untag", untag, Permission.CHANGE_CUSTOMERS),
)
