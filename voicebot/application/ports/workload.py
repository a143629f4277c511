"""How much there is to do."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.work_in_hand import CampaignQueue, JobCount, LiveCalls


class Workload(Protocol):
    """Counts over the whole queue; for people, not for lines."""

    async def queues(self, now: datetime) -> tuple[CampaignQueue, ...]:
        """Leads of every campaign that is not finished, the oldest campaign first."""

    async def live_calls(self) -> LiveCalls:
        """Calls that are not over, by line."""

    async def jobs(self) -> tuple[JobCount, ...]:
        """Jobs that are not done, by kind."""
