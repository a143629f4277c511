"""What decides about a call to one person, as the gate asks for it."""

from typing import Protocol

from voicebot.domain.contact_rules import ContactRecord
from voicebot.domain.phone import Phone


class ContactFactsReader(Protocol):
    """Reads all that the store knows of a person at once."""

    async def of(self, customer_id: int, campaign_id: int, phone: Phone | None) -> ContactRecord:
        """Their calls, refusals and promo code; `phone` is the number that would be dialled.

        With a number, nobody else begins a call to it, or to the person, until the end of the unit.
        """

    async def alone_in(self, campaign_id: int) -> None:
        """Wait until nobody else is about to begin a call of the campaign; they wait until the end of the unit."""
