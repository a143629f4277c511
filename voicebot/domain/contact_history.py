"""Everything we ever did about one person, and why it was allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voicebot.domain.call import Cause, Direction
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.lead import LeadEnd, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class StopEntry:
    """One line of the stop-list that binds us for this person."""

    phone: Phone | None
    """The number that is stopped; None when the person is."""
    since: datetime
    reason: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """The release that answers for one lead."""

    id: int
    released_by: str
    released_at: datetime
    leads: int
    """How many people were on the list."""
    hash: str
    """SHA-256 of that list, hexadecimal: see `domain.release`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPart:
    """The person's part in one campaign."""

    lead_id: int
    campaign: str
    kind: CampaignKind
    state: LeadState
    variant: str
    """Of the split test; empty without one."""
    listed_at: datetime
    """When the person came onto the list."""
    releases: tuple[Signature, ...]
    """Everyone who answered for the person, oldest first; empty before that."""
    verdict: Mapping[str, object] | None
    """The gate's last word, as stored; None before it was asked."""
    ended_by: LeadEnd | None

    def release_at(self, moment: datetime) -> Signature | None:
        """The release a call of that moment rested on."""
        before = [one for one in self.releases if one.released_at <= moment]
        return before[-1] if before else None

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why the gate's last word was no; empty when it was yes, or was not asked for."""
        found = (self.verdict or {}).get("refusals", ())
        return tuple(str(one) for one in found) if isinstance(found, list | tuple) else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactMessage:
    """A message to the person."""

    call_id: int | None
    """The call it came of."""
    campaign: str
    channel: str
    template: str
    state: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactCall:
    """One call with the person."""

    id: int
    lead_id: int
    direction: Direction
    phone: Phone
    attempt: int
    """Which one of its lead, counting from 1."""
    errand: LeadErrand
    wanted: bool
    """Whether the customer had asked for it."""
    script: str
    """Empty when the campaign's own was not written down."""
    trunk: str
    """Empty before one was chosen."""
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: Cause | None
    disposition: Disposition | None
    group: Group | None
    recorded: bool
    verdict: Mapping[str, object]
    """Why the gate let it through, as stored."""

    @property
    def talk_seconds(self) -> float | None:
        """From the answer to the end; None when it was not answered or is not over."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.answered_at).total_seconds()


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactHistory:
    """What the store holds of our dealings with one person."""

    stops: tuple[StopEntry, ...]
    parts: tuple[CampaignPart, ...]
    """In the order of joining the lists."""
    calls: tuple[ContactCall, ...]
    """Oldest first."""
    messages: tuple[ContactMessage, ...]
    """Oldest first."""
    left_alone_by: tuple[str, ...]
    """Campaigns in whose control group the person is."""
