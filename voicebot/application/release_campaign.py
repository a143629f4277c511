"""A campaign from its draft to its end; advertising dials nobody before a named person has released it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.campaign import (
    Campaign,
    CampaignEvent,
    CampaignKind,
    CampaignStatus,
    NewCampaign,
    move_campaign,
)
from voicebot.domain.errors import BadInput, IllegalMove, Problem
from voicebot.domain.release import Release, list_hash


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

    Those of an advertising campaign wait for the next release. Raises IllegalMove when the campaign is finished.
    """
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        if campaign.status is CampaignStatus.FINISHED:
            raise IllegalMove(machine="campaign", state=campaign.status, event="add leads")
        added = await unit.leads.add(campaign_id, customer_ids, at=now)
        await _audit(unit, campaign, "campaign.leads_added", by=by, now=now, added=added)
        await unit.wake.lines()
        await unit.commit()
    return added


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A campaign after somebody answered for people on its list."""

    campaign: Campaign
    release: Release | None
    """None for a service campaign that nobody is on yet."""


async def release_campaign(open_unit: OpenUnit, campaign_id: int, *, by: str, now: datetime) -> Campaign:
    """A named person answers for everybody on the list nobody has answered for; see `sign_list`."""
    return (await sign_list(open_unit, campaign_id, by=by, now=now)).campaign


async def sign_list(
    open_unit: OpenUnit, campaign_id: int, *, by: str, now: datetime, only: Collection[str] = (), seen: str = ""
) -> Signed:
    """A named person answers for a list, frozen as it stands; those on it may be dialled (38-FZ art. 18 p. 2).

    `only`: external ids, for a release lead by lead; empty for everybody not released yet. `seen`: the beginning of the
    hash the person was shown; another list is not signed. A campaign that awaits its release begins to run. Raises
    BadInput without a name, without leads or for another list, IllegalMove unless the campaign can be released.
    """
    if not by.strip():
        raise BadInput.one("release", "nobody is named", repair="give the name of the person who answers for the list")
    by = by.strip()
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        status = move_campaign(campaign.status, CampaignEvent.RELEASE)
        people = await unit.releases.unanswered_for(campaign_id, only)
        _refuse_another_list(campaign, people, only, seen)
        release = await unit.releases.sign(campaign_id, people, by=by, at=now) if people else None
        if not campaign.released:
            campaign = replace(campaign, released_by=by, released_at=now)
        campaign = replace(campaign, status=status)
        await unit.campaigns.change(campaign)
        await audit_release(unit, campaign, release, by=by, now=now)
        await unit.wake.lines()
        await unit.commit()
    return Signed(campaign=campaign, release=release)


async def audit_release(
    unit: UnitOfWork, campaign: Campaign, release: Release | None, *, by: str, now: datetime, **details: object
) -> None:
    """The signature in the audit log: number, count and hash of the list."""
    if release is not None:
        details = {"release": release.id, "leads": release.leads, "hash": release.hash, **details}
    await _audit(unit, campaign, "campaign.released", by=by, now=now, **details)


def _refuse_another_list(
    campaign: Campaign, people: Collection[tuple[int, str]], only: Collection[str], seen: str
) -> None:
    found = {external_id for _, external_id in people}
    problems = [
        Problem(
            source=f"customer '{one}'",
            where="",
            message=f"is not on the list of '{campaign.name}', or somebody has answered for them already",
            repair="voicebot campaign leads NAME",
        )
        for one in dict.fromkeys(only)
        if one not in found
    ]
    comes_by_itself = campaign.segment is not None or campaign.triggers or campaign.season
    if not people and not only and not (campaign.kind is CampaignKind.SERVICE and comes_by_itself):
        message = f"'{campaign.name}' has no leads to release"
        problems.append(
            Problem(source="campaign", where="", message=message, repair="voicebot campaign leads NAME shows the list")
        )
    if seen and not list_hash(campaign.id, people).startswith(seen.lower()):
        message = f"the list has changed since it was shown: {len(people)} people now"
        problems.append(Problem(source="--hash", where="", message=message, repair="look at it again, then release"))
    if problems:
        raise BadInput(problems)


async def change_campaign(
    open_unit: OpenUnit,
    campaign_id: int,
    event: CampaignEvent,
    *,
    by: str,
    now: datetime,
    require: Callable[[Campaign], None] | None = None,
) -> Campaign:
    """Submit, pause, resume or finish a campaign; raises IllegalMove when its table forbids that.

    `require` is shown the campaign as it stands, kept from others; what it raises stops the change.
    """
    if event is CampaignEvent.RELEASE:
        raise ValueError("a release is of a list: use sign_list")
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        if require is not None:
            require(campaign)
        changed = replace(campaign, status=move_campaign(campaign.status, event))
        await unit.campaigns.change(changed)
        details = {}
        if event is CampaignEvent.FINISH:
            closed = await unit.lead_endings.close_finished(at=now)
            await tell_of_closed_leads(unit, closed, now)
            details["closed"] = len(closed)
        await _audit(unit, changed, f"campaign.{event}", by=by, now=now, **details)
        await unit.wake.lines()
        await unit.commit()
    return changed


async def _audit(
    unit: UnitOfWork, campaign: Campaign, action: str, *, by: str, now: datetime, **details: object
) -> None:
    await unit.audit.record(at=now, actor=by, action=action, subject=f"campaign:{campaign.id}", details=details)
