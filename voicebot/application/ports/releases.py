"""Lists that named persons answer for, as the use cases ask for them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from voicebot.domain.lead import LeadState
from voicebot.domain.release import ListedLead, Release


class Releases(Protocol):
    """The lists of campaigns and the signatures under them."""

    async def listed(self, campaign_id: int, states: Collection[LeadState] = ()) -> tuple[ListedLead, ...]:
        """Who is on the list, by lead id; only leads in `states` unless that is empty."""

    async def unanswered_for(self, campaign_id: int, only: Collection[str] = ()) -> tuple[tuple[int, str], ...]:
        """Lead and external id of everybody nobody has answered for yet, by lead id, locked.

        They are unreleased, or queued by a service campaign; `only`: these external ids alone.
        """

    async def sign(self, campaign_id: int, people: Iterable[tuple[int, str]], *, by: str, at: datetime) -> Release:
        """Freeze a list: its count, its hash, its leads; they carry its number from now on, and may be dialled.

        `people`: lead and external id, at least one. What is unreleased becomes queued, due now.
        """

    async def of(self, campaign_id: int | None = None) -> tuple[Release, ...]:
        """Every release, or those of one campaign, oldest first."""

    async def smuggled(self) -> Mapping[int, int]:
        """How many leads carry a release they are not on the list of, by release; empty unless somebody meddled."""

    async def recomputed_hash(self, release_id: int) -> str:
        """The hash of the list as the database holds it now; equal to the stored one unless somebody meddled."""
