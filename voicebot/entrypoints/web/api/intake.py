"""What the company's CRM tells us: events and orders (API.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from voicebot.application.accept_event import accept_event, read_event
from voicebot.application.accept_order import MOST_ORDERS, accept_orders
from voicebot.application.json_input import read_json
from voicebot.domain.api_token import Scope
from voicebot.domain.crm_event import EventLead
from voicebot.domain.redemption import Redemption
from voicebot.entrypoints.web.api.routes import Asked, Reply, post
from voicebot.entrypoints.web.api.schema import Range, Text

_ORDERS_BYTES: Final = 4 * 1024 * 1024
"""Of 1000 orders with a dozen lines each."""
_ANY: Final = Text(least=0, most=100_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened to a customer."""

    key: Annotated[str, Text(), "Your name for the event: told twice, it is one."]
    customer: Annotated[str, Text(), "External id."]
    kind: Annotated[str, Text(most=100, pattern=r"^[\w.:\-]{1,100}$"), "One word: abandoned_cart, registration, paid."]
    at: Annotated[str, Text(least=8, most=64), "ISO 8601; Moscow without a zone."]
    details: Annotated[Mapping[str, object] | None, "Kept for people."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLeadItem:
    """What an event did in one campaign."""

    campaign: str
    result: Annotated[EventLead, "queued and moved: in front now, due at once; over: done with, or in a call."]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventTaken:
    """The event is written down."""

    known: Annotated[bool, "It was told before: nothing was done."]
    leads: tuple[EventLeadItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLineItem:
    """One line of an order."""

    what: Annotated[str, _ANY]
    price: Annotated[float | str, "RUB; a number or a text."]
    quantity: Annotated[float | str, "A number or a text."]
    category: Annotated[str, _ANY] = ""
    margin: Annotated[float | str | None, "RUB."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One order; a known external_id is replaced."""

    external_id: Annotated[str, Text()]
    customer: Annotated[str, Text(), "External id."]
    placed_at: Annotated[str, Text(least=8, most=64), "ISO 8601; Moscow without a zone."]
    lines: tuple[OrderLineItem, ...]
    currency: Annotated[str, Text(least=0, most=3)] = "RUB"
    promo_code: Annotated[str, _ANY] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsedCode:
    """What became of a promo code that came with an order."""

    order: str
    code: str
    result: Annotated[Redemption, "redeemed and repeated: by this order, now or before."]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrdersTaken:
    """The orders are stored."""

    added: Annotated[int, Range(least=0)]
    updated: Annotated[int, Range(least=0)]
    leads_closed: Annotated[int, Range(least=0)]
    promo_codes: tuple[UsedCode, ...]


async def take_event(asked: Asked) -> Reply:
    """Write the event down; its customer comes to the front of the campaigns that wait for it."""
    now = asked.now
    accepted = await accept_event(asked.open_unit, read_event(read_json(asked.body), now), now)
    leads = tuple(EventLeadItem(campaign=name, result=result) for name, result in accepted.leads.items())
    return Reply(body=EventTaken(known=accepted.known, leads=leads))


async def take_orders(asked: Asked) -> Reply:
    """Store orders; codes are redeemed, and leads whose customers have bought are closed."""
    report = await accept_orders(asked.open_unit, read_json(asked.body, exact=True), asked.api.clock)
    taken = OrdersTaken(
        added=report.counts.added,
        updated=report.counts.updated,
        leads_closed=report.settled.leads_closed,
        promo_codes=tuple(UsedCode(order=one.order, code=one.code, result=one.result) for one in report.settled.codes),
    )
    return Reply(body=taken)


ROUTES: Final = (
    post(
        "/api/events",
        take_event,
        Scope.EVENTS_WRITE,
        name="takeEvent",
        summary="Tell what happened to a customer",
        tag="CRM",
        body=Event,
        own_rules=True,
        signed=True,
        repeatable=True,
        answer=EventTaken,
        details="Every campaign that runs or awaits its release and names the kind among its triggers takes the"
        " customer to the front. Events older than a day call nobody.",
    ),
    post(
        "/api/orders",
        take_orders,
        Scope.ORDERS_WRITE,
        name="takeOrders",
        summary="Tell of one order, or of up to 1000",
        tag="CRM",
        body=Order,
        most_items=MOST_ORDERS,
        own_rules=True,
        signed=True,
        repeatable=True,
        most_bytes=_ORDERS_BYTES,
        answer=OrdersTaken,
        details="By the same rules as `voicebot import orders`; all are stored, or none.",
    ),
)
