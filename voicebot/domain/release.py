"""A named person answers for a list of people, as it stood."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from voicebot.domain.customer import PersonName
from voicebot.domain.lead import LeadState
from voicebot.domain.phone import Phone

_HEXADECIMAL: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One signature under one list (38-FZ art. 18 p. 2)."""

    id: int
    campaign_id: int
    released_by: str
    """Name of the person."""
    released_at: datetime
    leads: int
    """How many people are on the list."""
    hash: str
    """`list_hash` of the list."""

    @property
    def hashed(self) -> bool:
        """False for a release of the time before lists were hashed."""
        return len(self.hash) == _HEXADECIMAL


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedLead:
    """One person on a campaign's list, as whoever signs it sees them."""

    lead_id: int
    external_id: str
    """The person's name in the company's CRM."""
    name: PersonName
    phone: Phone | None
    """The number that would be dialled."""
    state: LeadState
    variant: str
    created_at: datetime
    """When the person came onto the list."""


def canonical_list(campaign_id: int, people: Iterable[tuple[int, str]]) -> str:
    """The text that is hashed: one line `[campaign id,lead id,"customer's external id"]` per person, by lead id.

    JSON without spaces, letters as they are, each line ended by a line feed.
    """
    return "".join(
        json.dumps([campaign_id, lead_id, external_id], ensure_ascii=False, separators=(",", ":")) + "\n"
        for lead_id, external_id in sorted(people)
    )


def list_hash(campaign_id: int, people: Iterable[tuple[int, str]]) -> str:
    """SHA-256 of the canonical list (UTF-8), hexadecimal; `people`: lead id and external id, in any order."""
    return sha256(canonical_list(campaign_id, people).encode()).hexdigest()
