"""What is kept no longer than needed, as the job that clears it asks for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class OldRecording:
    """A recording whose time is over."""

    call_id: int
    recording: str
    """Path below the recordings folder."""


class Retention(Protocol):
    """Old recordings and words of calls that nobody needs any more.

    Needed are those of a call with an open escalation, and of one that somebody has tagged as disputed.
    """

    async def old_recordings(self, before: datetime, *, limit: int) -> tuple[OldRecording, ...]:
        """Recordings of calls dialled before that moment, the oldest first, kept from others until the unit's end."""

    async def forget_recordings(self, call_ids: Iterable[int]) -> None:
        """Their files are gone."""

    async def old_transcripts(self, before: datetime, *, limit: int) -> tuple[int, ...]:
        """Calls dialled before that moment of which words are left, the oldest first."""

    async def blank_transcripts(self, call_ids: Iterable[int]) -> None:
        """Nothing that was said in them stays; how they went does."""
