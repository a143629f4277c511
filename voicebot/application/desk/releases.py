"""Whoever answers for lists: signs them, or refuses with a reason."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.release_pages import ReleaseRefusal
from voicebot.application.release_campaign import Signed, sign_list
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignStatus, move_campaign
from voicebot.domain.errors import BadInput
from voicebot.domain.user import User

LONGEST_REASON: Final = 1000
"""Characters of a refusal's reason."""


async def sign(
    open_unit: OpenDeskUnit,
    campaign_id: int,
    *,
    by: User,
    now: datetime,
    only: Collection[str] = (),
    seen: str,
) -> Signed:
    """Answer for the whole list that was shown (`seen`: its hash), or for those of these external ids.

    Raises NotFound, IllegalMove, and BadInput when the list is another one by now or somebody is not on it.
    """
    return await sign_list(open_unit, campaign_id, by=by.name, now=now, only=only, seen="" if only else seen)


async def refuse_list(
    open_unit: OpenDeskUnit,
    campaign_id: int,
    reason: str,
    *,
    by: str,
    now: datetime,
    only: Collection[str] = (),
    require: Callable[[Campaign], None] | None = None,
) -> int:
    """Answer for nobody of the list, or not for these external ids; returns how many people it is about.

    A campaign nobody was released of goes back to whoever put it together, its list torn up. Of any other the people
    are closed: nobody calls them in this campaign. `require` is shown the campaign, kept from others; what it raises
    stops the refusal. Raises NotFound, IllegalMove, BadInput without a reason.
    """
    if not by.strip():
        raise BadInput.one("--by", "nobody is named", repair="give your name: it is written into the audit log")
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise BadInput.one("reason", "is missing", repair="say what is to be changed")
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        if require is not None:
            require(campaign)
        status = move_campaign(campaign.status, CampaignEvent.REFUSE)
        if only or status is not CampaignStatus.DRAFT:
            closed = await unit.release_pages.close_refused(campaign_id, only, at=now)
            await tell_of_closed_leads(unit, closed, now)
            people = len(closed)
        else:
            people = await unit.release_pages.tear_up(campaign_id)
            await unit.campaigns.change(replace(campaign, status=status, selected_at=None))
            draft = await unit.campaign_pages.draft_of(campaign_id)
            if draft is not None:
                await unit.campaign_pages.save_draft(replace(draft, sent_at=None, updated_at=now))
        refusal = ReleaseRefusal(refused_by=by, refused_at=now, people=people, reason=reason)
        await unit.release_pages.refuse(campaign_id, refusal)
        await unit.audit.record(
            at=now,
            actor=by,
            action="campaign.refused",
            subject=f"campaign:{campaign_id}",
            details={"leads": people, "whole": not only},
        )
        await unit.commit()
    return people
