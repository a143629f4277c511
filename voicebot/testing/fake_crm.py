"""A CRM in memory, with failures on order."""

from typing import Any

from voicebot.application.ports.crm_gateway import CrmNews
from voicebot.domain.errors import GatewayError


class FakeCrm:
    """Keeps what it was told; `failures` are raised first, one a telling."""

    def __init__(self, failures: list[GatewayError] | None = None) -> None:
        self.taken: dict[str, dict[str, Any]] = {}
        """News by key, in the order it was taken."""
        self.told = 0
        """How often `tell` was called, failures and repeats included."""
        self.failures = failures or []

    async def tell(self, news: CrmNews) -> None:
        """Take the news, or raise the next failure."""
        self.told += 1
        if self.failures:
            raise self.failures.pop(0)
        self.taken.setdefault(news.key, dict(news.payload))

    async def check(self) -> str:
        """Always there."""
        return "a CRM in memory"

    async def close(self) -> None:
        """Nothing is held open."""
