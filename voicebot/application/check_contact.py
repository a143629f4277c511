"""The gate's facts, read in the transaction that acts on its verdict."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.domain.campaign import Campaign
from voicebot.domain.campaign_plan import Spending
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.contact_rules import ContactFacts, Verdict, check_contact
from voicebot.domain.customer import Customer
from voicebot.domain.lead import Lead

_LAST_CALLS: Final = 100
"""So near to the end of a campaign's calls lines weigh its leads one after another: none is made too many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One call that might be made."""

    lead: Lead
    campaign: Campaign
    customer: Customer


async def ask_gate(unit: UnitOfWork, contact: Contact, policy: ContactPolicy, now: datetime) -> Verdict:
    """The verdict on a call at this moment; until the end of the unit nobody else begins a call to the number."""
    return check_contact(await read_facts(unit, contact, policy, now))


async def read_facts(unit: UnitOfWork, contact: Contact, policy: ContactPolicy, now: datetime) -> ContactFacts:
    """Everything the gate looks at."""
    customer, campaign = contact.customer, contact.campaign
    record = await unit.contact_facts.of(customer.id, campaign.id, customer.dialable)
    return ContactFacts(
        now=now,
        campaign=campaign,
        lead=contact.lead,
        customer=customer,
        consents=record.consents,
        record=record,
        spent=await _spending(unit, campaign),
        policy=policy,
    )


async def _spending(unit: UnitOfWork, campaign: Campaign) -> Spending:
    """What a campaign with a budget has used up: exact in calls; money and codes are known when calls are over."""
    if not campaign.budget.bounded:
        return Spending()
    spent = await unit.campaigns.spending(campaign.id)
    if campaign.budget.max_calls is None or spent.calls < campaign.budget.max_calls - _LAST_CALLS:
        return spent
    await unit.contact_facts.alone_in(campaign.id)
    return await unit.campaigns.spending(campaign.id)
