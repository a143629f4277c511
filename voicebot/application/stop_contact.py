"""A person who must not be contacted any more, whoever says so."""

from dataclasses import dataclass
from datetime import datetime

from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.application.update_crm import tell_crm, tell_of_closed_leads
from voicebot.domain.attempt import Attempt
from voicebot.domain.contact_rules import Refusal, Verdict
from voicebot.domain.crm_news import stop_news
from voicebot.domain.customer import Customer
from voicebot.domain.time_zones import zone_for


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """Who is to be left alone, and on whose word."""

    customer: Customer
    at: datetime
    source: str
    """As the stop-list keeps it."""
    reason: str = ""
    call: Attempt | None = None
    """In which it was said: then its number is stopped, too, and its lead goes the way of its outcome."""
    refusal: Refusal = Refusal.STOP_LIST
    """What the leads of the person are blocked by."""
    calls_only: bool = False
    """Messages may go on."""


async def stop_contact(unit: UnitOfWork, stop: Stop) -> int:
    """Nobody calls the person in any campaign, and the CRM is told; returns how many leads that has closed."""
    customer, call, at = stop.customer, stop.call, stop.at
    await unit.stop_list.add(customer.id, at=at, reason=stop.reason, source=stop.source)
    if call is not None:
        await unit.stop_list.add_phone(call.phone, at=at, reason=stop.reason, source=stop.source)
    if not stop.calls_only:
        await unit.seasonal_list.remove(customer.id)
    # Of a call there is one stop; somebody at the desk may enter and lift one again and again.
    told_as = stop.source if call is not None else f"{stop.source}:{at:%Y%m%d%H%M%S}"
    news = stop_news(
        customer,
        at=at,
        source=told_as,
        reason=stop.reason,
        call_id=call.id if call is not None else None,
        calls_only=stop.calls_only,
    )
    await tell_crm(unit, news)
    verdict = Verdict(refusals=(stop.refusal,), checked_at=at.astimezone(zone_for(customer).spoken))
    lead_id = call.lead_id if call is not None else 0
    blocked = await unit.leads.block_others(customer.id, but=lead_id, verdict=verdict, at=at)
    await tell_of_closed_leads(unit, blocked, at)
    return len(blocked)
