"""What all processes of all machines know about the trunks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from voicebot.domain.pacing import TrunkLoad


class Trunks(Protocol):
    """The trunks by name; a trunk nobody has dialled over is free."""

    async def look(self, names: Iterable[str], now: datetime) -> dict[str, TrunkLoad]:
        """How these trunks stand, without keeping anybody from them."""

    async def lock(self, name: str, now: datetime) -> TrunkLoad:
        """How the trunk stands; nobody else takes a line of it until the end of the unit."""

    async def save(self, load: TrunkLoad) -> None:
        """Write the next moment and the breaker; the live calls are counted, never written."""

    async def occupy(self, call_id: int, name: str) -> bool:
        """The live call uses a line of this trunk, of none when the name is empty; False when it is live no longer."""

    async def known(self) -> tuple[TrunkLoad, ...]:
        """Every trunk that was ever dialled over, by name."""
