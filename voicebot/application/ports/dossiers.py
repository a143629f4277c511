"""What a line must know of a lead, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from voicebot.domain.campaign import Campaign
from voicebot.domain.customer import Customer
from voicebot.domain.lead import Lead
from voicebot.domain.offer import PromoCode
from voicebot.domain.order import PurchaseHistory


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """Whom a lead is about, and on whose behalf they are called."""

    campaign: Campaign
    customer: Customer
    history: PurchaseHistory
    promo: PromoCode | None
    """The code the person has in this campaign already."""


class Dossiers(Protocol):
    """For claims, which must be quick: one question for all of them."""

    async def of(self, leads: Sequence[Lead]) -> tuple[Dossier, ...]:
        """The dossiers of existing leads, in their order."""
