"""How far a campaign has come, counted no more often than anybody needs."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.ports.campaign_pages import CampaignFigures, CampaignLine
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.campaign import OPEN, Campaign

_FRESH: Final = timedelta(seconds=15)
"""Figures of a campaign that dials are counted again after this."""
_AT_REST: Final = timedelta(minutes=10)
"""Those of any other."""


def still_good(line: CampaignLine, now: datetime) -> CampaignFigures | None:
    """What was counted last, if it is no older than it may be."""
    age = _FRESH if line.campaign.status in OPEN else _AT_REST
    return line.figures if line.figures is not None and now - line.figures.counted_at < age else None


async def count_figures(open_unit: OpenDeskUnit, line: CampaignLine, zone: ZoneInfo, now: datetime) -> CampaignFigures:
    """Count them now; all who ask later see these."""
    async with open_unit() as unit:
        counted = await unit.campaign_pages.count(line.campaign.id, zone, at=now)
        await unit.commit()
    return counted


def next_selection(campaign: Campaign, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When new people are looked for next; None when never."""
    if campaign.status not in OPEN or campaign.schedule is None or campaign.window.has_ended(now):
        return None
    return campaign.schedule.next_after(now, zone)
