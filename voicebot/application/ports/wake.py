"""Telling idle lines that there is work, and being told."""

from collections.abc import Callable
from typing import Protocol


class WakeUp(Protocol):
    """Calls out to everybody who waits, on all machines."""

    async def lines(self) -> None:
        """Leads are due at once: idle lines look again as soon as the unit is committed, and not if it is not."""


class Doorbell(Protocol):
    """Hears the calls; one for a process."""

    async def listen(self, ring: Callable[[], None]) -> None:
        """Call `ring` once or more for every call, until cancelled.

        A lost connection is made again. Every new one rings too: a call may have been missed.
        """
