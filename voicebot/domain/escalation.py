"""What a manager has to look at after a call."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EscalationKind(StrEnum):
    """What is asked of the manager."""

    MANAGER = "manager"  # talk to the customer: a complaint, or the wish for a person
    REVIEW = "review"  # read the transcript: the words matched nothing known
    CALLBACK = "callback"  # keep the promise of a call-back: the robot has no attempt left


@dataclass(frozen=True, kw_only=True, slots=True)
class Escalation:
    """One entry of the managers' queue."""

    call_id: int
    customer_id: int
    campaign_id: int
    kind: EscalationKind
    urgent: bool
    """Whether it goes to the head of the queue."""
    reason: str
    """In the customer's own words where there are any."""
    created_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    """Name of the manager; empty while it is open."""
