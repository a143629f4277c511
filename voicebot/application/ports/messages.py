"""Gateways that carry messages to people."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from voicebot.domain.phone import Phone


class DeliveryState(StrEnum):
    """How far a message has come."""

    QUEUED = "queued"  # in our outbox
    SENT = "sent"  # the gateway took it
    DELIVERED = "delivered"  # the handset confirmed it
    FAILED = "failed"  # refused for good, or retries exhausted
    UNKNOWN = "unknown"  # handed over, and nobody knows whether the gateway took it: a person decides
    BLOCKED = "blocked"  # never handed over: the person gave no consent to SMS (126-FZ art. 44.1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShortMessage:
    """One SMS to one person."""

    key: str
    """Idempotency key: the same key is one message, however often it is sent."""
    to: Phone
    text: str
    """At most 1,000 characters of Unicode; long texts are split by the gateway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The gateway's word on a message."""

    gateway_id: str
    """The message's name at the gateway; delivery reports refer to it."""
    state: DeliveryState


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryReport:
    """What became of a message after the gateway had taken it."""

    gateway_id: str
    """What the receipt called it."""
    state: DeliveryState
    """DELIVERED or FAILED."""
    error: str = ""
    """The gateway's code for a failure, without personal data."""


class SmsGateway(Protocol):
    """Sends short messages."""

    @property
    def idempotent(self) -> bool:
        """Whether the same key sent again after a crash of ours is certain to be one message."""

    def reports(self) -> AsyncIterator[DeliveryReport]:
        """Delivery reports as they come, until `close`; ends at once where the gateway gives none."""

    async def send(self, message: ShortMessage) -> Receipt:
        """Hand one message over.

        Raises GatewayError; its `retryable` says whether to try again.
        """

    async def check(self) -> str:
        """One line for `voicebot doctor`: what answered. Raises GatewayError when it is away or refuses our secrets."""

    async def close(self) -> None:
        """Release connections; idempotent."""
