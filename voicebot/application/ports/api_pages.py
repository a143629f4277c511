"""Lists that only the API asks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.application.ports.campaign_pages import CampaignDraft
from voicebot.domain.campaign import Campaign, CampaignStatus
from voicebot.domain.customer import PersonName
from voicebot.domain.lead import LeadEnd, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.release import Release


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedPerson:
    """One lead with whom it is about."""

    id: int
    customer_id: int
    external_id: str
    name: PersonName
    state: LeadState
    attempts: int
    next_attempt_at: datetime | None
    callback: bool
    disposition: Disposition | None
    group: Group | None
    variant: str
    errand: LeadErrand
    release_id: int | None
    ended_by: LeadEnd | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PeoplePage:
    """Some people of a list."""

    people: tuple[ListedPerson, ...]
    next: int | None
    """The list goes on after this customer; None: it is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedList:
    """One signature under one list."""

    release: Release
    campaign: str
    """Its name."""


class ApiPages(Protocol):
    """Questions of the API; each costs the same however long the list is."""

    async def campaigns(self, *, status: CampaignStatus | None, before: int | None, limit: int) -> tuple[Campaign, ...]:
        """The newest first; one more than the limit when there are more."""

    async def people(self, campaign_id: int, *, state: LeadState | None, after: int | None, limit: int) -> PeoplePage:
        """People on a campaign's list by customer id; with a state a page may hold fewer than `limit`, even none."""

    async def drafts(self, *, before: int | None, limit: int) -> tuple[CampaignDraft, ...]:
        """Drafts nothing was made of yet, the newest first; one more than the limit when there are more."""

    async def releases(self, *, campaign_id: int | None, before: int | None, limit: int) -> tuple[SignedList, ...]:
        """Signed lists, the newest first; one more than the limit when there are more."""
