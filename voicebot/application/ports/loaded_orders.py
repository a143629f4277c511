"""The orders a unit has just loaded, as the use cases ask for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from voicebot.domain.offer import PromoCode


@dataclass(frozen=True, kw_only=True, slots=True)
class CodedOrder:
    """An order that names a promo code."""

    id: int
    external_id: str
    customer_id: int
    placed_at: datetime
    total: Decimal
    promo_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedCode:
    """A code of ours as it stands."""

    promo: PromoCode
    used_by: int | None
    """The order that redeemed it."""


class LoadedOrders(Protocol):
    """What `CrmLoader.apply` has brought into this unit's orders, and the codes they name."""

    async def coded(self) -> tuple[CodedOrder, ...]:
        """Those that name a promo code, the older first."""

    async def buyers_on_lists(self) -> tuple[int, ...]:
        """Their customers who are on a campaign's list and not done with, ascending."""

    async def lock_codes(self, codes: Collection[str]) -> Mapping[str, IssuedCode]:
        """Those of the codes that exist, kept from others until the end of the unit."""

    async def redeem(self, code: str, *, order_id: int, at: datetime) -> None:
        """Write down that the order used the code."""
