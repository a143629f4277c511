"""The idle lines of a process claim together."""

import asyncio

from voicebot.application.claim_lead import Assignment, Line, claim_leads, return_lead
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit

_Answer = asyncio.Future[Assignment | None]


class SharedClaims:
    """One transaction serves all lines of a process that ask while another one is under way.

    Alone, a line claims at once. Under load a process asks the database once for all its lines: a claim of four costs
    little more than a claim of one. The lines differ in nothing but their owner.
    """

    def __init__(self, open_unit: OpenUnit, clock: Clock) -> None:
        self._open_unit = open_unit
        self._clock = clock
        self._asking: list[tuple[Line, _Answer]] = []
        self._serving: asyncio.Task[None] | None = None
        self._returning = set[asyncio.Task[None]]()

    async def claim(self, line: Line) -> Assignment | None:
        """The next due lead for the line, as `claim_lead`; when the line is cancelled meanwhile the lead goes back."""
        answer: _Answer = asyncio.get_running_loop().create_future()
        self._asking.append((line, answer))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve(), name="claims")
        try:
            return await answer
        except asyncio.CancelledError:
            if answer.done() and not answer.cancelled() and answer.exception() is None:
                self._give_back(answer.result())
            raise

    async def close(self) -> None:
        """Wait for the claim under way: nothing stays claimed that no line has."""
        while under_way := self._returning | {task for task in (self._serving,) if task is not None}:
            await asyncio.wait(under_way)

    async def _serve(self) -> None:
        try:
            while self._asking:
                asking, self._asking = self._asking, []
                await self._answer([(line, answer) for line, answer in asking if not answer.done()])
        finally:
            self._serving = None

    async def _answer(self, asking: list[tuple[Line, _Answer]]) -> None:
        try:
            claimed = await claim_leads(self._open_unit, [line for line, _ in asking], self._clock.now())
        except Exception as error:
            for _, answer in asking:
                if not answer.done():
                    answer.set_exception(error)
            return
        by_owner = {one.lead.lease_owner: one for one in claimed}
        for line, answer in asking:
            if answer.done():
                self._give_back(by_owner.get(line.owner))
            else:
                answer.set_result(by_owner.get(line.owner))

    def _give_back(self, assignment: Assignment | None) -> None:
        if assignment is not None:
            task = asyncio.create_task(return_lead(self._open_unit, assignment, self._clock.now()), name="give back")
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)
