"""Leads that are over without a call: the customer has ordered, the campaign has ended."""

from collections.abc import Collection
from datetime import datetime

from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.release_campaign import change_campaign
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.campaign import CampaignEvent, CampaignStatus
from voicebot.domain.errors import IllegalMove
from voicebot.domain.lead import LeadEnd

_MAY_END = (CampaignStatus.AWAITING_RELEASE, CampaignStatus.RUNNING, CampaignStatus.PAUSED)


async def close_leads_of(unit: UnitOfWork, customer_ids: Collection[int], now: datetime) -> int:
    """Close the waiting leads, reminders too, of those of these people who ordered since they came onto a list.

    Call it in the unit that has stored the orders; returns how many leads are closed. A lead in a call is left to the
    next round of `close_leads_with_orders`.
    """
    closed = await unit.lead_endings.close_ordered(customer_ids, at=now)
    await _note(unit, LeadEnd.ORDER, closed, now)
    return len(closed)


async def close_leads_with_orders(open_unit: OpenUnit, now: datetime) -> int:
    """The same for everybody: what came while a call was under way, or by ways that did not tell; also closes what a
    finished campaign left behind. Returns how many leads are closed."""
    async with open_unit() as unit:
        ordered = await unit.lead_endings.close_ordered(at=now)
        await _note(unit, LeadEnd.ORDER, ordered, now)
        left = await unit.lead_endings.close_finished(at=now)
        await _note(unit, LeadEnd.CAMPAIGN, left, now)
        await unit.commit()
    return len(ordered) + len(left)


async def finish_ended_campaigns(open_unit: OpenUnit, now: datetime) -> int:
    """Finish the campaigns whose last day is over everywhere in Russia; returns how many."""
    async with open_unit() as unit:
        ended = [one.id for one in await unit.campaigns.standing(_MAY_END) if one.window.has_ended(now)]
    for campaign_id in ended:
        try:
            await change_campaign(open_unit, campaign_id, CampaignEvent.FINISH, by="window", now=now)
        except IllegalMove:
            continue  # somebody finished it this moment
    return len(ended)


async def _note(unit: UnitOfWork, ended_by: LeadEnd, closed: Collection[int], now: datetime) -> None:
    if closed:
        await tell_of_closed_leads(unit, closed, now)
        details = {"ended_by": ended_by.value, "leads": len(closed)}
        await unit.audit.record(at=now, actor="jobs", action="leads.closed", details=details)
