"""The managers' queue, as the use cases ask for it."""

from typing import Protocol

from voicebot.domain.escalation import Escalation


class Escalations(Protocol):
    """What waits for a manager."""

    async def add(self, escalation: Escalation) -> None:
        """Put it in; a second one of the same call and kind changes nothing."""

    async def open(self) -> tuple[Escalation, ...]:
        """Everything unresolved: the urgent first, then the oldest."""
