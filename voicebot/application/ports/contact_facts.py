"""What decides about calls to people, as the gate asks for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from voicebot.domain.contact_rules import ContactRecord
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A call that might be made."""

    customer_id: int
    campaign_id: int
    phone: Phone | None
    """The number that would be dialled; without one nobody is kept from calling the person."""


class ContactFactsReader(Protocol):
    """Reads all that the store knows of people at once."""

    async def of(self, asked: Sequence[Asked]) -> tuple[ContactRecord, ...]:
        """Their calls, refusals and promo codes, in the order asked.

        Nobody else begins a call to one of the numbers, or to their people, until the end of the unit.
        """

    async def alone_in(self, campaign_ids: Collection[int]) -> None:
        """Wait until nobody else is about to begin a call of these campaigns; they wait until the end of the unit."""
