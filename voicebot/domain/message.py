"""Texts of messages and the variables they may use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.domain.offer import PromoCode

_VARIABLE: Final = re.compile(r"\{(\w*)\}")
LONGEST_TEXT: Final = 1000
"""Characters of Unicode a gateway takes (ports/messages.py)."""


class MessageVariable(StrEnum):
    """Everything a template may say about the customer and the offer."""

    NAME = "name"  # the customer's first name (with patronymic where the CRM has one)
    COMPANY = "company"  # the advertiser
    CODE = "code"  # the personal promo code
    PERCENT = "percent"  # its discount, digits
    UNTIL = "until"  # its last day, дд.мм in the customer's zone
    URL = "url"  # where the full rules are


PROMO_VARIABLES: Final = frozenset({MessageVariable.CODE, MessageVariable.PERCENT, MessageVariable.UNTIL})
"""Variables only a promo code fills."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageTemplate:
    """One text with `{variables}`."""

    name: str
    text: str

    @property
    def variables(self) -> frozenset[str]:
        """Names in braces, known or not."""
        return frozenset(_VARIABLE.findall(self.text))

    @property
    def unknown_variables(self) -> tuple[str, ...]:
        """Names nobody fills, ascending."""
        return tuple(sorted(self.variables - set(MessageVariable)))

    @property
    def needs_promo(self) -> bool:
        """Whether the text makes sense only with a promo code."""
        return bool(self.variables & PROMO_VARIABLES)

    def render(self, values: Mapping[MessageVariable, str]) -> str:
        """The text with its variables filled; raises KeyError for one that has no value."""
        return " ".join(_VARIABLE.sub(lambda found: values[MessageVariable(found[1])], self.text).split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """The advertiser as messages name it."""

    company: str
    rules_url: str
    """Where the full rules of the offer are (38-FZ: promo terms, link to full rules)."""


def message_values(name: str, sender: Sender, promo: PromoCode | None, zone: ZoneInfo) -> dict[MessageVariable, str]:
    """What the variables stand for; the promo ones only with a code."""
    values = {
        MessageVariable.NAME: name,
        MessageVariable.COMPANY: sender.company,
        MessageVariable.URL: sender.rules_url,
    }
    if promo is not None:
        values[MessageVariable.CODE] = promo.code
        values[MessageVariable.PERCENT] = f"{promo.discount.percent.normalize():f}"
        values[MessageVariable.UNTIL] = f"{last_day(promo.valid_until, zone):%d.%m}"
    return values


def last_day(until: datetime, zone: ZoneInfo) -> datetime:
    """The last day on which something that ends at `until` still holds, in the customer's zone."""
    return until.astimezone(zone) - timedelta(microseconds=1)
