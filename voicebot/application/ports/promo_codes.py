"""Promo codes, as the use cases ask for them."""

from typing import Protocol

from voicebot.domain.offer import PromoCode


class PromoCodes(Protocol):
    """One code per person and campaign."""

    async def issue(self, wanted: PromoCode) -> PromoCode | None:
        """The person's code in the campaign: `wanted`, or the one they have, raised to the greater discount.

        None when the letters of `wanted` belong to somebody else's code: try others.
        """

    async def of(self, customer_id: int, campaign_id: int) -> PromoCode | None:
        """The code the person has."""
