"""The periodic selection: campaigns whose schedule is due look for new people."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.campaign import OPEN, Campaign, CampaignEvent, CampaignPlan, NewCampaign, move_campaign
from voicebot.domain.consent import ConsentKind
from voicebot.domain.errors import StoreError
from voicebot.domain.segment import SelectionRules


@dataclass(frozen=True, kw_only=True, slots=True)
class Selected:
    """What one selection came to."""

    campaign: Campaign
    added: int
    """People who were not on the list before."""
    controls: int
    """People who are left alone on purpose, not known before."""


async def begin_campaign(open_unit: OpenUnit, wanted: NewCampaign, *, by: str, now: datetime) -> Selected:
    """A new campaign with the people its segment holds now, awaiting its release. All or nothing.

    Raises BadInput when the name is taken.
    """
    async with open_unit() as unit:
        draft = await unit.campaigns.create(wanted, at=now)
        campaign = replace(draft, status=move_campaign(draft.status, CampaignEvent.SUBMIT))
        selected = await choose_people(unit, campaign, now)
        await unit.audit.record(
            at=now,
            actor=by,
            action="campaign.created",
            subject=f"campaign:{campaign.id}",
            details={"leads": selected.added, "controls": selected.controls},
        )
        await unit.commit()
    return selected


async def select_leads(open_unit: OpenUnit, *, now: datetime, zone: ZoneInfo) -> int:
    """Let every campaign that is due look for new people; returns how many came onto lists.

    Raises the first StoreError, after every campaign has had its turn.
    `zone`: where the company's clock hangs. A campaign that missed several firings is caught up with once.
    """
    async with open_unit() as unit:
        open_campaigns = await unit.campaigns.standing(OPEN)
    added, failed = 0, None
    for campaign in open_campaigns:
        if _is_due(campaign, now, zone):
            try:
                added += await _select_for(open_unit, campaign.id, now=now, zone=zone)
            except StoreError as error:  # the others have their turn all the same
                failed = failed or error
    if failed is not None:
        raise failed
    return added


async def _select_for(open_unit: OpenUnit, campaign_id: int, *, now: datetime, zone: ZoneInfo) -> int:
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        if campaign.status not in OPEN or not _is_due(campaign, now, zone):
            return 0  # another jobs process was quicker, or somebody paused it
        selected = await choose_people(unit, campaign, now)
        if selected.added or selected.controls:
            await unit.audit.record(
                at=now,
                actor="selection",
                action="campaign.selected",
                subject=f"campaign:{campaign.id}",
                details={"leads": selected.added, "controls": selected.controls},
            )
            await unit.wake.lines()
        await unit.commit()
    return selected.added


def _is_due(campaign: Campaign, now: datetime, zone: ZoneInfo) -> bool:
    """Nobody is looked for after the window, nor days before it: they would be chosen by what is true then."""
    since = campaign.selected_at or campaign.created_at
    if campaign.schedule is None or campaign.segment is None or since is None or campaign.window.has_ended(now):
        return False
    starts_on = campaign.window.starts_on
    early = starts_on is not None and now.astimezone(zone).date() < starts_on
    return not early and campaign.schedule.is_due(since=since, now=now, zone=zone)


async def choose_people(unit: UnitOfWork, campaign: Campaign, now: datetime) -> Selected:
    """Put those its segment holds now on the list of a campaign, and write how it stands."""
    added = controls = 0
    if campaign.segment is not None:
        rules = selection_rules(campaign)
        chosen = await unit.selection.allowed(campaign.segment, rules, at=now)
        spared = await unit.selection.controls(campaign.segment, rules, at=now)
        added = await unit.leads.add(campaign.id, chosen, at=now)
        controls = await unit.campaigns.add_controls(campaign.id, spared, at=now)
        campaign = replace(campaign, selected_at=now)
    await unit.campaigns.change(campaign)
    return Selected(campaign=campaign, added=added, controls=controls)


def selection_rules(plan: CampaignPlan) -> SelectionRules:
    """What holds for everybody a campaign selects."""
    return SelectionRules(
        purpose=ConsentKind(plan.kind.value),
        quiet_days=plan.quiet_days,
        control_share=plan.control_share,
        season=bool(plan.season),
    )
