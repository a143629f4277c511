"""The lines of a simulated year: they claim with the real use case and record with the real one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.application.claim_lead import Assignment, Line, claim_leads
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.lead import LeadErrand
from voicebot.rehearsal.year.people import SimulatedCall, draw_call, number_exists
from voicebot.rehearsal.year.timeline import Happening, Timeline

_NEXT_DUE: Final = text(
    """
    SELECT min(next_attempt_at) FROM leads JOIN campaigns ON campaigns.id = campaign_id
    WHERE state IN ('queued', 'scheduled') AND status = 'running' AND next_attempt_at > :now
    """
)
_AIR: Final = timedelta(minutes=1)
"""After a look that found leads due and none that may be called."""


@dataclass
class Lines:
    """Some lines and the timeline they live on."""

    timeline: Timeline
    engine: AsyncEngine
    open_unit: OpenUnit
    rules: OutcomeRules
    random: Random
    count: int
    """How many calls at once."""
    call_over: Callable[[Assignment, SimulatedCall], None]
    """Told of every call when it has been recorded."""
    dialled: int = 0
    busy: int = field(default=0, init=False)
    _looks_at: datetime | None = field(default=None, init=False)

    async def look(self) -> None:
        """Take whatever may be called now; then come back when something else falls due."""
        self._looks_at = None
        free = [
            Line(owner=f"line-{self.dialled + number}", policy=self.rules.policy, lease=timedelta(hours=1))
            for number in range(self.count - self.busy)
        ]
        claimed = await claim_leads(self.open_unit, free, self.timeline.now())
        for assignment in claimed:
            self._dial(assignment)
        if len(claimed) < len(free):
            await self._come_back()

    def look_soon(self) -> None:
        """Something may have fallen due."""
        self._look_at(self.timeline.now())

    def _dial(self, assignment: Assignment) -> None:
        self.busy += 1
        self.dialled += 1
        reminder = assignment.lead.errand is LeadErrand.REMINDER
        exists = number_exists(assignment.phone)
        call = draw_call(self.random, self.timeline.now(), reminder=reminder, exists=exists)

        async def over() -> None:
            await record_outcome(self.open_unit, assignment.call.id, call.report, call.outcome, self.rules)
            self.busy -= 1
            self.call_over(assignment, call)
            self.look_soon()

        self.timeline.at(call.ends_at, over)

    async def _come_back(self) -> None:
        async with self.engine.connect() as connection:
            due = await connection.scalar(_NEXT_DUE, {"now": self.timeline.now()})
        if due is not None:
            self._look_at(max(due, self.timeline.now() + _AIR))
        await asyncio.sleep(0)  # a year has no other pause in which Ctrl-C could be heard

    def _look_at(self, moment: datetime) -> None:
        """One look ahead is enough: the earliest."""
        if self._looks_at is None or moment < self._looks_at:
            self._looks_at = moment
            self.timeline.at(moment, self._if_awaited(moment))

    def _if_awaited(self, moment: datetime) -> Happening:
        async def look() -> None:
            if self._looks_at == moment:
                await self.look()

        return look

    async def finish(self) -> None:
        """Let the calls under way end; nobody new is called."""
        self.count = 0
        await self.timeline.run(self.timeline.now() + timedelta(hours=1))
