"""Forgetting people, as the use cases ask for it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from voicebot.domain.erasure import ErasureAct, ErasureGround, Forgotten


class Erasures(Protocol):
    """Erases people and keeps the acts of it."""

    async def in_call(self, customer_id: int) -> bool:
        """Whether the person is in a call, or a manager is being put through to them; locks the person."""

    async def is_erased(self, customer_id: int) -> bool:
        """Whether the person was forgotten already."""

    async def forget(self, customer_id: int, *, at: datetime) -> Forgotten:
        """Remove or replace everything that tells who the person is; figures stay, nobody may call the numbers."""

    async def draw_up(
        self, customer_id: int, done: Forgotten, ground: ErasureGround, requested: date, *, by: str, at: datetime
    ) -> int:
        """Write the act; it is complete when there are no files to delete. Returns its number."""

    async def complete(self, act_id: int) -> None:
        """The files are gone."""

    async def act(self, act_id: int) -> ErasureAct:
        """One act; raises NotFound."""

    async def acts(self, *, before: int | None, limit: int) -> tuple[ErasureAct, ...]:
        """The newest first; one more than the limit when there are more."""

    async def incomplete(self) -> tuple[ErasureAct, ...]:
        """Acts whose files are still to be deleted."""


class CallFiles(Protocol):
    """Files that belong to recordings of calls."""

    async def read(self, recording: str) -> bytes | None:
        """The sound as WAV; None when it is gone."""

    async def remove(self, recordings: Iterable[str]) -> None:
        """Delete the recordings and whatever was worked out from them; those that are gone already do not matter."""
