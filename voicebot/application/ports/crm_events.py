"""Events of the CRM, as the use cases ask for them."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.crm_event import CrmEvent


class CrmEvents(Protocol):
    """Everything the CRM has told."""

    async def add(self, event: CrmEvent, *, customer_id: int, received_at: datetime) -> bool:
        """Write an event down; False when its key is there already. A sign of interest counts for the segments too."""
