"""Everything we ever did about one person, as the use cases ask for it."""

from typing import Protocol

from voicebot.domain.contact_history import ContactHistory


class ContactHistories(Protocol):
    """Our dealings with people."""

    async def of(self, customer_id: int) -> ContactHistory:
        """The whole history of one; empty for somebody we never dealt with."""
