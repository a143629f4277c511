"""What happened to a customer, as the company's CRM tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class CrmEvent:
    """One event: a registration, an abandoned cart, a birthday ..."""

    key: str
    """The CRM's own name for it: told twice, it is one event."""
    customer: str
    """External id of the customer."""
    kind: str
    """The CRM's word for it; campaigns name it among their triggers."""
    at: datetime
    """When it happened."""
    details: Mapping[str, object] = field(default_factory=dict)
    """JSON values; kept, and read by nobody but people."""


class EventLead(StrEnum):
    """What an event came to in one campaign."""

    QUEUED = "queued"  # the person came onto the list, in front, due at once
    MOVED = "moved"  # was on the list already, now in front and due at once
    AWAITS_RELEASE = "awaits_release"  # in front, but a named person has to answer for the call first
    KEPT = "kept"  # keeps the moment the customer named, or the day of the reminder
    CONTROL = "control"  # left alone on purpose: the control group
    OVER = "over"  # in a call now, or done with in this campaign


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedEvent:
    """What became of an event."""

    known: bool
    """Whether it had been told before: nothing was done again."""
    leads: Mapping[str, EventLead] = field(default_factory=dict)
    """Name of a campaign it triggers -> what it came to there."""
