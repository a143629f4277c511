"""Calls as the desk shows them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from voicebot.application.ports.corrections import Correction
from voicebot.domain.attempt import CallRecord
from voicebot.domain.call import Cause, Direction, Speaker, Turn
from voicebot.domain.call_query import CallPlace, CallQuery
from voicebot.domain.customer import PersonName
from voicebot.domain.lead import LeadErrand
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """The words of a call that a list shows."""

    speaker: Speaker
    parts: tuple[tuple[str, bool], ...]
    """The text in pieces, each with whether it was searched for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRow:
    """One line of a list."""

    id: int
    campaign_id: int
    campaign: str
    customer_id: int
    name: PersonName
    phone: Phone
    direction: Direction
    attempt: int
    dialled_at: datetime
    talk_seconds: float | None
    """None when nobody answered or the call goes on."""
    cause: Cause | None
    """None while it goes on."""
    group: Group | None
    disposition: Disposition | None
    hangup_state: str
    tags: tuple[str, ...]
    unread: bool
    excerpt: Excerpt | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallList:
    """One page of a list, the newest call first."""

    rows: tuple[CallRow, ...]
    older: int | None = None
    """The next page holds calls before this one; None: there are none."""
    newer: int | None = None
    """The page before holds calls after this one; None: there are none."""
    looked_to: datetime | None = None
    """The search stopped here because it took long; `older` goes on from it. None: the page is whole."""
    too_common: bool = False
    """Only words were searched for that say nothing («и», «не»)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallChoices:
    """What a list can be narrowed to."""

    campaigns: tuple[tuple[int, str], ...]
    """Id and name, the newest first."""
    tags: tuple[str, ...]
    hangup_states: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLine:
    """One line of a transcript."""

    turn_id: int
    turn: Turn
    """As the recogniser and the bot had it."""
    correction: Correction | None = None

    @property
    def words(self) -> str:
        """As it was said, as far as is known."""
        return self.correction.words if self.correction else self.turn.text


@dataclass(frozen=True, kw_only=True, slots=True)
class CallPage:
    """Everything the page of one call shows."""

    record: CallRecord
    name: PersonName
    campaign_id: int
    lead_id: int
    trunk: str
    """Empty before it was dialled."""
    script: str
    script_version: int
    """As saved at the desk; 0: as its file says."""
    variant: str
    errand: LeadErrand
    wanted: bool
    """Whether the customer had asked for it."""
    cost: Decimal | None
    lines: tuple[CallLine, ...]
    redeemed_at: datetime | None
    """When the promo code of the record was used; None before, and without one."""
    reviewed_by: str
    """Which manager read it first; empty for nobody."""
    previous: int | None
    """The call with the same customer before this one."""
    next: int | None


class CallPages(Protocol):
    """Questions of the pages of calls."""

    async def find(self, wanted: CallQuery, place: CallPlace, *, limit: int) -> CallList:
        """At most `limit` calls that fit; bounded work, whatever is asked."""

    async def choices(self) -> CallChoices:
        """Campaigns, tags and states there are."""

    async def show(self, call_id: int) -> CallPage:
        """One call; raises NotFound."""


class CallMarks(Protocol):
    """What people write on calls."""

    async def reviewed(self, call_id: int, *, by: str, at: datetime) -> None:
        """Somebody has read the words; the first one counts."""

    async def tag(self, call_id: int, tag: str, *, at: datetime) -> bool:
        """Give a call, and its customer, a tag; False when it had it."""

    async def untag(self, call_id: int, tag: str) -> bool:
        """Take it back, from the customer too if this call gave it; False when it was not there."""
