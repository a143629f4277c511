"""Who works on this database."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.process import Process


class Processes(Protocol):
    """Signs of life of all processes on all machines."""

    async def seen(self, process: Process, at: datetime) -> None:
        """It lives at `at`; the first sign writes it down."""

    async def left(self, process_id: str) -> None:
        """It ended in order."""

    async def forget(self, before: datetime) -> None:
        """Strike out those whose last sign is older."""

    async def all(self) -> tuple[Process, ...]:
        """Every process that is not forgotten, by host, kind and name."""
