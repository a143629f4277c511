"""What is going on, as the first page asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain.alarms import DayCounts
from voicebot.domain.call import Direction
from voicebot.domain.customer import PersonName
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveCall:
    """A call under way."""

    id: int
    campaign: str
    customer_id: int
    name: PersonName
    phone: Phone
    direction: Direction
    dialled_at: datetime
    answered_at: datetime | None
    """None while it rings."""
    state: str
    """Script state of the last words; empty before any."""
    last_words: str
    """What the customer said last; empty before any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Funnel:
    """How far the people of a stretch of time have come; each number counts calls of ours."""

    dialled: int
    answered: int
    by_group: Mapping[str, int]
    """Talks by group."""
    codes: int
    """Promo codes issued."""
    orders: int
    """Codes redeemed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenQueue:
    """The managers' queue in short."""

    open: int
    urgent: int
    oldest_at: datetime | None


class Today(Protocol):
    """Questions of the first page."""

    async def live(self) -> tuple[LiveCall, ...]:
        """Calls under way, the longest first."""

    async def waiting(self) -> int:
        """How many people on the lists of running campaigns wait for a call."""

    async def funnel(self, since: datetime) -> Funnel:
        """From `since` to now."""

    async def queue(self) -> OpenQueue:
        """Open escalations."""

    async def counts(self, since: datetime, until: datetime) -> DayCounts:
        """What that stretch came to."""
