"""What becomes of a promo code that an order names."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from voicebot.domain.offer import PromoCode

_BEFORE_ISSUE: Final = timedelta(days=1)
"""Shops often know the day of an order and not its hour: midnight of the day the code was issued is no cheating."""


class Redemption(StrEnum):
    """The answer to a code."""

    REDEEMED = "redeemed"  # with this order
    REPEATED = "repeated"  # this order redeemed it before: nothing changes
    UNKNOWN = "unknown"  # no such code was ever issued
    FOREIGN = "foreign"  # it belongs to another customer
    EARLY = "early"  # the order is older than the code
    EXPIRED = "expired"  # the order is later than the code's last day
    USED = "used"  # another order redeemed it


def redeem(
    promo: PromoCode | None, *, used_by: int | None, order_id: int, customer_id: int, placed_at: datetime
) -> Redemption:
    """Whether the order may redeem the code; `used_by`: the order that did already."""
    if promo is None:
        return Redemption.UNKNOWN
    if promo.customer_id != customer_id:
        return Redemption.FOREIGN
    if used_by is not None:
        return Redemption.REPEATED if used_by == order_id else Redemption.USED
    if placed_at < promo.issued_at - _BEFORE_ISSUE:
        return Redemption.EARLY
    return Redemption.REDEEMED if placed_at < promo.valid_until else Redemption.EXPIRED


def plain_code(written: str) -> str:
    """A code as people write it, without blanks and dashes, in capitals."""
    return re.sub(r"[\s\-\u2010-\u2015]", "", written).upper()
