"""What follows for a lead after a call: another attempt, a reminder, the end of the series, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voicebot.application.follow_up import Aftermath, promise_by_a_person
from voicebot.application.ports.contact_facts import Asked
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.call import CallReport
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.contact_calendar import ContactCalendar
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.contact_rules import Refusal, Verdict
from voicebot.domain.lead import Lead, LeadEnd, LeadErrand, LeadEvent, LeadState, move_lead
from voicebot.domain.outcome import ActionKind, Disposition, Outcome
from voicebot.domain.past_calls import PastCall, budget_used, callbacks_in_a_row
from voicebot.domain.redial import Ending, NextAttempt, count_alike, next_attempt, redial_cause, reminder_at
from voicebot.domain.series import LossReason, fresh_start, loss_by_history, loss_by_words
from voicebot.domain.time_zones import zone_for

_BLOCKING: Final = frozenset({Disposition.STOP, Disposition.REFUSED})
_TELLING: Final = frozenset(
    {Disposition.DECLINED, Disposition.COMPLAINT, Disposition.WRONG_PERSON, Disposition.WANTS_HUMAN, *_BLOCKING}
)
"""What a reminder call may add to «accepted»; all else leaves the acceptance standing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Course:
    """What is to become of the lead."""

    follows: NextAttempt | None = None
    errand: LeadErrand = LeadErrand.OFFER
    ended_by: LeadEnd | None = None


async def set_course(aftermath: Aftermath, report: CallReport, outcome: Outcome, policy: ContactPolicy) -> None:
    """Move the lead, whose call has been written down, and leave the person alone where the rules say so."""
    unit, lead = aftermath.unit, aftermath.lead
    asked = Asked(customer_id=aftermath.customer.id, campaign_id=lead.campaign_id, phone=None)
    (record,) = await unit.contact_facts.of((asked,))
    calendar = policy.calendar(zone_for(aftermath.customer), aftermath.campaign.window)
    follows = next_attempt(_ending(aftermath, outcome, record.calls), policy.redial, calendar)
    if follows is None and outcome.disposition is Disposition.CALLBACK:
        await promise_by_a_person(aftermath, _callback_at(outcome))
    course = _Course(follows=follows, errand=lead.errand)
    loss = _loss(aftermath, report, outcome, record.calls, record.last_order_at, over=follows is None)
    if loss is not None:
        course = _Course(errand=lead.errand, ended_by=LeadEnd.SERIES if follows else None)
        await _leave_alone(aftermath, loss)
    elif outcome.disposition is Disposition.ACCEPTED:
        await unit.seasonal_list.remove(aftermath.customer.id)
        if budget_used(record.calls, lead.id) < policy.redial.max_attempts:
            course = await _reminder(aftermath, calendar)
    await unit.leads.save(_moved(lead, outcome, course), at=aftermath.at)


def _callback_at(outcome: Outcome) -> datetime | None:
    return next((one.at for one in outcome.actions if one.kind is ActionKind.CALLBACK and one.at), None)


def _ending(aftermath: Aftermath, outcome: Outcome, calls: Sequence[PastCall]) -> Ending:
    lead, call = aftermath.lead, aftermath.call
    cause = redial_cause(outcome.disposition, offer_heard=outcome.offer_heard)
    return Ending(
        cause=cause,
        dialled_at=call.dialled_at,
        at=aftermath.at,
        used=budget_used(calls, lead.id),
        alike=count_alike(calls, lead.id, cause),
        wanted=call.wanted,
        callbacks=callbacks_in_a_row(calls, lead.id),
        callback_at=_callback_at(outcome),
        lead_id=lead.id,
    )


def _loss(
    aftermath: Aftermath,
    report: CallReport,
    outcome: Outcome,
    calls: Sequence[PastCall],
    last_order_at: datetime | None,
    *,
    over: bool,
) -> LossReason | None:
    """Whether the person is lost for now; a service call loses nobody."""
    if aftermath.campaign.kind is not CampaignKind.ADVERTISING or outcome.disposition in _BLOCKING:
        return None
    by_words = loss_by_words(outcome.disposition, [turn.intent for turn in report.turns])
    if by_words is not None:
        return by_words
    lead = aftermath.lead
    known = [replace(call, lead_over=over) if call.lead_id == lead.id else call for call in calls]
    ours = [call for call in known if call.lead_id == lead.id]
    if not ours:
        return None
    last = max(ours, key=lambda call: call.dialled_at)
    return loss_by_history(known, last, since=fresh_start(known, last_order_at))


async def _leave_alone(aftermath: Aftermath, loss: LossReason) -> None:
    unit, customer_id, at = aftermath.unit, aftermath.customer.id, aftermath.at
    await unit.seasonal_list.add(customer_id, at=at, reason=loss, call_id=aftermath.call.id)
    verdict = Verdict(refusals=(Refusal.SERIES_OVER,), checked_at=at.astimezone(aftermath.zone))
    closed = await unit.seasonal_list.close_leads(customer_id, but=aftermath.lead.id, verdict=verdict, at=at)
    await tell_of_closed_leads(unit, closed, at)
    await unit.audit.record(
        at=at,
        actor="gate",
        action="customer.left_alone",
        subject=f"customer:{customer_id}",
        details={"reason": loss.value, "call": aftermath.call.id, "leads_closed": len(closed)},
    )


async def _reminder(aftermath: Aftermath, calendar: ContactCalendar) -> _Course:
    """The call to those whose code will still be unused; none where the campaign has none, or none fits in."""
    lead, reminder = aftermath.lead, aftermath.campaign.reminder
    if reminder is None or lead.errand is LeadErrand.REMINDER:
        return _Course(errand=lead.errand)
    promo = await aftermath.unit.promo_codes.of(aftermath.customer.id, lead.campaign_id)
    if promo is None:
        return _Course(errand=lead.errand)
    at = reminder_at(promo.issued_at, promo.valid_until, days=reminder.days, calendar=calendar)
    if at is None or at <= aftermath.at:
        return _Course(errand=lead.errand)
    return _Course(follows=NextAttempt(at=at), errand=LeadErrand.REMINDER)


def _moved(lead: Lead, outcome: Outcome, course: _Course) -> Lead:
    event = LeadEvent.CLOSE
    if outcome.disposition in _BLOCKING and lead.state is not LeadState.DONE:
        event = LeadEvent.BLOCK
    elif course.follows is not None and lead.state is not LeadState.DONE:
        event = LeadEvent.SCHEDULE
    follows = course.follows if event is LeadEvent.SCHEDULE else None
    stands = lead.errand is LeadErrand.REMINDER and outcome.disposition not in _TELLING
    return replace(
        lead,
        state=move_lead(lead.state, event),
        next_attempt_at=follows.at if follows else None,
        callback=follows.wanted if follows else False,
        front=False,  # the event has had its call
        lease_owner="",
        lease_until=None,
        disposition=lead.disposition if stands else outcome.disposition,
        group=lead.group if stands else outcome.group,
        errand=course.errand if follows else lead.errand,
        ended_by=course.ended_by if event is LeadEvent.CLOSE else None,
    )
