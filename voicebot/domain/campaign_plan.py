"""What a campaign is bounded by, split into and followed by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.domain.contact_hours import ContactHours

LAST_ZONE: Final = ZoneInfo("Europe/Kaliningrad")
"""Where a Russian day ends last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """The days on which a campaign dials, local to the customer, and its hours."""

    starts_on: date | None = None
    """First day; None for no bound."""
    ends_on: date | None = None
    """Last day; None for no bound."""
    hours: ContactHours | None = None
    """Narrower than those of the dialplan, which hold as well; None for these alone."""

    def holds_on(self, day: date) -> bool:
        """Whether `day` lies in the window."""
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)

    def is_open(self, local: datetime) -> bool:
        """Whether `local` (aware, in the customer's zone) lies in the window: its days and its own hours."""
        return self.holds_on(local.date()) and (self.hours is None or self.hours.is_open(local))

    def has_ended(self, now: datetime) -> bool:
        """Whether the last day is over in every zone of Russia."""
        return self.ends_on is not None and now.astimezone(LAST_ZONE).date() > self.ends_on


@dataclass(frozen=True, kw_only=True, slots=True)
class Spending:
    """What a campaign has used up."""

    calls: int = 0
    """Attempts dialled by us."""
    money: Decimal = Decimal(0)
    """RUB the trunks charged for its calls."""
    messages: int = 0
    """SMS handed to the gateway."""
    codes: int = 0
    """Promo codes issued."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What a campaign may use up; None for no bound."""

    max_calls: int | None = None
    max_money: Decimal | None = None
    """RUB for calls and messages together."""
    max_codes: int | None = None

    @property
    def bounded(self) -> bool:
        """Whether there is any bound at all."""
        return not (self.max_calls is None and self.max_money is None and self.max_codes is None)

    def is_used_up(self, spent: Spending, *, sms_price: Decimal) -> bool:
        """Whether no further call may be made; `sms_price`: RUB a message."""
        money = spent.money + spent.messages * sms_price
        return (
            (self.max_calls is not None and spent.calls >= self.max_calls)
            or (self.max_money is not None and money >= self.max_money)
            or (self.max_codes is not None and spent.codes >= self.max_codes)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """One side of a split test."""

    name: str
    """Unique in the campaign."""
    share: Decimal
    """Part of the people, above 0; all shares of a campaign make 1."""
    script: str = ""
    """What is said instead of the campaign's script; empty for that one."""
    standard_percent: Decimal | None = None
    """The first discount instead of the campaign's; None for that one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """The call to those whose promo code is still unused."""

    script: str
    """What is said."""
    days: int
    """How many days after the code was issued; before it ends."""


_SCATTER: Final = 2**32


def variant_of(campaign_id: int, customer_id: int, variants: Sequence[Variant]) -> str:
    """Name of the variant a person gets in a campaign: always the same one, by shares; empty without variants.

    Independent of the control group's draw and of the other campaigns: each campaign shuffles anew.
    """
    if not variants:
        return ""
    digest = sha256(f"{campaign_id}:{customer_id}".encode()).digest()
    place = Decimal(int.from_bytes(digest[:4], "big")) / _SCATTER * sum(one.share for one in variants)
    reached = Decimal(0)
    for one in variants:
        reached += one.share
        if place < reached:
            return one.name
    return variants[-1].name
