"""One call now to one customer, approved by a named person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from voicebot.application.check_contact import Contact, ask_gate
from voicebot.application.claim_lead import Assignment, Line, claim_within
from voicebot.application.make_call import make_call
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.station import Station
from voicebot.domain.campaign import (
    Campaign,
    CampaignEvent,
    CampaignKind,
    CampaignStatus,
    NewCampaign,
    move_campaign,
)
from voicebot.domain.contact_rules import Refusal, Verdict
from voicebot.domain.customer import Customer
from voicebot.domain.dialplan import Dialplan, NoRoute, route_call
from voicebot.domain.errors import BadInput, NotFound, Problem
from voicebot.domain.lead import Lead, LeadEvent, LeadState, move_lead
from voicebot.domain.past_calls import UNCAPPED

STANDING: Final = "Звонки по одному"
"""What the standing campaigns of single calls are called; script and dialplan follow."""

DEFAULT_SCRIPT: Final = "winback"

REASONS: Final[Mapping[Refusal, tuple[str, str]]] = MappingProxyType(
    {
        Refusal.NOT_RELEASED: ("nobody has released the campaign", "voicebot campaign release NAME --by ..."),
        Refusal.NOT_RUNNING: ("the campaign is not running", "voicebot campaign list shows where it stands"),
        Refusal.NO_PHONE: ("no telephone number is known", "import one"),
        Refusal.NO_CALL_CONSENT: ("no provable consent to calls holds now", "import the consent and its proof"),
        Refusal.NO_ADVERTISING_CONSENT: ("consents to service calls only, and this is advertising", ""),
        Refusal.STOP_LIST: ("is on the stop-list: asked never to be called", ""),
        Refusal.OPERATOR_REFUSAL: ("their operator refuses mass calls for them, 126-FZ art. 44.1", ""),
        Refusal.WRONG_NUMBER: ("every number is somebody else's or does not exist", "import the right one"),
        Refusal.ALREADY_ACCEPTED: ("has taken this campaign's offer already", ""),
        Refusal.NOTHING_TO_REMIND: ("the promo code is used or over, or an order has come", ""),
        Refusal.CONTROL_GROUP: ("belongs to the control group of the campaign, which is left alone", ""),
        Refusal.SERIES_OVER: ("is on the seasonal list: lost for now", "voicebot season start NAME calls them"),
        Refusal.NO_CALL_LABEL: (
            "advertising over a trunk without the contract and label of mass calls, 126-FZ art. 44.1",
            "`label:` of the trunk in the dialplan",
        ),
        Refusal.OUT_OF_HOURS: ("outside the hours in which this customer may be called", "`hours:` of the dialplan"),
        Refusal.IN_A_CALL: ("is in another call just now", "try again when it is over"),
        Refusal.OUT_OF_WINDOW: ("outside the days and hours of the campaign", "voicebot campaign list shows them"),
        Refusal.DAY_CAP: ("was rung as often as one day allows, all campaigns together", "`caps: day:`"),
        Refusal.WEEK_CAP: ("was talked to as often as 7 days allow, all campaigns together", "`caps: week:`"),
        Refusal.MONTH_CAP: ("was talked to as often as 30 days allow, all campaigns together", "`caps: month:`"),
        Refusal.TOO_SOON: ("was talked to in another campaign a short while ago", "quiet days of the campaign"),
        Refusal.CAMPAIGN_BUDGET: ("the campaign has used up its calls, money or codes", "raise its budget"),
        Refusal.BUDGET_USED: ("no attempt is left in this campaign", "`redial: attempts:` of the dialplan"),
    }
)
"""Every refusal of the gate as a person at a terminal is told it, with the repair."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SingleCall:
    """What somebody asked for."""

    customer: str
    """External id."""
    by: str
    """Name of the person who answers for this call (38-FZ art. 18 p. 2: a release per call)."""
    script: str = ""
    """Conversation script; empty for the campaign's own."""
    campaign: str = ""
    """A running campaign; empty for the standing one, where every approval begins a new situation."""
    address: str = ""
    """SIP URI to dial instead of the customer's number; empty for the number."""


async def call_customer(
    station: Station, line: Line, wanted: SingleCall, *, dialling: Callable[[Assignment], None]
) -> int:
    """Claim, call and write down; returns the call's number. `dialling` is told right before the INVITE.

    Raises BadInput with every reason why the call may not be made; then nothing is dialled and no lead is changed.
    """
    _check(station, wanted)
    try:
        assignment = await _claim(station, line, wanted)
    except _Refused as refused:
        await _record_refusal(station.open_unit, wanted, refused, station.clock.now())
        raise BadInput(refused.problems) from None
    dialling(assignment)
    try:
        await make_call(station, line, assignment, address=wanted.address)
    finally:
        if not wanted.campaign:
            await _end_approval(
                station.open_unit, assignment.lead.id, test=bool(wanted.address), now=station.clock.now()
            )
    return assignment.call.id


class _Refused(Exception):
    """The call may not be made."""

    def __init__(self, customer: Customer, verdict: Verdict, reasons: list[str]) -> None:
        super().__init__()
        self.subject = f"customer:{customer.id}"
        self.refusals = [refusal.value for refusal in verdict.refusals]
        told = [REASONS[refusal] for refusal in verdict.refusals] + [(reason, "") for reason in reasons]
        self.problems = [
            Problem(source=f"customer '{customer.external_id}'", where="", message=message, repair=repair)
            for message, repair in told
        ]


def _check(station: Station, wanted: SingleCall) -> None:
    problems = []
    if not wanted.by.strip():
        problems.append(Problem(source="--by", where="", message="nobody is named", repair="give your name"))
    script = wanted.script or ("" if wanted.campaign else DEFAULT_SCRIPT)
    if script and script not in station.scripts:
        known = ", ".join(sorted(station.scripts))
        message = f"there is no script '{script}'"
        problems.append(Problem(source="--script", where="", message=message, repair=f"use one of {known}"))
    if wanted.address and wanted.campaign:
        message = "a test call would use up the customer's place in the campaign"
        problems.append(Problem(source="--to", where="", message=message, repair="leave out --campaign"))
    if wanted.address and not wanted.address.startswith(("sip:", "sips:")):
        message = f"'{wanted.address}' is no SIP address"
        problems.append(Problem(source="--to", where="", message=message, repair="write sip:user@host:port"))
    if problems:
        raise BadInput(problems)


async def _claim(station: Station, line: Line, wanted: SingleCall) -> Assignment:
    """One unit from the approval to the claim: no free line can take the lead in between."""
    now = station.clock.now()
    async with station.open_unit() as unit:
        customer = await unit.customers.named(wanted.customer)
        campaign = await _campaign(unit, wanted, station, now)
        await unit.leads.add(campaign.id, (customer.id,), at=now)
        lead = await unit.leads.lock(await unit.leads.named(campaign.id, customer.id))
        if lead.state is LeadState.CLAIMED:
            raise NotFound(f"customer '{wanted.customer}' is in another call just now: try again when it is over")
        release = await unit.releases.sign(campaign.id, [(lead.id, customer.external_id)], by=wanted.by.strip(), at=now)
        approved = replace(_approved(lead, standing=not wanted.campaign), release_id=release.id)
        line = _for_this_call(line, approved, wanted)
        contact = Contact(lead=approved, campaign=campaign, customer=customer)
        verdict = await ask_gate(unit, contact, line.policy, now)
        unreachable = _no_route(station.dialplan, customer)
        if not verdict.allowed or unreachable:
            raise _Refused(customer, verdict, unreachable)
        await unit.leads.save(approved, at=now)
        claimed = await _claim_locked(unit, line, lead.id, now)
        if claimed is None:
            raise NotFound(f"the number of customer '{wanted.customer}' is in another call: try again when it is over")
        await unit.audit.record(
            at=now,
            actor=wanted.by,
            action="campaign.call_approved",
            subject=f"campaign:{campaign.id}",
            details={
                "lead": lead.id,
                "call": claimed.call.id,
                "test": bool(wanted.address),
                "release": release.id,
                "hash": release.hash,
            },
        )
        await unit.commit()
    return claimed


async def _claim_locked(unit: UnitOfWork, line: Line, lead_id: int, now: datetime) -> Assignment | None:
    """None when the person, or somebody with the same number, is in a call."""
    try:
        claimed = await claim_within(unit, line, lead_id, now)
    except NotFound:  # the lead waits for a call, as we saved it: its customer is in one
        return None
    return claimed if isinstance(claimed, Assignment) else None


async def _campaign(unit: UnitOfWork, wanted: SingleCall, station: Station, now: datetime) -> Campaign:
    dialplan = station.dialplan
    if not wanted.campaign:
        return await _standing_campaign(unit, wanted, dialplan, now)
    campaign = await unit.campaigns.named(wanted.campaign)
    problems = []
    if wanted.script and wanted.script != campaign.script:
        message = f"campaign '{campaign.name}' speaks '{campaign.script}'"
        problems.append(Problem(source="--script", where="", message=message, repair="leave out --script"))
    if campaign.script not in station.scripts:
        message = f"campaign '{campaign.name}' speaks '{campaign.script}', and there is no such script"
        problems.append(Problem(source="--campaign", where="", message=message, repair="set VOICEBOT_SCRIPTS"))
    if campaign.dialplan != dialplan.name:
        message = f"campaign '{campaign.name}' is dialled by dialplan '{campaign.dialplan}', not '{dialplan.name}'"
        problems.append(Problem(source="--campaign", where="", message=message, repair="set VOICEBOT_DIALPLAN"))
    if problems:
        raise BadInput(problems)
    return campaign


async def _standing_campaign(unit: UnitOfWork, wanted: SingleCall, dialplan: Dialplan, now: datetime) -> Campaign:
    """The campaign of single calls with this script and dialplan; whoever calls first releases it."""
    script = wanted.script or DEFAULT_SCRIPT
    name = f"{STANDING}: {script}, {dialplan.name}"
    try:
        return await unit.campaigns.named(name)
    except NotFound:
        new = NewCampaign(
            name=name,
            kind=CampaignKind.ADVERTISING,
            script=script,
            dialplan=dialplan.name,
            # Somebody has asked for this very call: nobody is a control, and that is reason enough.
            control_share=Decimal(0),
            quiet_days=0,
            season=STANDING,
        )
    try:
        draft = await unit.campaigns.create(new, at=now)
    except BadInput:  # somebody was quicker
        return await unit.campaigns.named(name)
    status = CampaignStatus.DRAFT
    for event in (CampaignEvent.SUBMIT, CampaignEvent.RELEASE):
        status = move_campaign(status, event)
    released = replace(draft, status=status, released_by=wanted.by.strip(), released_at=now)
    await unit.campaigns.change(released)
    await unit.audit.record(
        at=now,
        actor=wanted.by,
        action="campaign.released",
        subject=f"campaign:{draft.id}",
        details={"standing": True, "leads": 0},
    )
    return released


def _approved(lead: Lead, *, standing: bool) -> Lead:
    """The lead as the approval leaves it; in the standing campaign what came of earlier calls is history."""
    approved = replace(lead, state=move_lead(lead.state, LeadEvent.APPROVE), callback=False)
    return replace(approved, disposition=None, group=None) if standing else approved


def _for_this_call(line: Line, lead: Lead, wanted: SingleCall) -> Line:
    """In the standing campaign a person answers for each call anew: the budget never ends there.

    A test call rings on one's own telephone: neither the label of mass calls nor the caps on touches are about it.
    """
    if wanted.campaign:
        return line
    redial = line.policy.redial
    enough = replace(redial, max_attempts=max(redial.max_attempts, lead.attempts + 1))
    policy = replace(line.policy, redial=enough)
    if wanted.address:
        policy = replace(policy, labelled=True, caps=UNCAPPED)
    return replace(line, policy=policy)


def _no_route(dialplan: Dialplan, customer: Customer) -> list[str]:
    if customer.dialable is None:
        return []
    route = route_call(dialplan, customer.dialable)
    if not isinstance(route, NoRoute):
        return []
    return [f"dialplan '{dialplan.name}' leads nowhere: {'; '.join(route.explanation)}"]


async def _record_refusal(open_unit: OpenUnit, wanted: SingleCall, refused: _Refused, now: datetime) -> None:
    async with open_unit() as unit:
        await unit.audit.record(
            at=now,
            actor=wanted.by,
            action="call.refused",
            subject=refused.subject,
            details={"refusals": refused.refusals},
        )
        await unit.commit()


async def _end_approval(open_unit: OpenUnit, lead_id: int, *, test: bool, now: datetime) -> None:
    """The approval was for one call: nobody redials but to keep a time the customer named."""
    async with open_unit() as unit:
        lead = await unit.leads.lock(lead_id)
        if lead.state is not LeadState.SCHEDULED or (lead.callback and not test):
            return
        closed = replace(lead, state=move_lead(lead.state, LeadEvent.CLOSE), next_attempt_at=None, callback=False)
        await unit.leads.save(closed, at=now)
        await unit.commit()
