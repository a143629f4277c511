"""Leads that are over without a call: the customer has ordered, the campaign has ended."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.ports.lead_endings import Lately
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.release_campaign import change_campaign
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.campaign import CampaignEvent, CampaignStatus
from voicebot.domain.errors import IllegalMove
from voicebot.domain.lead import LeadEnd

_SETTLED: Final = timedelta(minutes=5)
"""Transactions that were under way at a look are over by then, and clocks of machines differ by less."""
_WHOLE: Final = timedelta(minutes=30)
"""Everybody is looked at so often, should anything have come about in a way not thought of."""
_MAY_END = (CampaignStatus.AWAITING_RELEASE, CampaignStatus.RUNNING, CampaignStatus.PAUSED)


async def close_leads_of(unit: UnitOfWork, customer_ids: Collection[int], now: datetime) -> int:
    """Close the waiting leads, reminders too, of those of these people who ordered since they came onto a list.

    Call it in the unit that has stored the orders; returns how many leads are closed. A lead in a call is left to the
    next round of `close_leads_with_orders`.
    """
    closed = await unit.lead_endings.close_ordered(customer_ids, at=now)
    await _note(unit, LeadEnd.ORDER, closed, now)
    return len(closed)


@dataclass(kw_only=True, slots=True)
class OrderRounds:
    """What the rounds of one process have looked at, so that the next one looks at what is new."""

    looked: deque[tuple[datetime, int]] = field(default_factory=deque)
    """When, and the newest order by then; the first is the newest that is settled."""
    whole_at: datetime | None = None
    """When everybody was looked at last."""

    def lately(self, now: datetime) -> Lately | None:
        """What the next round looks at; None for everybody."""
        while len(self.looked) > 1 and now - self.looked[1][0] >= _SETTLED:
            self.looked.popleft()
        fresh = self.whole_at is not None and self.whole_at <= now < self.whole_at + _WHOLE
        if not fresh or not self.looked or now - self.looked[0][0] < _SETTLED:
            return None
        return Lately(leads_since=self.looked[0][0], orders_after=self.looked[0][1])

    def done(self, now: datetime, newest: int, lately: Lately | None) -> None:
        """A round has ended well."""
        self.looked.append((now, newest))
        if lately is None:
            self.whole_at = now


async def close_leads_with_orders(open_unit: OpenUnit, now: datetime, rounds: OrderRounds | None = None) -> int:
    """The same for everybody: what came while a call was under way, or by ways that did not tell; also closes what a
    finished campaign left behind. Returns how many leads are closed.

    With `rounds`, most rounds look only at leads and orders that are new.
    """
    lately = rounds.lately(now) if rounds is not None else None
    async with open_unit() as unit:
        newest = await unit.lead_endings.newest_order()
        ordered = await unit.lead_endings.close_ordered(lately=lately, at=now)
        await _note(unit, LeadEnd.ORDER, ordered, now)
        left = await unit.lead_endings.close_finished(at=now)
        await _note(unit, LeadEnd.CAMPAIGN, left, now)
        await unit.commit()
    if rounds is not None:
        rounds.done(now, newest, lately)
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
