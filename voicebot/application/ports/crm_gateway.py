"""The company's CRM as somebody to be told things."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class CrmNews:
    """One piece of news as it leaves us."""

    key: str
    """Idempotency key: the same key is the same news, however often it is told."""
    payload: Mapping[str, object]
    """JSON values (adapters/CRM.md), `key` and the growing `number` among them."""


class CrmGateway(Protocol):
    """Tells the CRM."""

    async def tell(self, news: CrmNews) -> None:
        """Hand one piece of news over; returns once the CRM has taken it.

        Raises GatewayError; its `retryable` says whether to try again, its `retry_after_s` not before when.
        """

    async def check(self) -> str:
        """One line for `voicebot doctor`: what answered. Raises GatewayError when it is away or refuses us."""

    async def close(self) -> None:
        """Release connections; idempotent."""
