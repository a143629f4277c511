"""Which clock a customer lives by."""

from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from voicebot.domain.customer import Customer
from voicebot.domain.phone import Phone

DEFAULT_ZONE: Final = "Europe/Moscow"
"""Where most Russian customers live; used when nothing better is known."""


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every IANA zone name this system knows."""
    return frozenset(available_timezones())


def zone_of(phone: Phone) -> str:
    """The zone a number's city code lies in; empty for mobile codes, which lie in a dozen."""
    from phonenumbers.timezone import time_zones_for_number  # a large table: loaded by those who need it

    zones = time_zones_for_number(phonenumbers.parse(phone.e164))
    return zones[0] if len(zones) == 1 and zones[0] in known_zones() else ""


def zone_for(customer: Customer) -> ZoneInfo:
    """The customer's own zone, else that of a city phone of theirs, else Moscow."""
    guesses = (zone_of(one.phone) for one in customer.phones)
    return ZoneInfo(customer.time_zone or next((zone for zone in guesses if zone), DEFAULT_ZONE))
