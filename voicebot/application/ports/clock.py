"""Time, so that tests can make it pass."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where the use cases look at the time."""

    def now(self) -> datetime:
        """The aware wall-clock moment, UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards; the same clock frames are stamped with."""

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
