"""What customers bought, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

ROUBLES: Final = "RUB"
"""ISO 4217 code of the default currency."""
_KOPECK: Final = Decimal("0.01")


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """One kind of goods in an order."""

    what: str
    """Name of the goods, as it can be said to the customer."""
    category: str
    quantity: Decimal
    """Pieces, kilograms ...; more than 0."""
    price: Decimal
    """Of one unit, in the order's currency."""
    margin: Decimal | None = None
    """Profit on the whole line, in the order's currency; None when unknown."""

    @property
    def total(self) -> Decimal:
        """Price times quantity, rounded to kopecks."""
        return (self.price * self.quantity).quantize(_KOPECK)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrder:
    """An order as the company's CRM describes it: what an import brings."""

    external_id: str
    """The order's name in the company's CRM; unique."""
    customer: str
    """External id of the customer."""
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    """At least one."""
    currency: str = ROUBLES
    promo_code: str = ""
    """That the customer used, whoever it belongs to; empty for none."""

    @property
    def total(self) -> Decimal:
        """Sum of the lines."""
        return sum((line.total for line in self.lines), Decimal(0))


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseHistory:
    """Everything a customer bought, added up."""

    orders: int
    """How many."""
    total: Decimal
    """Sum of all orders."""
    margin: Decimal | None
    """Profit on all lines whose margin is known; None when none is."""
    last_at: datetime | None
    """When the last order was placed; None without orders."""
    last_lines: tuple[OrderLine, ...] = ()
    """What the last order held, dearest first."""

    @property
    def average(self) -> Decimal | None:
        """Mean order, rounded to kopecks; None without orders."""
        return (self.total / self.orders).quantize(_KOPECK) if self.orders else None
