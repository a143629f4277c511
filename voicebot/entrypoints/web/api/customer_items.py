"""Customers, as the API tells of them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from voicebot.application.desk.customers import Card
from voicebot.application.ports.customer_pages import CustomerLine
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_history import StopEntry
from voicebot.domain.customer import Channel, CustomerPhone, ValueClass
from voicebot.domain.lead import LeadState
from voicebot.entrypoints.web.api.masks import name_for, phone_for, text_for
from voicebot.entrypoints.web.api.routes import Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerItem:
    """One customer of a list."""

    id: int
    external_id: str
    name: Annotated[str, "Masked without personal:read."]
    phone: Annotated[str | None, "The primary one; masked without personal:read."]
    value_class: ValueClass | None
    preferred_channel: Channel | None
    last_order_at: datetime | None
    last_call_at: datetime | None
    stopped: Annotated[bool, "On the stop-list: nobody calls or writes."]
    erased: Annotated[bool, "Forgotten on request."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerPage:
    """Customers, the newest first."""

    items: tuple[CustomerItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneItem:
    """One number."""

    phone: Annotated[str | None, "Masked without personal:read."]
    primary: bool
    wrong_since: Annotated[datetime | None, "Somebody else answered it."]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentItem:
    """One consent with its proof."""

    scope: ConsentScope
    kind: ConsentKind
    source: str
    wording: Annotated[str, "Version of the text."]
    given_at: datetime
    proof: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StopItem:
    """One line of the stop-list."""

    phone: Annotated[str | None, "The number that is stopped; null: the person is."]
    since: datetime
    source: str
    reason: Annotated[str | None, "In the customer's words; null without personal:read."]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderItem:
    """One order."""

    external_id: str
    placed_at: datetime
    total: Annotated[Decimal, "RUB."]
    promo_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldCodeItem:
    """One promo code."""

    code: str
    campaign: str
    percent: Decimal
    valid_until: datetime
    redeemed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PartItem:
    """The person's part in one campaign."""

    campaign_id: int
    campaign: str
    state: LeadState
    attempts: int
    next_attempt_at: datetime | None
    disposition: Annotated[str, "Of the last attempt; empty before one."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerDetails:
    """One customer with their card."""

    id: int
    external_id: str
    name: Annotated[str, "Masked without personal:read."]
    phones: tuple[PhoneItem, ...]
    email: Annotated[str | None, "null without personal:read."]
    time_zone: Annotated[str, "Whose time they are called in."]
    time_zone_known: bool
    value_class: ValueClass | None
    preferred_channel: Channel | None
    tags: tuple[str, ...]
    consents: tuple[ConsentItem, ...]
    stop_list: tuple[StopItem, ...]
    orders: Annotated[tuple[OrderItem, ...], "The newest fifty."]
    codes: tuple[HeldCodeItem, ...]
    campaigns: tuple[PartItem, ...]
    calls: Annotated[tuple[int, ...], "Numbers of the calls, the oldest first."]
    erased_at: datetime | None


def customer_item(asked: Asked, line: CustomerLine) -> CustomerItem:
    """As the caller may see it."""
    return CustomerItem(
        id=line.id,
        external_id=line.external_id,
        name=name_for(asked, line.name),
        phone=phone_for(asked, line.phone),
        value_class=line.value_class,
        preferred_channel=line.preferred_channel,
        last_order_at=line.last_order_at,
        last_call_at=line.last_call_at,
        stopped=line.stopped,
        erased=line.erased,
    )


def customer_details(asked: Asked, card: Card) -> CustomerDetails:
    """As the caller may see it."""
    told, file, customer = card.told, card.file, card.told.customer
    return CustomerDetails(
        id=customer.id,
        external_id=customer.external_id,
        name=name_for(asked, customer.name),
        phones=tuple(_phone(asked, one) for one in customer.phones),
        email=text_for(asked, customer.email),
        time_zone=told.zone.key,
        time_zone_known=told.zone_known,
        value_class=customer.value_class,
        preferred_channel=customer.preferred_channel,
        tags=tuple(tag for tag, _ in file.tags),
        consents=tuple(map(consent_item, told.consents)),
        stop_list=tuple(stop_item(asked, one) for one in told.history.stops),
        orders=tuple(
            OrderItem(external_id=one.external_id, placed_at=one.placed_at, total=one.total, promo_code=one.promo_code)
            for one in file.orders
        ),
        codes=tuple(
            HeldCodeItem(
                code=one.promo.code,
                campaign=one.campaign,
                percent=one.promo.discount.percent,
                valid_until=one.promo.valid_until,
                redeemed_at=one.redeemed_at,
            )
            for one in file.codes
        ),
        campaigns=tuple(
            PartItem(
                campaign_id=one.campaign_id,
                campaign=one.campaign,
                state=one.state,
                attempts=one.attempts,
                next_attempt_at=one.next_attempt_at,
                disposition=one.disposition,
            )
            for one in file.parts
        ),
        calls=tuple(one.id for one in told.history.calls),
        erased_at=file.erased_at,
    )


def consent_item(one: Consent) -> ConsentItem:
    """As it is kept."""
    return ConsentItem(
        scope=one.scope,
        kind=one.kind,
        source=one.source,
        wording=one.wording,
        given_at=one.given_at,
        proof=one.proof,
        withdrawn_at=one.withdrawn_at,
    )


def stop_item(asked: Asked, one: StopEntry) -> StopItem:
    """As the caller may see it."""
    return StopItem(
        phone=phone_for(asked, one.phone), since=one.since, source=one.source, reason=text_for(asked, one.reason)
    )


def _phone(asked: Asked, one: CustomerPhone) -> PhoneItem:
    return PhoneItem(phone=phone_for(asked, one.phone), primary=one.primary, wrong_since=one.wrong_number_at)
