"""News for the CRM waiting to be told, and what became of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from voicebot.domain.crm_update import CrmUpdate


class CrmUpdates(Protocol):
    """All news; whatever is locked stays so until the end of the unit."""

    async def add(self, update: CrmUpdate) -> int | None:
        """Store a piece of news; returns its id, None when its key is there already or no CRM wants news."""

    async def add_closed(self, lead_ids: Collection[int], *, at: datetime) -> tuple[tuple[int, int], ...]:
        """Store that these leads are closed, as `lead_closed_news` says it; returns id and customer of each news."""

    async def lock(self, update_id: int) -> CrmUpdate:
        """The news, kept from others; raises NotFound."""

    async def save(self, update: CrmUpdate) -> None:
        """Write state, attempts, error and the moment it was taken."""
