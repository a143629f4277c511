"""Somebody rings us: who it is, what was wanted of them, and the lead claimed so that nobody calls them meanwhile."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voicebot.application.check_contact import Contact, ask_gate
from voicebot.application.claim_lead import Assignment, Line, assignment
from voicebot.application.ports.contact_facts import Asked
from voicebot.application.ports.dossiers import Dossier
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.attempt import NewAttempt
from voicebot.domain.call import Direction
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignKind, CampaignStatus, NewCampaign, move_campaign
from voicebot.domain.contact_rules import ContactRecord, Refusal, Verdict
from voicebot.domain.customer import Customer
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.inbound import (
    HIDDEN_NUMBERS,
    STANDING,
    STRANGER,
    CodeInHand,
    Continue,
    InboundErrand,
    InboundFacts,
    LeadOnFile,
    ServiceTalk,
    claimed_by_caller,
    hidden_phone,
    inbound_errand,
    returned_by_caller,
)
from voicebot.domain.lead import WAITING, Lead
from voicebot.domain.offer import personal_offers
from voicebot.domain.phone import Phone
from voicebot.domain.script import Entrance, Script
from voicebot.domain.time_zones import zone_for

_REMINDER: Final = "reminder"
"""Script that speaks of a code where the campaign names none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reception:
    """What it takes to meet callers."""

    open_unit: OpenUnit
    line: Line
    """Under whose lease they are talked to."""
    dialplan: Dialplan
    scripts: Mapping[str, Script]
    draw: Callable[[int], int]
    """A number from 0 up to, not including, its argument."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Meeting:
    """A caller we know what to talk about with."""

    assignment: Assignment
    script: Script
    """Begun at the entrance meant for callers."""
    before: Lead
    """The lead as it was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Caller:
    """Who rings."""

    customer: Customer
    phone: Phone
    """A stand-in where they hide it."""
    owners: int


async def meet_caller(reception: Reception, shown: Phone | None, now: datetime) -> Meeting | None:
    """Claim what they are talked to about and write the call down; None when they are in another call of ours.

    `shown`: the number they ring from; None when it is hidden or no number. Whoever rings from a number of several
    customers, or of none, is a stranger: no name is spoken and nothing offered.
    """
    async with reception.open_unit() as unit:
        caller = await _recognised(unit, shown, reception)
        await unit.callers.lock(caller.customer.id)
        standing = await _standing_campaign(unit, reception.dialplan, now)
        asked = Asked(customer_id=caller.customer.id, campaign_id=standing.id, phone=caller.phone)
        (record,) = await unit.contact_facts.of((asked,))
        if record.in_call:
            return None
        errand = await _errand(unit, caller, record, reception, now)
        meeting = await _claimed(unit, caller, errand, standing, reception, now)
        await unit.audit.record(
            at=now,
            actor="line",
            action="call.answered",
            subject=f"call:{meeting.assignment.call.id}",
            details={"lead": meeting.before.id, "script": meeting.script.name, "owners": caller.owners},
        )
        await unit.commit()
    return meeting


async def part_with_caller(open_unit: OpenUnit, meeting: Meeting, now: datetime) -> None:
    """They gave up before we answered: everything is as it was."""
    async with open_unit() as unit:
        call = await unit.calls.lock(meeting.assignment.call.id)
        lead = await unit.leads.lock(meeting.assignment.lead.id)
        if call.cause is None and lead.lease_owner == meeting.assignment.lead.lease_owner:
            await unit.calls.forget(call.id)
            await unit.leads.save(returned_by_caller(lead, to=meeting.before), at=now)
            await unit.commit()


async def _recognised(unit: UnitOfWork, shown: Phone | None, reception: Reception) -> _Caller:
    if shown is None:
        phone = hidden_phone(reception.draw(HIDDEN_NUMBERS))
        return _Caller(customer=await unit.callers.stranger(f"{STRANGER}{phone.e164}", None), phone=phone, owners=0)
    owners = await unit.callers.owners_of(shown)
    alone = owners[0] if len(owners) == 1 else None
    customer = alone or await unit.callers.stranger(f"{STRANGER}{shown.e164}", shown)
    return _Caller(customer=customer, phone=shown, owners=len(owners))


async def _errand(
    unit: UnitOfWork, caller: _Caller, record: ContactRecord, reception: Reception, now: datetime
) -> InboundErrand:
    last_called = {call.lead_id: call.dialled_at for call in sorted(record.calls, key=lambda call: call.dialled_at)}
    leads = sorted(
        await unit.callers.leads_of(caller.customer.id),
        key=lambda lead: (last_called.get(lead.id) or datetime.min.replace(tzinfo=now.tzinfo), lead.callback, lead.id),
        reverse=True,
    )
    facts = InboundFacts(
        now=now,
        owners=caller.owners,
        stopped=record.stopped,
        consents=await unit.customers.consents(caller.customer.id),
        leads=tuple([await _on_file(unit, lead, caller, reception, now) for lead in leads]),
    )
    return _speakable(inbound_errand(facts), reception.scripts)


async def _on_file(unit: UnitOfWork, lead: Lead, caller: _Caller, reception: Reception, now: datetime) -> LeadOnFile:
    campaign = await unit.campaigns.get(lead.campaign_id)
    refusals: tuple[Refusal, ...] = ()
    if lead.state in WAITING:
        contact = Contact(lead=lead, campaign=campaign, customer=caller.customer)
        refusals = (await ask_gate(unit, contact, reception.line.policy, now)).refusals
    (record,) = await unit.contact_facts.of(
        (Asked(customer_id=caller.customer.id, campaign_id=campaign.id, phone=None),)
    )
    return LeadOnFile(lead=lead, campaign=campaign, refusals=refusals, code_until=record.promo_until)


def _speakable(errand: InboundErrand, scripts: Collection[str]) -> InboundErrand:
    """The errand, unless this machine has no script for it: then we can still help."""
    if isinstance(errand, ServiceTalk) or _script_name(errand) in scripts:
        return errand
    return ServiceTalk()


def _script_name(errand: Continue | CodeInHand) -> str:
    campaign = errand.on.campaign
    if isinstance(errand, CodeInHand):
        return campaign.reminder.script if campaign.reminder else _REMINDER
    return campaign.script_for(errand.on.lead)


async def _claimed(
    unit: UnitOfWork,
    caller: _Caller,
    errand: InboundErrand,
    standing: Campaign,
    reception: Reception,
    now: datetime,
) -> Meeting:
    if isinstance(errand, ServiceTalk):
        campaign, lead = standing, await _standing_lead(unit, standing, caller.customer, now)
        name = reception.dialplan.inbound.script
    else:
        campaign, lead, name = errand.on.campaign, errand.on.lead, _script_name(errand)
    stopped = isinstance(errand, ServiceTalk) and errand.stopped
    script = reception.scripts[name].begun_at(Entrance.STOPPED if stopped else Entrance.INBOUND)
    claimed = claimed_by_caller(lead, owner=reception.line.owner, until=now + reception.line.lease)
    await unit.leads.save(claimed, at=now)
    spoken = (name, reception.line.script_versions.get(name, 0))
    taken = await _assignment(unit, caller, claimed, campaign, spoken, now)
    return Meeting(assignment=taken, script=script, before=lead)


async def _assignment(
    unit: UnitOfWork, caller: _Caller, lead: Lead, campaign: Campaign, spoken: tuple[str, int], now: datetime
) -> Assignment:
    """`spoken`: the script with its version."""
    history = await unit.customers.history(caller.customer.id)
    promo = await unit.promo_codes.of(caller.customer.id, campaign.id)
    call = await unit.calls.begin(
        NewAttempt(
            lead_id=lead.id,
            customer_id=caller.customer.id,
            phone=caller.phone,
            attempt=lead.attempts,
            owner=lead.lease_owner,
            # Nothing was asked of the gate: they rang us, and `inbound_errand` has seen to it what they may be offered.
            verdict=Verdict(refusals=(), checked_at=now.astimezone(zone_for(caller.customer).spoken)),
            offers=personal_offers(campaign.offer_for(lead), history, now),
            dialled_at=now,
            errand=lead.errand,
            script=spoken[0],
            script_version=spoken[1],
            variant=lead.variant,
            direction=Direction.IN,
        )
    )
    return assignment(call, lead, Dossier(campaign=campaign, customer=caller.customer, history=history, promo=promo))


async def _standing_lead(unit: UnitOfWork, standing: Campaign, customer: Customer, now: datetime) -> Lead:
    """Their lead in the standing campaign: nothing ever waits in it."""
    await unit.leads.add(standing.id, (customer.id,), at=now)
    lead = await unit.leads.lock(await unit.leads.named(standing.id, customer.id))
    return replace(lead, next_attempt_at=None)


async def _standing_campaign(unit: UnitOfWork, dialplan: Dialplan, now: datetime) -> Campaign:
    """The campaign of calls nobody asked for; service needs no release, so nobody is named."""
    try:
        return await unit.campaigns.named(STANDING)
    except NotFound:
        new = NewCampaign(
            name=STANDING, kind=CampaignKind.SERVICE, script=dialplan.inbound.script, dialplan=dialplan.name
        )
    try:
        draft = await unit.campaigns.create(new, at=now)
    except BadInput:  # somebody was quicker
        return await unit.campaigns.named(STANDING)
    status = CampaignStatus.DRAFT
    for event in (CampaignEvent.SUBMIT, CampaignEvent.RELEASE):
        status = move_campaign(status, event)
    running = replace(draft, status=status)
    await unit.campaigns.change(running)
    return running
