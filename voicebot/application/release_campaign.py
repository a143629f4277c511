"""A campaign from its draft to its end; advertising dials nobody before a named person has released it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.campaign import (
    Campaign,
    CampaignEvent,
    CampaignKind,
    CampaignStatus,
    NewCampaign,
    move_campaign,
)
from voicebot.domain.errors import BadInput, IllegalMove

_LIST_OPEN = (CampaignStatus.DRAFT, CampaignStatus.AWAITING_RELEASE)


async def create_campaign(open_unit: OpenUnit, wanted: NewCampaign, *, by: str, now: datetime) -> Campaign:
    """A new draft; raises BadInput when the name is taken."""
    async with open_unit() as unit:
        campaign = await unit.campaigns.create(wanted, at=now)
        await _audit(unit, campaign, "campaign.created", by=by, now=now)
        await unit.commit()
    return campaign


async def prepare_campaign(
    open_unit: OpenUnit, wanted: NewCampaign, customer_ids: Iterable[int], *, by: str, now: datetime
) -> tuple[Campaign, int]:
    """A new campaign with its whole list, awaiting its release; also how many leads it has. All or nothing."""
    async with open_unit() as unit:
        draft = await unit.campaigns.create(wanted, at=now)
        campaign = replace(draft, status=move_campaign(draft.status, CampaignEvent.SUBMIT))
        await unit.campaigns.change(campaign)
        added = await unit.leads.add(campaign.id, customer_ids, at=now)
        await _audit(unit, campaign, "campaign.created", by=by, now=now, leads=added)
        await unit.commit()
    return campaign, added


async def add_leads(
    open_unit: OpenUnit, campaign_id: int, customer_ids: Iterable[int], *, by: str, now: datetime
) -> int:
    """Put people on the list; returns how many were not there yet.

    Raises IllegalMove when the campaign is finished, or is advertising whose list somebody has answered for already.
    """
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        service = campaign.kind is CampaignKind.SERVICE and campaign.status is not CampaignStatus.FINISHED
        if not service and campaign.status not in _LIST_OPEN:
            raise IllegalMove(machine="campaign", state=campaign.status, event="add leads")
        added = await unit.leads.add(campaign_id, customer_ids, at=now)
        await _audit(unit, campaign, "campaign.leads_added", by=by, now=now, added=added)
        await unit.commit()
    return added


async def release_campaign(open_unit: OpenUnit, campaign_id: int, *, by: str, now: datetime) -> Campaign:
    """A named person approves the list and the campaign begins to dial (38-FZ art. 18 p. 2, DOMAIN.md Law 2).

    Raises BadInput without a name or without leads, IllegalMove unless the campaign awaits its release.
    """
    _require_name(by)
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        status = move_campaign(campaign.status, CampaignEvent.RELEASE)
        progress = await unit.campaigns.progress(campaign_id)
        if progress.leads == 0:
            raise BadInput.one(
                "campaign", f"'{campaign.name}' has no leads to release", repair="select customers first"
            )
        released = replace(campaign, status=status, released_by=by.strip(), released_at=now)
        await unit.campaigns.change(released)
        await _audit(unit, released, "campaign.released", by=by, now=now, leads=progress.leads)
        await unit.commit()
    return released


async def change_campaign(
    open_unit: OpenUnit, campaign_id: int, event: CampaignEvent, *, by: str, now: datetime
) -> Campaign:
    """Submit, pause, resume or finish a campaign; raises IllegalMove when its table forbids that."""
    if event is CampaignEvent.RELEASE:
        raise ValueError("a release needs a name: use release_campaign")
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        changed = replace(campaign, status=move_campaign(campaign.status, event))
        await unit.campaigns.change(changed)
        await _audit(unit, changed, f"campaign.{event}", by=by, now=now)
        await unit.commit()
    return changed


def _require_name(by: str) -> None:
    if not by.strip():
        raise BadInput.one("release", "nobody is named", repair="give the name of the person who answers for the list")


async def _audit(
    unit: UnitOfWork, campaign: Campaign, action: str, *, by: str, now: datetime, **details: object
) -> None:
    await unit.audit.record(at=now, actor=by, action=action, subject=f"campaign:{campaign.id}", details=details)
