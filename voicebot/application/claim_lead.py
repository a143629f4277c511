"""A free line takes its next lead, under a lease."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.check_contact import Contact, ask_gate
from voicebot.application.ports.dossiers import Dossier
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.prepare_conversation import ConversationFacts, IssuedPromo
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.attempt import Attempt, NewAttempt
from voicebot.domain.campaign import Campaign
from voicebot.domain.claim_order import claim_order
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.contact_rules import Verdict
from voicebot.domain.customer import Customer
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import Lead, LeadEvent, move_lead
from voicebot.domain.message import last_day
from voicebot.domain.offer import Offers, PromoCode, personal_offers
from voicebot.domain.order import PurchaseHistory
from voicebot.domain.phone import Phone
from voicebot.domain.time_zones import zone_for

_REFUSALS_IN_A_ROW: Final = 200
"""Leads the gate may refuse in one claim; then the line comes up for air."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One SIP line that takes leads."""

    owner: str
    """Unique among all lines of all machines, also after a restart."""
    policy: ContactPolicy
    dialplan: str = ""
    """Only campaigns of this dialplan; empty takes any."""
    lease: timedelta = timedelta(seconds=30)
    """How long a claim holds without a heartbeat."""
    draw: Callable[[], float] = random.random
    """Numbers from 0 up to 1, by which campaigns of equal priority share the lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Everything a line needs for one call."""

    call: Attempt
    lead: Lead
    campaign: Campaign
    customer: Customer
    phone: Phone
    """The number to dial."""
    zone: ZoneInfo
    """Where the customer lives."""
    history: PurchaseHistory
    offers: Offers
    promo: PromoCode | None
    """The code the person has in this campaign already."""

    def facts(self, *, company: str) -> ConversationFacts:
        """What the bot may mention."""
        local = self.call.dialled_at.astimezone(self.zone)
        last_at, lines, promo = self.history.last_at, self.history.last_lines, self.promo
        return ConversationFacts(
            company=company,
            name=self.customer.name,
            last_goods=lines[0].what if lines else "",
            last_order_on=last_at.astimezone(self.zone).date() if last_at else None,
            first=self.offers.first,
            better=self.offers.better,
            promo=IssuedPromo(
                code=promo.code, discount=promo.discount, last_day=last_day(promo.valid_until, self.zone).date()
            )
            if promo
            else None,
            today=local.date(),
        )


async def claim_lead(open_unit: OpenUnit, line: Line, now: datetime) -> Assignment | None:
    """The next due lead that may be called now, its attempt written down; None when there is none.

    Leads the gate refuses on the way are blocked, or put off to the next opening, with the verdict stored.
    """
    for _ in range(_REFUSALS_IN_A_ROW):
        async with open_unit() as unit:
            lead = await _next_due(unit, line, now)
            if lead is None:
                return None
            weighed = await _weigh(unit, lead, line, now)
            await unit.commit()
        if isinstance(weighed, Assignment):
            return weighed
    return None


async def claim_within(unit: UnitOfWork, line: Line, lead_id: int, now: datetime) -> Assignment | Verdict:
    """One named lead, due or not, as part of a larger unit, which commits.

    The verdict when the gate refuses it. Raises NotFound when it waits for no
    call: claimed, done or blocked, its person in another call, or its campaign not running.
    """
    lead = await unit.leads.lock_waiting(lead_id)
    if lead is None:
        raise NotFound(f"lead {lead_id} is not waiting for a call")
    return await _weigh(unit, lead, line, now)


async def keep_lease(open_unit: OpenUnit, assignment: Assignment, line: Line, now: datetime) -> bool:
    """One heartbeat; False when the lease was lost: the attempt has been given up for interrupted."""
    async with open_unit() as unit:
        kept = await unit.leads.extend_lease(assignment.lead.id, owner=line.owner, until=now + line.lease)
        await unit.commit()
    return kept


async def return_lead(
    open_unit: OpenUnit, assignment: Assignment, now: datetime, *, due: datetime | None = None
) -> None:
    """Give back a lead that was claimed and never dialled: no attempt is counted; it is due again at `due`, or now."""
    async with open_unit() as unit:
        call = await unit.calls.lock(assignment.call.id)
        lead = await unit.leads.lock(assignment.lead.id)
        if call.cause is None and lead.attempts == call.attempt:
            await unit.calls.forget(call.id)
            returned = replace(
                lead,
                state=move_lead(lead.state, LeadEvent.RETURN),
                attempts=lead.attempts - 1,
                next_attempt_at=due or now,
                lease_owner="",
                lease_until=None,
            )
            await unit.leads.save(returned, at=now)
            await unit.commit()


async def _next_due(unit: UnitOfWork, line: Line, now: datetime) -> Lead | None:
    for where in claim_order(await unit.leads.due(now, dialplan=line.dialplan), line.draw):
        lead = await unit.leads.lock_due(where, now)
        if lead is not None:
            return lead
    return None


async def _weigh(unit: UnitOfWork, lead: Lead, line: Line, now: datetime) -> Assignment | Verdict:
    """Claim a locked lead, or put it off, close it or block it as the gate says."""
    dossier = await unit.dossiers.of(lead)
    contact = Contact(lead=lead, campaign=dossier.campaign, customer=dossier.customer)
    verdict = await ask_gate(unit, contact, line.policy, now)
    if not verdict.allowed:
        await _refuse(unit, lead, verdict, now)
        return verdict
    return await _assign(unit, lead, dossier, verdict, line, now)


async def _assign(
    unit: UnitOfWork, lead: Lead, dossier: Dossier, verdict: Verdict, line: Line, now: datetime
) -> Assignment:
    customer, campaign = dossier.customer, dossier.campaign
    phone = customer.dialable
    assert phone is not None  # the verdict allows nothing without a number
    claimed = replace(
        lead,
        state=move_lead(lead.state, LeadEvent.CLAIM),
        attempts=lead.attempts + 1,
        lease_owner=line.owner,
        lease_until=now + line.lease,
    )
    await unit.leads.save(claimed, at=now, verdict=verdict)
    call = await unit.calls.begin(
        NewAttempt(
            lead_id=claimed.id,
            customer_id=claimed.customer_id,
            phone=phone,
            attempt=claimed.attempts,
            owner=line.owner,
            verdict=verdict,
            offers=(offers := personal_offers(campaign.offer_for(lead), dossier.history, now)),
            dialled_at=now,
            wanted=claimed.callback,
            errand=claimed.errand,
            script=campaign.script_for(claimed),
            variant=claimed.variant,
        )
    )
    return Assignment(
        call=call,
        lead=claimed,
        campaign=campaign,
        customer=customer,
        phone=phone,
        zone=zone_for(customer).spoken,
        history=dossier.history,
        offers=offers,
        promo=dossier.promo,
    )


async def _refuse(unit: UnitOfWork, lead: Lead, verdict: Verdict, now: datetime) -> None:
    if not verdict.for_good:
        later = verdict.again_at or now
        put_off = replace(lead, state=move_lead(lead.state, LeadEvent.POSTPONE), next_attempt_at=later)
        await unit.leads.save(put_off, at=now, verdict=verdict)
        return
    event = LeadEvent.CLOSE if verdict.over else LeadEvent.BLOCK
    ended = replace(lead, state=move_lead(lead.state, event), next_attempt_at=None, callback=False)
    await unit.leads.save(ended, at=now, verdict=verdict)
    await tell_of_closed_leads(unit, (lead.id,), now)
    await unit.audit.record(
        at=now,
        actor="gate",
        action="lead.closed" if verdict.over else "lead.blocked",
        subject=f"lead:{lead.id}",
        details={"refusals": [refusal.value for refusal in verdict.refusals]},
    )
