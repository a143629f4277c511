"""Campaigns, as the use cases ask for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from voicebot.domain.campaign import Campaign, CampaignProgress, CampaignStatus, NewCampaign
from voicebot.domain.campaign_plan import Spending


class CampaignRepository(Protocol):
    """The campaigns."""

    async def create(self, campaign: NewCampaign, *, at: datetime) -> Campaign:
        """A new draft; raises BadInput when the name is taken."""

    async def get(self, campaign_id: int, *, lock: bool = False) -> Campaign:
        """The campaign; `lock` keeps others from changing it until the end of the unit. Raises NotFound."""

    async def named(self, name: str) -> Campaign:
        """The campaign of that name; raises NotFound."""

    async def all(self) -> tuple[Campaign, ...]:
        """Every campaign, the newest first."""

    async def standing(self, statuses: Iterable[CampaignStatus]) -> tuple[Campaign, ...]:
        """The campaigns with one of these statuses, the oldest first."""

    async def change(self, campaign: Campaign) -> None:
        """Write status, release and when the selection ran."""

    async def progress(self, campaign_id: int) -> CampaignProgress:
        """How many leads stand where."""

    async def spending(self, campaign_id: int) -> Spending:
        """What the campaign has used up so far."""

    async def add_controls(self, campaign_id: int, customer_ids: Iterable[int], *, at: datetime) -> int:
        """Remember who is left alone on purpose; returns how many of them were not known yet."""
