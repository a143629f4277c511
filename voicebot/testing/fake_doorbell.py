"""A doorbell that tests press."""

import asyncio
from collections.abc import Callable


class FakeDoorbell:
    """The Doorbell port without a database."""

    def __init__(self) -> None:
        self._rings: list[Callable[[], None]] = []

    async def listen(self, ring: Callable[[], None]) -> None:
        """Call `ring` at once and for every `press`, until cancelled."""
        self._rings.append(ring)
        ring()
        try:
            await asyncio.Event().wait()
        finally:
            self._rings.remove(ring)

    def press(self) -> None:
        """There is work."""
        for ring in self._rings:
            ring()
