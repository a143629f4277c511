"""Customers and refusals, as the use cases ask for them."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.consent import Consent
from voicebot.domain.customer import Customer
from voicebot.domain.order import PurchaseHistory
from voicebot.domain.phone import Phone


class CustomerRepository(Protocol):
    """The customers, one at a time."""

    async def get(self, customer_id: int) -> Customer:
        """The customer with their phones; raises NotFound."""

    async def named(self, external_id: str) -> Customer:
        """The customer with this name in the company's CRM; raises NotFound."""

    async def with_phone(self, phone: Phone) -> tuple[Customer, ...]:
        """Everybody this number belongs to and was not marked wrong for; the one who ordered last comes first."""

    async def history(self, customer_id: int) -> PurchaseHistory:
        """What they bought, added up; zeros for somebody who never did."""

    async def consents(self, customer_id: int) -> tuple[Consent, ...]:
        """Every consent they ever gave, the withdrawn ones too, newest first."""

    async def mark_wrong_number(self, customer_id: int, phone: Phone, at: datetime) -> None:
        """Remember that somebody else answers this number of theirs; keeps the first mark."""


class StopList(Protocol):
    """Who must not be contacted, by any campaign and in any channel."""

    async def add(self, customer_id: int, *, at: datetime, reason: str, source: str) -> None:
        """Stop the person and every number of theirs; a stop that is there already stays as it is."""

    async def add_phone(self, phone: Phone, *, at: datetime, reason: str, source: str) -> None:
        """Stop a number, whoever it belongs to; a stop that is there already stays as it is."""

    async def since(self, customer_id: int) -> datetime | None:
        """Since when the person, or any number of theirs, is stopped; None when they may be contacted.

        An operator's refusal (source `operator`) holds for calls alone and is not counted: the gate knows of it.
        """

    async def phone_since(self, phone: Phone) -> datetime | None:
        """Since when the number is stopped; None when it may be contacted. Operators' refusals are not counted."""
