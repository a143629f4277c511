"""An event of the CRM puts its customer in front of the campaigns that wait for such events."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from voicebot.application.import_cells import read_moment, read_text
from voicebot.application.json_input import Fields, problem, storable, unknown_fields
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.campaign import OPEN, Campaign, CampaignStatus
from voicebot.domain.crm_event import AcceptedEvent, CrmEvent, EventLead
from voicebot.domain.errors import BadInput, NotFound, Problem
from voicebot.domain.lead import WAITING, Lead, LeadErrand, LeadState
from voicebot.domain.segment import in_control_group

_STALE: Final = timedelta(days=1)
"""Older events are written down and call nobody: whoever left a cart last week is not waiting at it."""
_CLOCKS_DIFFER: Final = timedelta(days=1)
_KIND: Final = re.compile(r"[\w.:\-]{1,100}")
_DUE: Final = (EventLead.QUEUED, EventLead.MOVED)


async def accept_event(open_unit: OpenUnit, event: CrmEvent, now: datetime) -> AcceptedEvent:
    """Write the event down and bring its customer forward in every campaign that names its kind.

    Campaigns that await their release count: one of events alone has nobody on its list before the first. Told again,
    it does nothing. Raises BadInput when there is no such customer.
    """
    async with open_unit() as unit:
        try:
            customer = await unit.customers.named(event.customer)
        except NotFound as error:
            raise BadInput([problem("customer", "no such customer", "import customers first")]) from error
        if not await unit.crm_events.add(event, customer_id=customer.id, received_at=now):
            return AcceptedEvent(known=True)
        leads = {}
        if now - event.at <= _STALE:
            for campaign in await unit.campaigns.standing(OPEN):
                if event.kind in campaign.triggers and not campaign.window.has_ended(now):
                    leads[campaign.name] = await _bring_forward(unit, campaign, customer.id, event, now)
        if any(one in _DUE for one in leads.values()):
            await unit.wake.lines()
        await unit.commit()
    return AcceptedEvent(known=False, leads=leads)


async def _bring_forward(
    unit: UnitOfWork, campaign: Campaign, customer_id: int, event: CrmEvent, now: datetime
) -> EventLead:
    if in_control_group(customer_id, campaign.control_share):
        await unit.campaigns.add_controls(campaign.id, (customer_id,), at=now)
        return EventLead.CONTROL
    added = await unit.leads.add(campaign.id, (customer_id,), at=now)
    lead = await unit.leads.lock(await unit.leads.named(campaign.id, customer_id))
    result = _result(campaign, lead, new=bool(added))
    if result in (*_DUE, EventLead.AWAITS_RELEASE):
        await unit.leads.save(replace(lead, front=True, next_attempt_at=now), at=now)
        await unit.audit.record(
            at=now,
            actor="crm",
            action="lead.brought_forward",
            subject=f"lead:{lead.id}",
            details={"campaign": campaign.id, "event": event.kind, "result": result.value},
        )
    return result


def _result(campaign: Campaign, lead: Lead, *, new: bool) -> EventLead:
    if lead.state not in (LeadState.UNRELEASED, *WAITING):
        return EventLead.OVER
    if lead.callback or lead.errand is not LeadErrand.OFFER:
        return EventLead.KEPT
    if lead.state is LeadState.UNRELEASED or campaign.status is not CampaignStatus.RUNNING:
        return EventLead.AWAITS_RELEASE
    return EventLead.QUEUED if new else EventLead.MOVED


def read_event(document: object, now: datetime) -> CrmEvent:
    """The event a JSON document describes; raises BadInput with every problem and the path of its field."""
    if not isinstance(document, dict):
        raise BadInput([problem("", "an event is an object")])
    problems = unknown_fields(document, (*_READERS, "details"), "")
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        try:
            values[name] = read(_text(document, name))
        except ValueError as error:
            problems.append(problem(name, str(error)))
    if "at" in values and values["at"] > now + _CLOCKS_DIFFER:
        problems.append(problem("at", "lies in the future"))
    values["details"] = _details(document, problems)
    if problems:
        raise BadInput(problems)
    return CrmEvent(**values)


def _text(document: Fields, name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise ValueError("is missing" if value is None else "must be text")
    if not value.strip():
        raise ValueError("empty")
    return value.strip()


def _details(document: Fields, problems: list[Problem]) -> Fields:
    details = document.get("details", {})
    if not isinstance(details, dict) or not storable(details):
        problems.append(problem("details", "must be an object whose texts hold no zero characters"))
        return {}
    return details


def _kind(written: str) -> str:
    if not _KIND.fullmatch(written):
        raise ValueError("must be one word of up to 100 letters, such as abandoned_cart")
    return written


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "key": read_text,
    "customer": read_text,
    "kind": _kind,
    "at": read_moment,
}
"""Field -> how its text is read; all are needed."""
