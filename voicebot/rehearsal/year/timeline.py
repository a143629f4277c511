"""Virtual time: things happen in order, and nobody waits."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import count

Happening = Callable[[], Awaitable[None]]
"""Something that happens at its moment; what it needs to know of the time it asks the timeline."""


class Timeline:
    """A clock that jumps from one happening to the next; it is the Clock port of the use cases."""

    def __init__(self, start: datetime) -> None:
        """`start`: aware."""
        self._now = start
        self._order = count()
        self._ahead: list[tuple[datetime, int, Happening]] = []

    def now(self) -> datetime:
        """The moment of the happening under way."""
        return self._now

    def monotonic(self) -> float:
        """Seconds of virtual time."""
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Returns at once: what lasts is put on the timeline instead."""

    def at(self, moment: datetime, happening: Happening) -> None:
        """Let it happen then; a moment gone by is now. What is put in first happens first."""
        heapq.heappush(self._ahead, (max(moment, self._now), next(self._order), happening))

    async def run(self, until: datetime) -> None:
        """Let everything before `until` happen."""
        while self._ahead and self._ahead[0][0] < until:
            self._now, _, happening = heapq.heappop(self._ahead)
            await happening()
        self._now = until
