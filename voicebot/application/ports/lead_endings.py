"""Leads that are over without a call, as the use cases ask for them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Lately:
    """What is new since an earlier look at everybody."""

    orders_after: int
    """Number of an order that was looked at; newer ones bear higher numbers."""
    leads_since: datetime
    """Leads that came to wait since that moment."""


class LeadEndings(Protocol):
    """Closes leads that wait for a call or for a release; a claimed one is left to its line."""

    async def newest_order(self) -> int:
        """Its number; 0 before there is any."""

    async def close_ordered(
        self, customer_ids: Collection[int] | None = None, *, lately: Lately | None = None, at: datetime
    ) -> tuple[int, ...]:
        """Close the leads of people who have ordered since they were put on the list; returns their ids.

        `customer_ids` limits the choice, and so does `lately`: to leads and orders that are new. Leads of finished
        campaigns and those others hold locked are passed over.
        """

    async def close_finished(self, *, at: datetime) -> tuple[int, ...]:
        """Close what is left waiting in finished campaigns; returns the ids."""
