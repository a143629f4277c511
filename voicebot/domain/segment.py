"""Which customers count as lapsed, and who among them is left alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from voicebot.domain.consent import ConsentKind
from voicebot.domain.customer import Customer, InterestSignal, ValueClass

LAPSE_MONTHS: Final = 3
"""Months without a purchase that make a customer lapsed, unless the segment says otherwise (1-3 by trade)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Silent:
    """Bought before, then nothing for some months."""

    months: int = LAPSE_MONTHS


@dataclass(frozen=True, kw_only=True, slots=True)
class Interested:
    """Asks prices, opens offers, visits - but bought nothing in the period."""

    months: int = LAPSE_MONTHS
    signals: tuple[InterestSignal, ...] = tuple(InterestSignal)
    """Which signs of interest count."""
    min_signals: int = 1
    """How many of them the period must hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shrunk:
    """Still buys, but many times less than before; somebody who stopped altogether is Silent."""

    months: int = LAPSE_MONTHS
    """The recent period."""
    share: Decimal = Decimal("0.10")
    """At most this part of the former monthly average is left."""
    former_months: int = 12
    """The period before the recent one, whose monthly average is compared."""


LapseRule = Silent | Interested | Shrunk
LAPSE_KINDS: Final[Mapping[str, type[LapseRule]]] = {"silent": Silent, "interested": Interested, "shrunk": Shrunk}
"""The names segments are written with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One declared group of lapsed customers; every bound must hold."""

    name: str
    rule: LapseRule
    min_orders: int = 1
    """Orders of a lifetime, at least; 0 lets in people who never bought (Interested)."""
    max_orders: int | None = None
    min_spent: Decimal | None = None
    """Sum of all orders, at least."""
    max_spent: Decimal | None = None
    last_order_within_months: int | None = None
    """The last order is not older than this; None for any age."""
    categories: tuple[str, ...] = ()
    """Bought something of one of these at any time, written as in the orders; empty for anything."""
    value_classes: tuple[ValueClass, ...] = ()
    """Belongs to one of these; empty for any."""
    no_reaction_to_last: int = 0
    """Was contacted at least so often, and the last so many contacts interested nobody; 0 for no such bound."""


def contradictions(segment: Segment) -> tuple[tuple[str, str], ...]:
    """Bounds that no customer can meet: the field, and why."""
    found = []
    if segment.max_orders is not None and segment.max_orders < segment.min_orders:
        found.append(("max_orders", f"'max_orders' is less than 'min_orders' ({segment.min_orders})"))
    if segment.min_spent is not None and segment.max_spent is not None and segment.max_spent < segment.min_spent:
        found.append(("max_spent", f"'max_spent' is less than 'min_spent' ({segment.min_spent})"))
    within = segment.last_order_within_months
    if within is not None and not isinstance(segment.rule, Shrunk) and within <= segment.rule.months:
        found.append(
            (
                "last_order_within_months",
                f"'last_order_within_months' is not more than the {segment.rule.months} months without an order",
            )
        )
    return tuple(found)


class ExclusionReason(StrEnum):
    """Why a lapsed customer is not called; in the order they are reported."""

    NO_CONSENT = "no_consent"  # no provable consent to be called for this purpose holds now (38-FZ art. 18 p. 1)
    STOP_LIST = "stop_list"  # the person or a number of theirs asked never to be called
    OPERATOR_REFUSAL = "operator_refusal"  # their operator refuses mass calls for them (126-FZ art. 44.1)
    NO_PHONE = "no_phone"  # no number is known
    WRONG_NUMBER = "wrong_number"  # every number is known to be somebody else's
    RECENTLY_CONTACTED = "recently_contacted"  # called within the quiet days
    MONTH_CAP = "month_cap"  # talked to often enough within 30 days, all campaigns together
    SERIES_OVER = "series_over"  # on the seasonal list: called again on a reason only
    CONTROL_GROUP = "control_group"  # left alone on purpose, to measure what the calls are worth


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectionRules:
    """What holds for every segment of a campaign."""

    purpose: ConsentKind = ConsentKind.ADVERTISING
    """What the calls are for: advertising needs consent to advertising."""
    quiet_days: int = 14
    """Days after a call in which the person is left alone (default spacing of touches: 14-30 days)."""
    control_share: Decimal = Decimal("0.05")
    """Part of all customers that gets no contact (5-7 % is the practice)."""
    month_cap: int = 4
    """Answered calls within 30 days after which a person is left alone; see `past_calls.TouchCaps`."""
    season: bool = False
    """Whether there is a reason to call people of the seasonal list; service calls need none."""

    @property
    def spares_the_lost(self) -> bool:
        """Whether people of the seasonal list are left out."""
        return self.purpose is ConsentKind.ADVERTISING and not self.season


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusion:
    """One reason and whom it hit; a person with two reasons counts under both."""

    reason: ExclusionReason
    count: int
    examples: tuple[Customer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentPreview:
    """What a campaign on this segment would come to at one moment."""

    at: datetime
    matched: int
    """Lapsed customers of the segment."""
    allowed: int
    """Those of them who may be called."""
    examples: tuple[Customer, ...]
    """Some who may be called, ascending by id."""
    exclusions: tuple[Exclusion, ...] = field(default_factory=tuple)
    """Only the reasons that hit somebody."""

    @property
    def excluded(self) -> int:
        """Lapsed customers who are not called, each counted once."""
        return self.matched - self.allowed


CONTROL_MULTIPLIER: Final = 2_654_435_761
"""2**32 over the golden ratio: multiplying by it scatters neighbouring numbers evenly (Knuth, TAOCP 6.4)."""
CONTROL_BUCKETS: Final = 2**16


def control_bucket(customer_id: int) -> int:
    """The customer's place 0..65535 in the draw for the control group; never changes, needs no storage.

    The selection computes the same in SQL (`store.segment_sql.control_bucket`): the two are tested to be equal.
    """
    return (((customer_id & 0x7FFF_FFFF) * CONTROL_MULTIPLIER) & 0xFFFF_FFFF) >> 16


def in_control_group(customer_id: int, share: Decimal) -> bool:
    """Whether the customer belongs to the part `share` that gets no contact."""
    return control_bucket(customer_id) < int(share * CONTROL_BUCKETS)


def months_before(at: datetime, months: int) -> datetime:
    """The same day and time `months` calendar months earlier; the month's last day where that day does not exist."""
    years, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    for day in range(at.day, at.day - 4, -1):
        try:
            return at.replace(year=years, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th day")
