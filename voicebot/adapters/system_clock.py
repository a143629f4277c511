"""The machine's own time."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """The Clock port on the wall clock and the monotonic clock."""

    def now(self) -> datetime:
        """The aware wall-clock moment, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The clock that frames of pjsua2 are stamped with, seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)
