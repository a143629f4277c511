"""The gate's facts, read in the transaction that acts on its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.application.ports.contact_facts import Asked
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
    (facts,) = await read_facts(unit, (contact,), policy, now)
    return check_contact(facts)


async def read_facts(
    unit: UnitOfWork, contacts: Sequence[Contact], policy: ContactPolicy, now: datetime
) -> tuple[ContactFacts, ...]:
    """Everything the gate looks at, of several calls at once; nobody else begins one to these numbers meanwhile."""
    asked = [
        Asked(customer_id=one.customer.id, campaign_id=one.campaign.id, phone=one.customer.dialable) for one in contacts
    ]
    records = await unit.contact_facts.of(asked)
    spent = await _spending(unit, {one.campaign.id: one.campaign for one in contacts})
    return tuple(
        ContactFacts(
            now=now,
            campaign=contact.campaign,
            lead=contact.lead,
            customer=contact.customer,
            consents=record.consents,
            record=record,
            spent=spent.get(contact.campaign.id, Spending()),
            policy=policy,
        )
        for contact, record in zip(contacts, records, strict=True)
    )


async def _spending(unit: UnitOfWork, campaigns: Mapping[int, Campaign]) -> dict[int, Spending]:
    """What campaigns with a budget have used up: exact in calls; money and codes are known when calls are over."""
    bounded = {number: campaign for number, campaign in campaigns.items() if campaign.budget.bounded}
    spent = {number: await unit.campaigns.spending(number) for number in bounded}
    last = [number for number, campaign in bounded.items() if _near_the_end(campaign, spent[number])]
    if last:
        await unit.contact_facts.alone_in(last)
        spent |= {number: await unit.campaigns.spending(number) for number in last}
    return spent


def _near_the_end(campaign: Campaign, spent: Spending) -> bool:
    most = campaign.budget.max_calls
    return most is not None and spent.calls >= most - _LAST_CALLS
