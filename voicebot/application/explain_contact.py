"""Why was this person called, and why not?"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from voicebot.application.ports.audit import AuditFilter
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.audit import ChainedEntry
from voicebot.domain.consent import Consent
from voicebot.domain.contact_history import ContactHistory
from voicebot.domain.customer import Customer
from voicebot.domain.errors import BadInput
from voicebot.domain.time_zones import zone_for

_ENTRIES = 1000
"""Of the audit log about one person, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Everything a person, their lawyer or an inspector may ask about our calls to them."""

    customer: Customer
    zone: ZoneInfo
    """Whose time the report is told in."""
    zone_known: bool
    """Whether the person is known to live there."""
    at: datetime
    """When it was drawn up."""
    consents: tuple[Consent, ...]
    """Every one they ever gave, the withdrawn ones too, newest first."""
    history: ContactHistory
    log: tuple[ChainedEntry, ...]
    """What the audit log says of the person, their leads and their calls, oldest first."""


async def explain_contact(
    open_unit: OpenUnit, external_id: str, *, now: datetime, full: bool = False, by: str = ""
) -> Explanation:
    """The report about one customer; raises NotFound.

    `full`: it will be shown with name and numbers, and to whom (`by`) is written into the audit log first. Raises
    BadInput when nobody is named.
    """
    if full and not by.strip():
        raise BadInput.one("--by", "is missing", repair="name and numbers are shown to a named person: add --by NAME")
    async with open_unit() as unit:
        customer = await unit.customers.named(external_id)
        explanation = await explain(unit, customer, now)
        if full:
            await unit.audit.record(
                at=now, actor=by.strip(), action="customer.disclosed", subject=f"customer:{customer.id}"
            )
        await unit.commit()
    return explanation


async def explain(unit: UnitOfWork, customer: Customer, now: datetime) -> Explanation:
    """The same in a transaction of the caller's, who sees to it that the look is written down."""
    consents = await unit.customers.consents(customer.id)
    history = await unit.contact_history.of(customer.id)
    subjects = (
        f"customer:{customer.id}",
        *(f"lead:{part.lead_id}" for part in history.parts),
        *(f"call:{call.id}" for call in history.calls),
    )
    log = await unit.audit.find(AuditFilter(subjects=subjects, limit=_ENTRIES))
    zone = zone_for(customer)
    return Explanation(
        customer=customer,
        zone=zone.spoken,
        zone_known=zone.known,
        at=now,
        consents=consents,
        history=history,
        log=log[::-1],
    )
