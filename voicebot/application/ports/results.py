"""What the people of a campaign bought and how far the calls led them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain.lift import GroupFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class Funnel:
    """How many of a variant's people came how far; each number counts people, not calls."""

    variant: str
    """Empty without a split test."""
    released: int
    """A named person answered for them, or the campaign is a service."""
    dialled: int
    answered: int
    """Somebody, not a machine, picked up or rang back."""
    interested: int
    promo_issued: int
    promo_redeemed: int


class CampaignOutcomes(Protocol):
    """Figures of campaigns."""

    async def figures(self, campaign_id: int, *, days: int, at: datetime) -> tuple[GroupFigures, ...]:
        """The control group, the called, and each variant, in this order.

        Orders count that were placed in the `days` after a person came onto the list, or into the control group; only
        people whose days are over at `at`.
        """

    async def funnels(self, campaign_id: int) -> tuple[Funnel, ...]:
        """One per variant, by name."""

    async def control_share(self, campaign_id: int) -> float | None:
        """Part of the selected people that was left alone; None when nobody was selected."""
