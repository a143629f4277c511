"""The managers' queue, as its pages ask for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain.click_call import ClickCall
from voicebot.domain.customer import PersonName, ValueClass
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.escalation_work import Closed, Reaction, Resolution, Resolved
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuePlace:
    """Where a page of the queue begins: behind this one."""

    urgent: bool
    created_at: datetime
    id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryPlace:
    """Where a page of the history begins: before this one."""

    resolved_at: datetime
    id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuedEscalation:
    """One entry of the queue or of its history, with what a manager wants to know of it."""

    id: int
    kind: EscalationKind
    urgent: bool
    reason: str
    """As the script or the jobs give it."""
    words: str
    """What the customer said last in the call; empty for nothing."""
    created_at: datetime
    campaign: str
    call_id: int
    customer_id: int
    name: PersonName
    phone: Phone
    """The number the customer spoke over."""
    value_class: ValueClass | None
    taken_by: str
    """Login of who holds it; empty for nobody."""
    holder: str
    """Their name."""
    taken_at: datetime | None
    active_at: datetime | None
    """When they did something for it last."""
    resolved_at: datetime | None
    resolved_by: str
    resolution: Resolution | None
    result: str
    """What came of it, in the manager's words."""

    @property
    def place(self) -> QueuePlace:
        """The queue goes on behind it."""
        return QueuePlace(urgent=self.urgent, created_at=self.created_at, id=self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationNote:
    """What a manager wrote down."""

    author: str
    text: str
    at: datetime


class EscalationQueue(Protocol):
    """Questions of the queue's pages, and the work on one entry."""

    async def page(
        self, *, behind: QueuePlace | None, kind: EscalationKind | None, limit: int
    ) -> tuple[QueuedEscalation, ...]:
        """Open ones: the urgent first, then the oldest."""

    async def history(self, *, before: HistoryPlace | None, limit: int) -> tuple[QueuedEscalation, ...]:
        """Resolved ones, the newest first."""

    async def get(self, escalation_id: int) -> QueuedEscalation:
        """One of them; raises NotFound."""

    async def take(
        self, escalation_id: int, *, login: str, at: datetime, idle_since: datetime | None = None
    ) -> QueuedEscalation | None:
        """It as it was before this manager came to hold it; None when somebody else holds it, or it is resolved.

        `idle_since`: also from somebody who has done nothing for it since then. One statement: of two managers at
        once one gets it.
        """

    async def give_back(self, escalation_id: int, *, login: str) -> bool:
        """Nobody holds it any more; False when this manager did not."""

    async def touch(self, escalation_id: int, *, login: str, at: datetime) -> bool:
        """This manager, who holds it, has done something for it; False when they do not hold it, or it is resolved."""

    async def resolve(self, escalation_id: int, resolved: Resolved, *, login: str) -> bool:
        """Close it; False when this manager does not hold it, or it is resolved already."""

    async def add_note(self, escalation_id: int, note: EscalationNote) -> None:
        """Keep what a manager wrote down."""

    async def notes(self, escalation_id: int) -> tuple[EscalationNote, ...]:
        """All of them, the oldest first."""

    async def click_calls(self, escalation_id: int) -> tuple[ClickCall, ...]:
        """Call-backs by a click, the newest first."""

    async def reactions(self, since: datetime) -> tuple[Reaction, ...]:
        """Everything first taken at that moment or later."""

    async def closed(self, since: datetime) -> tuple[Closed, ...]:
        """Everything resolved at that moment or later."""
