"""What campaigns do by the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from voicebot.application.close_leads import OrderRounds, close_leads_with_orders, finish_ended_campaigns
from voicebot.application.gather_list import gather_list
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.select_leads import select_leads


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignDesk:
    """Periodic work on campaigns; several desks at once do no harm."""

    open_unit: OpenUnit
    clock: Clock
    zone: ZoneInfo
    """Where the company's clock hangs: schedules go by it."""
    rounds: OrderRounds = field(default_factory=OrderRounds)

    async def select(self) -> int:
        """Task SELECT_LEADS."""
        return await select_leads(self.open_unit, now=self.clock.now(), zone=self.zone)

    async def gather(self, args: Mapping[str, Any], _last_try: bool) -> None:
        """Task GATHER_LIST."""
        await gather_list(self.open_unit, int(args["campaign_id"]), by=str(args["by"]), now=self.clock.now())

    async def close(self) -> int:
        """Task CLOSE_LEADS."""
        now = self.clock.now()
        await finish_ended_campaigns(self.open_unit, now)
        return await close_leads_with_orders(self.open_unit, now, self.rounds)
