"""What the company's CRM is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UpdateState(StrEnum):
    """How far a piece of news has come."""

    QUEUED = "queued"  # a job is to tell the CRM
    SENT = "sent"  # the CRM has taken it
    FAILED = "failed"  # given up: a dead letter, until somebody retries it


class NewsKind(StrEnum):
    """What the news is about; every kind has its own fields (adapters/CRM.md)."""

    CALL = "call"  # an attempt was made, answered or not
    STOP = "stop"  # the person must not be contacted any more
    ESCALATION = "escalation"  # a manager is to look at a call
    ESCALATION_RESOLVED = "escalation_resolved"  # a manager has dealt with it
    LEAD_CLOSED = "lead_closed"  # nothing more will be tried for the person in a campaign
    PROMO_REDEEMED = "promo_redeemed"  # an order used a promo code of ours
    WRONG_NUMBER = "wrong_number"  # somebody else answers a number of the customer


@dataclass(frozen=True, kw_only=True, slots=True)
class CrmUpdate:
    """One piece of news on its way to the CRM."""

    id: int = 0
    """0 before it is stored; grows, so that of two pieces of news the newer one is known."""
    key: str
    """Idempotency key: the same key is the same news, however often it arrives."""
    customer_id: int
    call_id: int | None = None
    kind: NewsKind
    payload: Mapping[str, object]
    """JSON values, as documented in adapters/CRM.md."""
    state: UpdateState = UpdateState.QUEUED
    attempts: int = 0
    """How often it was handed to the CRM since it was queued."""
    error: str = ""
    """Why it was not taken, without personal data."""
    created_at: datetime
    sent_at: datetime | None = None
