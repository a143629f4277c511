"""Gateways that carry messages to people."""

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


class SmsGateway(Protocol):
    """Sends short messages."""

    async def send(self, message: ShortMessage) -> Receipt:
        """Hand one message over.

        Raises GatewayError; its `retryable` says whether to try again.
        """

    async def check(self) -> str:
        """One line for `voicebot doctor`: what answered. Raises GatewayError when it is away or refuses our secrets."""

    async def close(self) -> None:
        """Release connections; idempotent."""
