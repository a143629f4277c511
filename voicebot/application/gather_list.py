"""A campaign sent from the desk gets its people, and waits for its release."""

from dataclasses import replace
from datetime import datetime

from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.select_leads import Selected, choose_people
from voicebot.application.start_season import seasonal_people
from voicebot.domain.campaign import CampaignEvent, CampaignStatus, move_campaign


async def gather_list(open_unit: OpenUnit, campaign_id: int, *, by: str, now: datetime) -> Selected | None:
    """Select the people of a draft and let it await its release; None when somebody has done so already.

    A jobs process does it: the web process waits for no selection. Raises NotFound.
    """
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        if campaign.status is not CampaignStatus.DRAFT:
            return None
        campaign = replace(campaign, status=move_campaign(campaign.status, CampaignEvent.SUBMIT))
        if campaign.segment is None and campaign.season:
            chosen, spared = await seasonal_people(unit, campaign, now)
            added = await unit.leads.add(campaign.id, chosen, at=now)
            controls = await unit.campaigns.add_controls(campaign.id, spared, at=now)
            campaign = replace(campaign, selected_at=now)
            await unit.campaigns.change(campaign)
            selected = Selected(campaign=campaign, added=added, controls=controls)
        else:
            selected = await choose_people(unit, campaign, now)
        await unit.audit.record(
            at=now,
            actor=by,
            action="campaign.submitted",
            subject=f"campaign:{campaign.id}",
            details={"leads": selected.added, "controls": selected.controls},
        )
        await unit.commit()
    return selected
