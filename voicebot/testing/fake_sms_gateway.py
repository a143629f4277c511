"""A gateway in memory, with failures on order."""

import asyncio
from collections.abc import AsyncIterator

from voicebot.application.ports.messages import DeliveryReport, DeliveryState, Receipt, ShortMessage
from voicebot.domain.errors import GatewayError


class FakeSmsGateway:
    """Keeps what it was given; `failures` are raised first, one a send."""

    def __init__(self, failures: list[GatewayError] | None = None, *, idempotent: bool = True) -> None:
        self.sent: dict[str, ShortMessage] = {}
        """Messages taken, by key."""
        self.handed_over = 0
        """How often `send` was called, failures and repeats included."""
        self.failures = failures or []
        self._idempotent = idempotent
        self._reports: asyncio.Queue[DeliveryReport | None] = asyncio.Queue()

    @property
    def idempotent(self) -> bool:
        """As the test wishes."""
        return self._idempotent

    async def send(self, message: ShortMessage) -> Receipt:
        """Take the message, or raise the next failure."""
        self.handed_over += 1
        if self.failures:
            raise self.failures.pop(0)
        self.sent.setdefault(message.key, message)
        return Receipt(gateway_id=f"fake-{message.key}", state=DeliveryState.SENT)

    def report(self, gateway_id: str, state: DeliveryState, error: str = "") -> None:
        """Let the network say what became of a message."""
        self._reports.put_nowait(DeliveryReport(gateway_id=gateway_id, state=state, error=error))

    async def reports(self) -> AsyncIterator[DeliveryReport]:
        """What `report` was told, until `close`."""
        while (report := await self._reports.get()) is not None:
            yield report

    async def check(self) -> str:
        """Always there."""
        return "a gateway in memory"

    async def close(self) -> None:
        """End the reports."""
        self._reports.put_nowait(None)
