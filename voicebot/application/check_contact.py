"""The gate: may this person be called now?"""

from dataclasses import dataclass
from datetime import datetime

from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.domain.campaign import Campaign
from voicebot.domain.contact_rules import ContactFacts, ContactPolicy, Verdict, check_facts
from voicebot.domain.customer import Customer
from voicebot.domain.lead import Lead
from voicebot.domain.outcome import Disposition
from voicebot.domain.time_zones import zone_for


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One call that might be made."""

    lead: Lead
    campaign: Campaign
    customer: Customer


async def check_contact(unit: UnitOfWork, contact: Contact, policy: ContactPolicy, now: datetime) -> Verdict:
    """The verdict on a call at this moment, on facts read in this unit."""
    customer, phone = contact.customer, contact.customer.dialable
    stopped = await unit.stop_list.since(customer.id) is not None
    if phone is not None and not stopped:
        stopped = await unit.stop_list.phone_since(phone) is not None
    return check_facts(
        ContactFacts(
            kind=contact.campaign.kind,
            status=contact.campaign.status,
            released=contact.lead.release_id is not None,
            phone=phone,
            consents=await unit.customers.consents(customer.id),
            stopped=stopped,
            wrong_number=phone is None and bool(customer.phones),
            accepted=contact.lead.disposition is Disposition.ACCEPTED,
            attempts=contact.lead.attempts,
            max_attempts=policy.redial.max_attempts,
            local_now=now.astimezone(zone_for(customer)),
            hours=policy.hours,
            labelled=policy.labelled,
        )
    )
