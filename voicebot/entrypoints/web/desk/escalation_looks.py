"""Escalations as open pages are kept true: one look of a process for all that show the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.application.ports.escalation_queue import EscalationNote, QueuedEscalation
from voicebot.domain.click_call import ClickCall
from voicebot.domain.escalation import EscalationKind
from voicebot.entrypoints.web.desk.keys import Desk
from voicebot.entrypoints.web.desk.streams import SharedByKey

PAGE: Final = 30
"""Escalations of one page; one more is asked for, to know whether others follow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One escalation, whoever looks at it."""

    entry: QueuedEscalation
    notes: tuple[EscalationNote, ...]
    clicks: tuple[ClickCall, ...]
    stopped_since: datetime | None
    """On the stop-list since then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """What is shared."""

    queue: SharedByKey[EscalationKind | None, tuple[QueuedEscalation, ...]]
    """The first page, of one kind or of all."""
    state: SharedByKey[int, State]
    """By the escalation's number."""


LOOKS: web.AppKey[Looks] = web.AppKey("escalations", Looks)


def shared_looks(desk: Desk) -> Looks:
    """Those of one application."""

    async def queue(kind: EscalationKind | None) -> tuple[QueuedEscalation, ...]:
        async with desk.open_unit() as unit:
            return await unit.escalation_queue.page(behind=None, kind=kind, limit=PAGE + 1)

    async def state(escalation_id: int) -> State:
        async with desk.open_unit() as unit:
            return await look_at(unit, escalation_id)

    return Looks(queue=SharedByKey(queue, fresh_s=desk.fresh_s), state=SharedByKey(state, fresh_s=desk.fresh_s))


async def look_at(unit: DeskUnit, escalation_id: int) -> State:
    """Raises NotFound."""
    entry = await unit.escalation_queue.get(escalation_id)
    return State(
        entry=entry,
        notes=await unit.escalation_queue.notes(entry.id),
        clicks=await unit.escalation_queue.click_calls(entry.id),
        stopped_since=await unit.stop_list.since(entry.customer_id),
    )
