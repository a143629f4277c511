"""Messages waiting to be sent, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.application.ports.messages import DeliveryReport, DeliveryState
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMessage:
    """One SMS of ours from its birth to its delivery."""

    id: int = 0
    """0 before it is stored."""
    key: str
    """Idempotency key: one per call and template."""
    customer_id: int
    campaign_id: int
    call_id: int | None
    template: str
    phone: Phone
    text: str
    state: DeliveryState
    error: str = ""
    """Why it is blocked or failed, without personal data."""
    attempts: int = 0
    """How often it was handed to the gateway."""
    gateway_id: str | None = None
    created_at: datetime
    handed_at: datetime | None = None
    """Since when it is being handed to a gateway that knows no idempotency key; None when it is not."""
    sent_at: datetime | None = None


class Outbox(Protocol):
    """All messages."""

    async def add(self, message: OutgoingMessage) -> int | None:
        """Store a new message; returns its id, None when one with that key is there already."""

    async def sent_since(self, customer_id: int, campaign_id: int, template: str, *, since: datetime) -> bool:
        """Whether the person was meant to get such a message of the campaign since then, and may still."""

    async def lock(self, message_id: int) -> OutgoingMessage:
        """The message, kept from others until the end of the unit; raises NotFound."""

    async def save(self, message: OutgoingMessage) -> None:
        """Write state, error, attempts and the gateway's name for it."""

    async def report(self, report: DeliveryReport, *, at: datetime) -> bool:
        """Write what the network says of a sent message; False when no message has that gateway id."""
