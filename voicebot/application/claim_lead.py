"""Free lines take their next leads, under a lease."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.check_contact import Contact, ask_gate, read_facts
from voicebot.application.ports.dossiers import Dossier
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.prepare_conversation import ConversationFacts, IssuedPromo
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.attempt import Attempt, NewAttempt
from voicebot.domain.campaign import Campaign
from voicebot.domain.claim_order import next_shares
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.contact_rules import Verdict, check_contact
from voicebot.domain.customer import Customer
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import Lead, LeadEvent, move_lead
from voicebot.domain.message import last_day
from voicebot.domain.offer import Offers, PromoCode, personal_offers
from voicebot.domain.order import PurchaseHistory
from voicebot.domain.phone import Phone
from voicebot.domain.time_zones import zone_for

_LOOKS_IN_A_ROW: Final = 1000
"""Leads weighed in one claim; then the lines come up for air."""
_MOST_AT_ONCE: Final = 50
"""Leads weighed in one unit."""


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
    script_versions: Mapping[str, int] = field(default_factory=dict)
    """By name of the script: which version this line speaks; 0, or none, is the file."""
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


def assignment(call: Attempt, lead: Lead, dossier: Dossier) -> Assignment:
    """What a line is told of an attempt that has been written down."""
    return Assignment(
        call=call,
        lead=lead,
        campaign=dossier.campaign,
        customer=dossier.customer,
        phone=call.phone,
        zone=zone_for(dossier.customer).spoken,
        history=dossier.history,
        offers=call.offers,
        promo=dossier.promo,
    )


async def claim_lead(open_unit: OpenUnit, line: Line, now: datetime) -> Assignment | None:
    """The next due lead that may be called now, its attempt written down; None when there is none."""
    return next(iter(await claim_leads(open_unit, (line,), now)), None)


async def claim_leads(open_unit: OpenUnit, lines: Sequence[Line], now: datetime) -> list[Assignment]:
    """Leads for several lines, which differ in nothing but their owner; in their order, fewer when fewer are due.

    Leads the gate refuses on the way are blocked, or put off to the next opening, with the verdict stored. All of it
    costs about as many statements as one claim.
    """
    claimed: list[Assignment] = []
    refused, looked_at = 0, 0
    while (free := lines[len(claimed) :]) and looked_at < _LOOKS_IN_A_ROW:
        async with open_unit() as unit:
            # Where some are refused the next ones often are, and for the same reason: the hour, the caps.
            most = min(len(free) + refused, _MOST_AT_ONCE)
            leads = await _next_due(unit, free[0], now, most)
            taken, refused = await _weigh_all(unit, leads, free, now)
            await unit.commit()
        claimed += taken
        looked_at += len(leads)
        if len(leads) < most:
            break  # nothing else is due
    return claimed


async def claim_within(unit: UnitOfWork, line: Line, lead_id: int, now: datetime) -> Assignment | Verdict:
    """One named lead, due or not, as part of a larger unit, which commits.

    The verdict when the gate refuses it. Raises NotFound when it waits for no
    call: claimed, done or blocked, its person in another call, or its campaign not running.
    """
    lead = await unit.leads.lock_waiting(lead_id)
    if lead is None:
        raise NotFound(f"lead {lead_id} is not waiting for a call")
    (dossier,) = await unit.dossiers.of((lead,))
    contact = Contact(lead=lead, campaign=dossier.campaign, customer=dossier.customer)
    verdict = await ask_gate(unit, contact, line.policy, now)
    if not verdict.allowed:
        await _refuse(unit, lead, verdict, now)
        return verdict
    (claimed,) = await _assign(unit, (_Allowed(lead=lead, dossier=dossier, verdict=verdict, line=line),), now)
    return claimed


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


async def _next_due(unit: UnitOfWork, line: Line, now: datetime, most: int) -> list[Lead]:
    """Locked leads of different people, in the order in which they are due; fewer than `most` when no more are due."""
    groups = await unit.leads.due(now, dialplan=line.dialplan)
    found: dict[int, Lead] = {}
    seen: list[int] = []
    while shares := next_shares(groups, line.draw, most - len(found)):
        locked = await unit.leads.lock_due(shares, now, but=seen)
        seen += [lead.id for lead in locked]
        for lead in locked[: most - len(found)]:
            found.setdefault(lead.customer_id, lead)
        given = Counter(lead.campaign_id for lead in locked)
        groups = tuple(one for one in groups if one not in shares or given[one.campaign_id] == shares[one])
    return list(found.values())


async def _weigh_all(
    unit: UnitOfWork, leads: Sequence[Lead], lines: Sequence[Line], now: datetime
) -> tuple[list[Assignment], int]:
    """Claim locked leads until no line is free; returns the claims and how many leads the gate refused.

    What is left when all lines are busy stays in the queue as it was.
    """
    if not leads:
        return [], 0
    dossiers = await unit.dossiers.of(leads)
    contacts = [
        Contact(lead=lead, campaign=dossier.campaign, customer=dossier.customer)
        for lead, dossier in zip(leads, dossiers, strict=True)
    ]
    allowed: list[_Allowed] = []
    refused = 0
    calls, numbers = Counter[int](), set[Phone | None]()
    for facts, dossier in zip(await read_facts(unit, contacts, lines[0].policy, now), dossiers, strict=True):
        if len(allowed) == len(lines):
            break
        if facts.customer.dialable in numbers:
            continue  # somebody with the same number is about to be called
        verdict = check_contact(facts.after(calls[facts.campaign.id]))
        if not verdict.allowed:
            await _refuse(unit, facts.lead, verdict, now)
            refused += 1
            continue
        calls[facts.campaign.id] += 1
        numbers.add(facts.customer.dialable)
        allowed.append(_Allowed(lead=facts.lead, dossier=dossier, verdict=verdict, line=lines[len(allowed)]))
    return await _assign(unit, allowed, now), refused


@dataclass(frozen=True, kw_only=True, slots=True)
class _Allowed:
    """A locked lead the gate lets through, and the line that gets it."""

    lead: Lead
    dossier: Dossier
    verdict: Verdict
    line: Line

    def claimed(self, now: datetime) -> Lead:
        return replace(
            self.lead,
            state=move_lead(self.lead.state, LeadEvent.CLAIM),
            attempts=self.lead.attempts + 1,
            lease_owner=self.line.owner,
            lease_until=now + self.line.lease,
        )

    def attempt(self, lead: Lead, now: datetime) -> NewAttempt:
        campaign, phone = self.dossier.campaign, self.dossier.customer.dialable
        assert phone is not None  # the verdict allows nothing without a number
        return NewAttempt(
            lead_id=lead.id,
            customer_id=lead.customer_id,
            phone=phone,
            attempt=lead.attempts,
            owner=self.line.owner,
            verdict=self.verdict,
            offers=personal_offers(campaign.offer_for(lead), self.dossier.history, now),
            dialled_at=now,
            wanted=lead.callback,
            errand=lead.errand,
            script=campaign.script_for(lead),
            script_version=self.line.script_versions.get(campaign.script_for(lead), 0),
            variant=lead.variant,
        )


async def _assign(unit: UnitOfWork, allowed: Sequence[_Allowed], now: datetime) -> list[Assignment]:
    leads = [one.claimed(now) for one in allowed]
    await unit.leads.save_all([(lead, one.verdict) for lead, one in zip(leads, allowed, strict=True)], at=now)
    calls = await unit.calls.begin_all([one.attempt(lead, now) for lead, one in zip(leads, allowed, strict=True)])
    return [assignment(call, lead, one.dossier) for call, lead, one in zip(calls, leads, allowed, strict=True)]


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
