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
        """Calls dialled before that moment that were not blanked yet, the oldest first."""

    async def blank_transcripts(self, call_ids: Iterable[int], *, at: datetime) -> int:
        """Nothing that was said in them stays; how they went does. In how many of them something was said."""

    async def old_news(self, before: datetime, *, limit: int) -> tuple[int, ...]:
        """What the CRM was told of before that moment and has taken, the oldest first; news of needed calls waits."""

    async def blank_news(self, update_ids: Iterable[int]) -> None:
        """That they were told stays; what was told does not."""
