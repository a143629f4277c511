"""What came of a call, written down in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voicebot.application.follow_up import Aftermath, follow_up, heed_cause
from voicebot.application.lead_course import set_course
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.update_crm import tell_of_call
from voicebot.domain.attempt import Attempt, AttemptEnding
from voicebot.domain.call import CallReport, Cause, Direction, HungUpBy, Speaker
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.inbound import lead_after_inbound
from voicebot.domain.lead import LeadState
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, Outcome, unanswered
from voicebot.domain.time_zones import zone_for

_UNSETTLED: Final = frozenset({Disposition.UNCLEAR, Disposition.SILENT, Disposition.HUNG_UP})
"""Endings that say no more than that the talk was over."""
_CUT_SHORT: Final = "Разговор оборвался из-за сбоя у нас: проверьте, что успели обещать"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeRules:
    """What recording needs beside the call itself."""

    policy: ContactPolicy
    templates: Mapping[str, MessageTemplate]
    """By name, as the scripts name them."""
    sender: Sender
    draw: Callable[[int], int]
    """A number from 0 up to, not including, its argument; not to be guessed (`secrets.randbelow`)."""

    def under(self, dialplan: Dialplan) -> "OutcomeRules":
        """The same by the hours, caps and redial rules of this dialplan."""
        return replace(self, policy=replace(dialplan.contact, sms_price=self.policy.sms_price))


async def record_outcome(
    open_unit: OpenUnit,
    call_id: int,
    report: CallReport,
    outcome: Outcome,
    rules: OutcomeRules,
    *,
    told_at: datetime | None = None,
) -> bool:
    """Write everything down; False when the call's outcome stands already and nothing was changed.

    A line that was given up for dead (its lease ran out) may still tell: the truth then takes the place of
    `interrupted`, unless the lead is in a newer attempt, which is left alone; a message that went out with that one is
    not sent again. `told_at`: when it tells; None for the end of the call.
    """
    async with open_unit() as unit:
        call = await unit.calls.lock(call_id)
        if call.settled or (call.cause is Cause.INTERRUPTED and report.cause is Cause.INTERRUPTED):
            return False
        await _settle(unit, call, report, outcome, rules, told_at=told_at or report.ended_at)
        await unit.commit()
    return True


async def close_interrupted(open_unit: OpenUnit, call_id: int, rules: OutcomeRules, now: datetime) -> bool:
    """Close an attempt whose line died or was stopped: it counts, and the redial rules decide what follows."""
    async with open_unit() as unit:
        call = await unit.calls.lock(call_id)
        if call.cause is not None:
            return False
        await _close(unit, call, rules, now)
        await unit.commit()
    return True


def cut_short(report: CallReport, outcome: Outcome) -> tuple[CallReport, Outcome]:
    """The same call, told as one we had to end ourselves: what was settled stands, the rest is an interruption."""
    if report.cause is Cause.ANSWERED and outcome.disposition not in _UNSETTLED:
        return report, outcome
    hung_up_by = None if report.answered_at is None else HungUpBy.NETWORK
    spoke = any(turn.speaker is Speaker.CUSTOMER for turn in report.turns)
    return replace(report, cause=Cause.INTERRUPTED, sip_code=0, hung_up_by=hung_up_by), _interrupted(spoke=spoke)


async def reap_expired_leases(open_unit: OpenUnit, rules: OutcomeRules, now: datetime) -> int:
    """Close the attempts of lines that have stopped their heartbeat; returns how many."""
    async with open_unit() as unit:
        expired = await unit.leads.expired(now)
    reaped = 0
    for lead_id in expired:
        async with open_unit() as unit:
            call = await unit.calls.lock_last(lead_id)  # the call before its lead, as everywhere: no deadlock
            lead = await unit.leads.lock(lead_id)
            lost = lead.state is LeadState.CLAIMED and lead.lease_until is not None and lead.lease_until < now
            if call is None or call.cause is not None or not lost:
                continue
            await _close(unit, call, rules, now)
            await unit.commit()
        reaped += 1
    return reaped


async def _close(unit: UnitOfWork, call: Attempt, rules: OutcomeRules, now: datetime) -> None:
    report = CallReport(
        cause=Cause.INTERRUPTED,
        sip_code=0,
        dialled_at=call.dialled_at,
        answered_at=call.answered_at,
        ended_at=now,
        hung_up_by=None if call.answered_at is None else HungUpBy.NETWORK,
    )
    outcome = _interrupted(spoke=await unit.calls.customer_spoke(call.id))
    await _settle(unit, call, report, outcome, rules, told_at=now)


def _interrupted(*, spoke: bool) -> Outcome:
    """Nothing that was promised is issued: the person is called again if the rules allow it.

    What the customer has said already is worth a manager's look, whether or not that call comes about.
    """
    outcome = unanswered(Cause.INTERRUPTED)
    return replace(outcome, actions=(FollowUp(kind=ActionKind.REVIEW, reason=_CUT_SHORT),)) if spoke else outcome


async def _settle(
    unit: UnitOfWork, call: Attempt, report: CallReport, outcome: Outcome, rules: OutcomeRules, *, told_at: datetime
) -> None:
    lead = await unit.leads.lock(call.lead_id)
    customer = await unit.customers.get(call.customer_id)
    outcome = await _with_history(unit, call, outcome)
    await unit.calls.end(call.id, AttemptEnding(report=report, outcome=outcome))
    aftermath = Aftermath(
        unit=unit,
        call=call,
        lead=lead,
        campaign=await unit.campaigns.get(lead.campaign_id),
        customer=customer,
        zone=zone_for(customer).spoken,
        at=report.ended_at,
        told_at=told_at,
        templates=rules.templates,
        sender=rules.sender,
        draw=rules.draw,
    )
    await heed_cause(aftermath, outcome.disposition)
    await follow_up(aftermath, outcome.actions)
    if lead.attempts == call.attempt and lead.state is not LeadState.BLOCKED:
        kept = lead_after_inbound(lead, outcome, report.ended_at) if call.direction is Direction.IN else None
        if kept is not None:
            await unit.leads.save(kept, at=report.ended_at)
        else:
            await set_course(aftermath, report, outcome, rules.policy)
    await tell_of_call(unit, call)
    await unit.audit.record(
        at=report.ended_at,
        actor="line",
        action="call.recorded",
        subject=f"call:{call.id}",
        details={"lead": lead.id, "disposition": outcome.disposition.value, "group": outcome.group.value},
    )


async def _with_history(unit: UnitOfWork, call: Attempt, outcome: Outcome) -> Outcome:
    """The outcome with what only the customer's earlier calls can tell: a repeated hang-up is negative."""
    if outcome.disposition is not Disposition.HUNG_UP:
        return outcome
    repeated = await unit.calls.has_hung_up(call.customer_id, before=call.id)
    return replace(outcome, group=Group.NEGATIVE if repeated else outcome.group)
