"""Leads that are over without a call, as the use cases ask for them."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol


class LeadEndings(Protocol):
    """Closes leads that wait for a call or for a release; a claimed one is left to its line."""

    async def close_ordered(self, customer_ids: Collection[int] | None = None, *, at: datetime) -> tuple[int, ...]:
        """Close the leads of people who have ordered since they were put on the list; returns their ids.

        `customer_ids` limits the choice; leads of finished campaigns and those others hold locked are passed over.
        """

    async def close_finished(self, *, at: datetime) -> tuple[int, ...]:
        """Close what is left waiting in finished campaigns; returns the ids."""
