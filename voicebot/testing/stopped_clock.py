"""A clock that stands still."""

from datetime import datetime


class StoppedClock:
    """The Clock port for tests in which no time passes."""

    def __init__(self, now: datetime) -> None:
        """`now`: aware; what the clock shows for ever."""
        self._now = now

    def now(self) -> datetime:
        """The same moment every time."""
        return self._now

    def monotonic(self) -> float:
        """Always 0."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Returns at once: nobody waits on a clock that stands."""
