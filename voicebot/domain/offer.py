"""Personal discounts and promo codes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.order import PurchaseHistory
from voicebot.domain.outcome import Discount

_WHOLE: Final = Decimal(1)
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferPolicy:
    """What a campaign may give away; percents of the price, money in RUB."""

    standard_percent: Decimal = Decimal(10)
    """The first offer (published default of win-back calls, DOMAIN.md)."""
    days: int = 3
    """How long a code holds, counting from the call; the last day is whole in the customer's zone."""
    floor_percent: Decimal = Decimal(5)
    """No personal discount is smaller."""
    ceiling_percent: Decimal = Decimal(25)
    """No personal discount is greater."""
    min_margin_percent: Decimal = Decimal(5)
    """Margin that must be left, percent of the discounted price."""
    acquisition_cost: Decimal = Decimal(1500)
    """What winning a *new* customer costs: an old one is never given more on an average order."""

    def __post_init__(self) -> None:
        problems = [
            Problem(source="offer", where=where, message=message) for where, bad, message in self._rules() if bad
        ]
        if problems:
            raise BadInput(problems)

    def _rules(self) -> tuple[tuple[str, bool, str], ...]:
        in_order = 0 <= self.floor_percent <= self.standard_percent <= self.ceiling_percent <= _HUNDRED
        return (
            ("percent", not in_order, "needs 0 <= floor <= standard <= ceiling <= 100"),
            ("days", self.days < 1, "a code must hold at least one day"),
            ("min_margin_percent", not 0 <= self.min_margin_percent < _HUNDRED, "must be 0 or more and below 100"),
            ("acquisition_cost", self.acquisition_cost < 0, "cannot be negative"),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Offers:
    """The two discounts one person can be offered in one campaign."""

    first: Discount
    """Named in the first offer."""
    better: Discount
    """Named after «дорого»; equal to `first` only when the bounds leave no room."""

    def named(self, name: str) -> Discount:
        """`first` or `better`; an empty name is `first`."""
        if name not in ("", "first", "better"):
            raise ValueError(f"no offer '{name}': use first or better")
        return self.better if name == "better" else self.first


def personal_offers(policy: OfferPolicy, history: PurchaseHistory, now: datetime) -> Offers:
    """The discounts for one customer, in whole percents, within floor, ceiling, margin and acquisition cost.

    The better one takes half of the room the bounds leave; the longer the silence (up to a year) and the more was
    spent (up to ten acquisition costs), the nearer it comes to the bound. Where the margin is thinner than the floor,
    the floor stands: a smaller discount is not worth a call, and the policy has named it on purpose.
    """
    bound = _highest_percent(policy, history)
    first = min(policy.standard_percent, bound)
    share = (2 + _recency(history, now) + _value(policy, history)) / 4
    better = (first + (bound - first) * share).quantize(_WHOLE, ROUND_FLOOR)
    if better <= first:
        better = min(first + 1, bound)
    return Offers(
        first=Discount(percent=first, days=policy.days),
        better=Discount(percent=max(first, better), days=policy.days),
    )


def _highest_percent(policy: OfferPolicy, history: PurchaseHistory) -> Decimal:
    bounds = [policy.ceiling_percent]
    if history.total > 0:
        bounds.append(policy.acquisition_cost * history.orders / history.total * _HUNDRED)
        if history.margin is not None:
            margin = history.margin / history.total
            kept = policy.min_margin_percent / _HUNDRED
            # A discount d leaves the margin m - d of the old price, that is (m - d) / (1 - d) of the new one.
            bounds.append((margin - kept) / (1 - kept) * _HUNDRED)
    return max(policy.floor_percent, min(bounds).quantize(_WHOLE, ROUND_FLOOR))


def _recency(history: PurchaseHistory, now: datetime) -> Decimal:
    silent_days = (now - history.last_at).days if history.last_at else 0
    return min(Decimal(max(silent_days, 0)) / 365, Decimal(1))


def _value(policy: OfferPolicy, history: PurchaseHistory) -> Decimal:
    scale = policy.acquisition_cost * 10
    return min(history.total / scale, Decimal(1)) if scale else Decimal(1)


PROMO_ALPHABET: Final = "DFGLNRUVZ4789"
"""Symbols that survive reading and dictation: no Latin letter that looks Cyrillic (A B C E H K M O P T X Y), none of
the look-alikes 0 1 I J Q, 3 (З), 5 S, 2, 6, W, and of two that sound alike over a telephone only one (F, not S)."""
PROMO_LENGTH: Final = 8
PROMO_CODES: Final = len(PROMO_ALPHABET) ** PROMO_LENGTH
"""How many codes there are: 815 million."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PromoCode:
    """A code that belongs to one person and one campaign."""

    code: str
    customer_id: int
    campaign_id: int
    discount: Discount
    issued_at: datetime
    valid_until: datetime
    """The moment it stops to hold: midnight after its last day in the customer's zone."""


def spell_code(number: int) -> str:
    """The code with this number, 0 <= number < PROMO_CODES; the caller draws the number."""
    if not 0 <= number < PROMO_CODES:
        raise ValueError(f"a code's number lies in 0..{PROMO_CODES - 1}")
    symbols = []
    for _ in range(PROMO_LENGTH):
        number, digit = divmod(number, len(PROMO_ALPHABET))
        symbols.append(PROMO_ALPHABET[digit])
    return "".join(symbols)


def valid_until(issued_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """End of the last day of a code: `days` after the day of issue in the customer's zone."""
    local = issued_at.astimezone(zone)
    return (local + timedelta(days=days + 1)).replace(hour=0, minute=0, second=0, microsecond=0)
