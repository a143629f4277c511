"""What whoever signs lists looks at."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from voicebot.domain.campaign import Campaign
from voicebot.domain.customer import PersonName, ValueClass
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingList:
    """A campaign with people nobody has answered for."""

    campaign: Campaign
    people: int
    since: datetime
    """When the first of them came onto the list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPerson:
    """One of them."""

    lead_id: int
    customer_id: int
    external_id: str
    name: PersonName = field(repr=False)
    phone: Phone | None = field(repr=False)
    """The number that would be dialled."""
    value_class: ValueClass | None
    variant: str
    consent_at: datetime | None
    """When the newest consent to these calls was given; None when none holds now."""
    consent_source: str
    stopped: bool
    """On the stop-list by now: will not be called, whatever is signed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentCount:
    """Consents of one source and wording among the people who wait."""

    source: str
    wording: str
    people: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRefusal:
    """Somebody would not answer for people."""

    refused_by: str
    refused_at: datetime
    people: int
    reason: str


class ReleasePages(Protocol):
    """People who wait for a signature, and refusals."""

    async def waiting(self) -> tuple[WaitingList, ...]:
        """Every campaign with such people, the longest waiting first."""

    async def people(
        self, campaign: Campaign, *, at: datetime, after: int = 0, limit: int
    ) -> tuple[WaitingPerson, ...]:
        """A page of the list, by lead id, beginning behind `after`."""

    async def sample(self, campaign: Campaign, *, at: datetime, size: int) -> tuple[WaitingPerson, ...]:
        """Some of them, drawn evenly over the whole list, always the same ones for the same list."""

    async def hash_of(self, campaign_id: int) -> tuple[int, str]:
        """How many wait, and the hash a signature under them would carry (`domain.release.list_hash`)."""

    async def consents(self, campaign: Campaign, *, at: datetime) -> tuple[ConsentCount, ...]:
        """The consents that hold at `at`, the newest one of each person; whoever has none is in none of the counts."""

    async def refuse(self, campaign_id: int, refusal: ReleaseRefusal) -> None:
        """Keep a refusal."""

    async def refusals(self, campaign_id: int) -> tuple[ReleaseRefusal, ...]:
        """The refusals of a campaign, the newest first."""

    async def close_refused(self, campaign_id: int, only: Collection[str], *, at: datetime) -> tuple[int, ...]:
        """Close the unreleased leads of these external ids, or all when there are none; returns the leads."""

    async def tear_up(self, campaign_id: int) -> int:
        """Forget the list of a campaign nobody was released of, its control group too; returns how many were on it."""
