"""Customers, as their pages ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from voicebot.domain.customer import Channel, PersonName, ValueClass
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.lead import LeadState
from voicebot.domain.offer import PromoCode
from voicebot.domain.order import OrderLine
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerQuery:
    """Whom to find: everybody one of the fields is true of; all, when all are empty."""

    external_id: str = ""
    words: tuple[str, ...] = ()
    """Letters and digits, lower-case, with е for ё: how words of the name begin, all of which must be there."""
    phone: Phone | None = None
    email: str = ""
    """As a whole, in whatever case."""
    before: int | None = None
    """Id of the last customer seen: the next page."""
    after: int | None = None
    """Id of the first customer seen: the page before."""
    limit: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerLine:
    """One customer of the list."""

    id: int
    external_id: str
    name: PersonName
    phone: Phone | None
    """The primary one."""
    value_class: ValueClass | None
    preferred_channel: Channel | None
    last_order_at: datetime | None
    last_call_at: datetime | None
    stopped: bool
    erased: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedOrder:
    """One order with its lines."""

    external_id: str
    placed_at: datetime
    total: Decimal
    promo_code: str
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldCode:
    """A promo code and what became of it."""

    promo: PromoCode
    campaign: str
    redeemed_at: datetime | None
    order: str
    """External id of the order that redeemed it; empty for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What a campaign still means to do."""

    campaign_id: int
    campaign: str
    state: LeadState
    attempts: int
    next_attempt_at: datetime | None
    callback: bool
    disposition: str
    """Of the last attempt; empty before one."""
    ended_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One escalation."""

    id: int
    kind: EscalationKind
    urgent: bool
    reason: str
    created_at: datetime
    taken_by: str
    resolved_at: datetime | None
    result: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SentText:
    """The words of a message, and the call it came of."""

    channel: str
    template: str
    text: str
    phone: Phone
    campaign: str
    state: str
    error: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LiftedStop:
    """A stop that was taken off again."""

    since: datetime
    source: str
    lifted_by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFile:
    """What a card shows beside the customer, their consents and their contacts."""

    orders: tuple[PlacedOrder, ...]
    """The newest first, at most as many as were asked for."""
    codes: tuple[HeldCode, ...]
    tags: tuple[tuple[str, datetime], ...]
    """With the moment each was last earned, the newest first."""
    parts: tuple[Part, ...]
    """What waits comes first."""
    troubles: tuple[Trouble, ...]
    """Open ones first, then the newest."""
    messages: tuple[SentText, ...]
    """The newest first."""
    lifted: tuple[LiftedStop, ...]
    erased_at: datetime | None


class CustomerPages(Protocol):
    """Questions of the customers' pages, and the two things done there to tags."""

    async def find(self, query: CustomerQuery) -> tuple[CustomerLine, ...]:
        """The newest customers first; one more than the limit when there are more."""

    async def file(self, customer_id: int, *, orders: int) -> CustomerFile:
        """The file of an existing customer."""

    async def turns(self, customer_id: int) -> Sequence[tuple[int, str, str, datetime]]:
        """Every sentence of their calls: call, speaker, text, moment of the call; oldest first."""

    async def recordings(self, customer_id: int) -> tuple[tuple[int, str], ...]:
        """Calls that were recorded, with the file's path below the recordings folder."""

    async def add_tag(self, customer_id: int, tag: str, *, at: datetime) -> None:
        """Put a tag on the person; one that is there already stays."""

    async def remove_tag(self, customer_id: int, tag: str) -> bool:
        """Take it off; False when it was not there."""

    async def lift_stop(self, customer_id: int, *, by: str, reason: str, at: datetime) -> int:
        """Take the person and their numbers off the stop-list, keeping what was there; returns how many rows went."""
