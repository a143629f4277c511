"""Work that was given up, as the use cases ask for it."""

from typing import Protocol

from voicebot.domain.dead_letter import DeadLetter


class DeadLetters(Protocol):
    """Everything that waits for a person to try it again."""

    async def all(self) -> tuple[DeadLetter, ...]:
        """The oldest first; jobs that come by the clock are not among them, for they come again by themselves."""

    async def revive_job(self, number: int) -> bool:
        """Let a job that broke down begin anew; False when there is no such job."""
