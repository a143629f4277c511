"""Customers: found, looked at, stopped, explained, handed their data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from voicebot.application.desk.customers import read_query, stop_customer, tag_customer, untag_customer, view_card
from voicebot.application.desk.export_customer import export_customer
from voicebot.application.desk.personal_document import personal_json
from voicebot.application.explain_contact import explain_contact
from voicebot.application.json_input import problem
from voicebot.application.ports.customer_pages import CustomerQuery
from voicebot.domain.api_token import Scope
from voicebot.domain.errors import BadInput
from voicebot.domain.phone import Phone, parse_phone
from voicebot.entrypoints.web.api.call_marks import TaggedItem, Tagging, printable, tag_routes
from voicebot.entrypoints.web.api.customer_items import (
    CustomerDetails,
    CustomerPage,
    customer_details,
    customer_item,
)
from voicebot.entrypoints.web.api.paging import One, Paged, number, pack, unpack
from voicebot.entrypoints.web.api.problems import by_source
from voicebot.entrypoints.web.api.routes import Asked, Reply, get, post
from voicebot.entrypoints.web.api.schema import Range, Text
from voicebot.entrypoints.web.api.why_items import WhyReport, why_report


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomersAsked(Paged):
    """Which customers; who they are never stands in an address, which lands in logs."""

    external_id: Annotated[str | None, Text(), "Their number in the CRM."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerWanted:
    """By what a customer is looked for: exactly one of the first four."""

    external_id: Annotated[str | None, Text()] = None
    phone: Annotated[str | None, Text(most=40), "In any spelling."] = None
    email: Annotated[str | None, Text()] = None
    name: Annotated[str | None, Text(), "Beginnings of words of the name; all must fit. Needs personal:read."] = None
    cursor: Annotated[str | None, Text(pattern=r"^[A-Za-z0-9_-]+$"), "`next` of the page before."] = None
    limit: Annotated[int, Range(most=200)] = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """Why the person must not be contacted any more."""

    asked: Annotated[bool, "They said so: only a newer consent of theirs outweighs it. false: it is our decision."] = (
        True
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """The person is on the stop-list."""

    id: int
    stopped: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalData:
    """Everything we hold of the person (152-FZ art. 14)."""

    data: Annotated[Mapping[str, object], "As `voicebot export-person` writes it."]


async def list_customers(asked: Asked) -> Reply:
    """A page of them."""
    wanted = asked.of(CustomersAsked)
    return await _page(asked, CustomerQuery(external_id=wanted.external_id or ""), wanted.cursor, wanted.limit)


async def find_customers(asked: Asked) -> Reply:
    """Those a telephone, an e-mail or a name means."""
    wanted = asked.of(CustomerWanted)
    given = [one for one in ("external_id", "phone", "email", "name") if getattr(wanted, one) is not None]
    if len(given) != 1:
        raise BadInput([problem("", "one of external_id, phone, email and name is needed", "give exactly one")])
    return await _page(asked, _query(asked, wanted), wanted.cursor, wanted.limit)


async def get_customer(asked: Asked) -> Reply:
    """The card; that the token looked at it is written down, once an hour."""
    card = await view_card(asked.open_unit, asked.of(One).id, by=asked.user, now=asked.now)
    return Reply(body=customer_details(asked, card))


async def why_called(asked: Asked) -> Reply:
    """The report."""
    async with asked.open_unit() as unit:
        customer = await unit.customers.get(asked.of(One).id)
    full = asked.may(Scope.PERSONAL_READ)
    told = await explain_contact(asked.open_unit, customer.external_id, now=asked.now, full=full, by=asked.caller.actor)
    return Reply(body=why_report(asked, told))


async def stop(asked: Asked) -> Reply:
    """No campaign and no channel reaches the person any more."""
    customer_id = asked.of(One).id
    await stop_customer(asked.open_unit, customer_id, asked=asked.of(Stop).asked, by=asked.user, now=asked.now)
    return Reply(body=Stopped(id=customer_id, stopped=True))


async def tag(asked: Asked) -> Reply:
    """Put a tag on a person."""
    customer_id = asked.of(One).id
    try:
        await tag_customer(asked.open_unit, customer_id, printable(asked.of(Tagging).tag), by=asked.user, now=asked.now)
    except BadInput as error:
        raise by_source(error) from error
    return Reply(body=TaggedItem(id=customer_id, tagged=True))


async def untag(asked: Asked) -> Reply:
    """Take it off again."""
    customer_id = asked.of(One).id
    async with asked.open_unit() as unit:
        await unit.customers.get(customer_id)
    await untag_customer(asked.open_unit, customer_id, printable(asked.of(Tagging).tag), by=asked.user, now=asked.now)
    return Reply(body=TaggedItem(id=customer_id, tagged=False))


async def export(asked: Asked) -> Reply:
    """Everything; who asked is written into the audit log."""
    data = await export_customer(asked.open_unit, asked.of(One).id, by=asked.caller.actor, now=asked.now)
    return Reply(body=PersonalData(data=personal_json(data)))


async def _page(asked: Asked, query: CustomerQuery, cursor: str | None, limit: int) -> Reply:
    place = unpack(cursor, number)
    bounded: Any = {"before": place[0] if place else None, "limit": limit}
    async with asked.open_unit() as unit:
        found = await unit.customer_pages.find(CustomerQuery(**_fields(query) | bounded))
    people = found[:limit]
    more = pack(people[-1].id) if len(found) > limit else None
    return Reply(body=CustomerPage(items=tuple(customer_item(asked, one) for one in people), next=more))


def _query(asked: Asked, wanted: CustomerWanted) -> CustomerQuery:
    if wanted.phone is not None:
        # The external id must be something for the others to count: nobody's is a telephone in this form.
        return CustomerQuery(external_id=f"phone {wanted.phone}", phone=_phone(wanted.phone))
    if wanted.email is not None:
        return CustomerQuery(external_id=f"e-mail {wanted.email}", email=wanted.email)
    if wanted.name is not None:
        asked.require(Scope.PERSONAL_READ, "name")
        query = read_query(wanted.name)
        if not query.words:
            raise BadInput([problem("name", "holds no word")])
        return query
    return CustomerQuery(external_id=wanted.external_id or "")


def _phone(written: str) -> Phone:
    try:
        return parse_phone(written)
    except ValueError as error:
        raise BadInput([problem("phone", str(error))]) from error


def _fields(query: CustomerQuery) -> dict[str, Any]:
    return {
        "external_id": query.external_id,
        "words": query.words,
        "phone": query.phone,
        "email": query.email,
    }


_ONE: Final = "/api/v1/customers/{id}"
_TAG: Final = "Customers"
ROUTES: Final = (
    get(
        "/api/v1/customers",
        list_customers,
        Scope.CUSTOMERS_READ,
        name="listCustomers",
        summary="Customers, the newest first, or the one with an external id",
        tag=_TAG,
        query=CustomersAsked,
        answer=CustomerPage,
    ),
    post(
        "/api/v1/customers/find",
        find_customers,
        Scope.CUSTOMERS_READ,
        name="findCustomers",
        summary="Customers by telephone, e-mail, name or external id",
        tag=_TAG,
        once=False,
        body=CustomerWanted,
        answer=CustomerPage,
        details="A question, not a change: who is looked for stands in the body, because addresses land in logs.",
    ),
    get(
        _ONE,
        get_customer,
        Scope.CUSTOMERS_READ,
        name="getCustomer",
        summary="One customer with their card",
        tag=_TAG,
        address=One,
        answer=CustomerDetails,
        details="That the token looked at it is written into the audit log, once an hour.",
    ),
    get(
        f"{_ONE}/why",
        why_called,
        Scope.CUSTOMERS_READ,
        name="whyCalled",
        summary="Why the person was called, and why not",
        tag=_TAG,
        address=One,
        answer=WhyReport,
    ),
    get(
        f"{_ONE}/export",
        export,
        Scope.CUSTOMERS_EXPORT,
        Scope.PERSONAL_READ,
        name="exportCustomer",
        summary="Everything we hold of the person, for the person",
        tag=_TAG,
        address=One,
        answer=PersonalData,
        details="Who asked is written into the audit log.",
    ),
    post(
        f"{_ONE}/stop",
        stop,
        Scope.CUSTOMERS_WRITE,
        name="stopCustomer",
        summary="Put the person on the stop-list",
        tag=_TAG,
        address=One,
        body=Stop,
        answer=Stopped,
        details="For every campaign and every channel, at once. Taken off it only by a person at the desk.",
    ),
    *tag_routes(_ONE, "Customer", _TAG, scope=Scope.CUSTOMERS_WRITE, handlers=(tag, untag)),
)
