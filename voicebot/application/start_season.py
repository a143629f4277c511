"""A reason to call those who were lost for now."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.release_campaign import prepare_campaign
from voicebot.application.select_leads import selection_rules
from voicebot.domain.campaign import Campaign, CampaignPlan, NewCampaign
from voicebot.domain.errors import BadInput
from voicebot.domain.segment import in_control_group


@dataclass(frozen=True, kw_only=True, slots=True)
class Season:
    """A campaign of people of the seasonal list, awaiting its release."""

    campaign: Campaign
    added: int
    """People on its list."""
    controls: int
    """People of the seasonal list left alone on purpose."""


async def start_season(open_unit: OpenUnit, wanted: NewCampaign, *, by: str, now: datetime) -> Season:
    """Put everybody on the seasonal list who may be called on a new campaign's list.

    They stay on the seasonal list until they accept, order or are stopped. Raises BadInput when the name is taken, when
    nobody is named, or when nobody may be called.
    """
    if not wanted.season:
        raise ValueError("a season has a reason")
    if not by.strip():
        raise BadInput.one("--by", "nobody is named", repair="give your name: it is written into the audit log")
    async with open_unit() as unit:
        chosen, spared = await seasonal_people(unit, wanted, now)
    if not chosen:
        raise BadInput.one(
            "season", "nobody on the seasonal list may be called now", repair="voicebot season list shows who is on it"
        )
    campaign, added = await prepare_campaign(open_unit, wanted, chosen, by=by, now=now)
    async with open_unit() as unit:
        controls = await unit.campaigns.add_controls(campaign.id, spared, at=now)
        await unit.audit.record(
            at=now,
            actor=by,
            action="season.started",
            subject=f"campaign:{campaign.id}",
            details={"reason": wanted.season, "leads": added, "controls": controls},
        )
        await unit.commit()
    return Season(campaign=campaign, added=added, controls=controls)


async def seasonal_people(unit: UnitOfWork, plan: CampaignPlan, now: datetime) -> tuple[list[int], list[int]]:
    """Ids of those of the seasonal list who may be called now, and of those left alone on purpose."""
    rules = replace(selection_rules(plan), control_share=Decimal(0))
    people = await unit.seasonal_list.callable(rules, at=now)
    spared = [one for one in people if in_control_group(one, plan.control_share)]
    return [one for one in people if not in_control_group(one, plan.control_share)], spared
