"""Managers at work on their queue: take, note, call back, resolve."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.ports.escalation_queue import EscalationNote, QueuedEscalation
from voicebot.application.update_crm import tell_crm
from voicebot.domain.click_call import PATIENCE, NewClickCall
from voicebot.domain.crm_news import escalation_resolved_news
from voicebot.domain.escalation_work import HOLD, Resolution, Resolved, WorkFigures, work_figures
from voicebot.domain.user import User

_WEEK: Final = timedelta(days=7)
LONGEST_TEXT: Final = 4000
"""Characters of a note or a result."""


class Answer(StrEnum):
    """What came of something a manager wanted."""

    DONE = "done"
    HELD = "held"  # somebody else holds it
    RESOLVED = "resolved"  # it is resolved already
    NOT_HELD = "not_held"  # take it first
    EMPTY = "empty"  # nothing was written, or nothing chosen
    NO_OWN_PHONE = "no_own_phone"  # the manager has no phone to ring
    NO_PHONE = "no_phone"  # no number of the customer is right
    STOPPED = "stopped"  # the customer is on the stop-list
    UNDER_WAY = "under_way"  # a call-back of the manager or of the customer is under way


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How fast and how well the queue is worked."""

    today: WorkFigures
    week: WorkFigures
    """The last seven days, today included."""


async def figures(unit: DeskUnit, midnight: datetime) -> Figures:
    """The figures of today and of the last seven days; `midnight`: when today began."""
    since = midnight - _WEEK + timedelta(days=1)
    reactions, closed = await unit.escalation_queue.reactions(since), await unit.escalation_queue.closed(since)
    return Figures(
        today=work_figures(reactions, closed, since=midnight), week=work_figures(reactions, closed, since=since)
    )


async def take(
    open_unit: OpenDeskUnit, escalation_id: int, *, by: User, now: datetime, relieve: bool = False
) -> Answer:
    """Hold it; `relieve`: also when its holder has let it lie. Raises NotFound."""
    async with open_unit() as unit:
        idle_since = now - HOLD if relieve else None
        before = await unit.escalation_queue.take(escalation_id, login=by.login, at=now, idle_since=idle_since)
        if before is None:
            held = holds(await unit.escalation_queue.get(escalation_id), by)
            return Answer.DONE if held else await _why_not(unit, escalation_id, by)
        await unit.click_calls.withdraw(escalation_id, at=now)
        details: dict[str, object] | None = {"from": before.taken_by} if before.taken_by else None
        await _record(unit, escalation_id, "taken", by, now, details)
        await unit.commit()
    return Answer.DONE


async def give_back(open_unit: OpenDeskUnit, escalation_id: int, *, by: User, now: datetime) -> Answer:
    """Let others have it."""
    async with open_unit() as unit:
        if not await unit.escalation_queue.give_back(escalation_id, login=by.login):
            return await _why_not(unit, escalation_id, by)
        await unit.click_calls.withdraw(escalation_id, at=now)
        await _record(unit, escalation_id, "given_back", by, now)
        await unit.commit()
    return Answer.DONE


async def add_note(open_unit: OpenDeskUnit, escalation_id: int, text: str, *, by: User, now: datetime) -> Answer:
    """Write something down beside it, whoever holds it and also once it is resolved. Raises NotFound."""
    text = text.strip()[:LONGEST_TEXT]
    if not text:
        return Answer.EMPTY
    async with open_unit() as unit:
        await unit.escalation_queue.get(escalation_id)
        await unit.escalation_queue.add_note(escalation_id, EscalationNote(author=by.name, text=text, at=now))
        await unit.escalation_queue.touch(escalation_id, login=by.login, at=now)
        await _record(unit, escalation_id, "noted", by, now)  # its words may be personal: they are not in the log
        await unit.commit()
    return Answer.DONE


async def call_back(open_unit: OpenDeskUnit, escalation_id: int, *, by: User, now: datetime) -> Answer:
    """Ask the lines to ring the manager and then the customer; an idle one is woken. Raises NotFound."""
    if not by.phone:
        return Answer.NO_OWN_PHONE
    async with open_unit() as unit:
        entry = await unit.escalation_queue.get(escalation_id)
        if not await unit.escalation_queue.touch(escalation_id, login=by.login, at=now):
            return await _why_not(unit, escalation_id, by)
        customer = await unit.customers.get(entry.customer_id)
        if customer.dialable is None:
            return Answer.NO_PHONE
        if await unit.stop_list.since(customer.id) is not None:
            return Answer.STOPPED
        await unit.click_calls.close_lost(now, asked_before=now - PATIENCE)
        wanted = NewClickCall(
            escalation_id=escalation_id,
            customer_id=customer.id,
            requested_by=by.login,
            manager_address=by.phone,
            requested_at=now,
        )
        click_id = await unit.click_calls.request(wanted)
        if click_id is None:
            return Answer.UNDER_WAY
        await unit.wake.lines()
        await _record(unit, escalation_id, "called", by, now, {"click_call": click_id})
        await unit.commit()
    return Answer.DONE


async def resolve(
    open_unit: OpenDeskUnit,
    escalation_id: int,
    resolution: Resolution | None,
    result: str,
    *,
    by: User,
    now: datetime,
) -> Answer:
    """Close it with what came of it, and tell the CRM. Raises NotFound."""
    if resolution is None:
        return Answer.EMPTY
    async with open_unit() as unit:
        text = result.strip()[:LONGEST_TEXT]
        resolved = Resolved(resolution=resolution, result=text, by=by.name, at=now)
        if not await unit.escalation_queue.resolve(escalation_id, resolved, login=by.login):
            return await _why_not(unit, escalation_id, by)
        await unit.click_calls.withdraw(escalation_id, at=now)
        entry = await unit.escalation_queue.get(escalation_id)
        customer = await unit.customers.get(entry.customer_id)
        news = escalation_resolved_news(
            entry.call_id, entry.kind, customer=customer, campaign=entry.campaign, resolved=resolved
        )
        await tell_crm(unit, news)
        await _record(unit, escalation_id, "resolved", by, now, {"resolution": resolution.value})
        await unit.commit()
    return Answer.DONE


def holds(entry: QueuedEscalation, user: User) -> bool:
    """Whether the user may work on it now."""
    return entry.resolved_at is None and entry.taken_by == user.login


async def _why_not(unit: DeskUnit, escalation_id: int, by: User) -> Answer:
    entry = await unit.escalation_queue.get(escalation_id)
    if entry.resolved_at is not None:
        return Answer.RESOLVED
    return Answer.HELD if entry.taken_by not in ("", by.login) else Answer.NOT_HELD


async def _record(
    unit: DeskUnit, escalation_id: int, what: str, by: User, now: datetime, details: dict[str, object] | None = None
) -> None:
    await unit.audit.record(
        at=now, actor=by.name, action=f"escalation.{what}", subject=f"escalation:{escalation_id}", details=details
    )
