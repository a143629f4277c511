"""Campaigns, as the use cases ask for them."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.campaign import Campaign, CampaignProgress, NewCampaign


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

    async def change(self, campaign: Campaign) -> None:
        """Write status and release."""

    async def progress(self, campaign_id: int) -> CampaignProgress:
        """How many leads stand where."""
