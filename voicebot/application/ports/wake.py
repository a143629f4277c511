"""Telling idle lines that there is work, and being told."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class WakeUp(Protocol):
    """Calls out to everybody who waits, on all machines."""

    async def lines(self) -> None:
        """Leads are due at once: idle lines look again as soon as the unit is committed, and not if it is not."""


class Doorbell(Protocol):
    """Hears the calls; one for a process."""

    def listening(self) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Something for every call from now on, until left; calls in quick succession may be told as one.

        A lost connection is made again by itself. That, too, is told as a call: some may have been missed.
        """
