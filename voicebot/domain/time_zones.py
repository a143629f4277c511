"""Which clock a customer lives by."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from voicebot.domain.customer import Customer
from voicebot.domain.phone import Phone

DEFAULT_ZONE: Final = "Europe/Moscow"
"""Where most Russian customers live; what is spoken and printed when nothing better is known."""
RUSSIAN_ZONES: Final = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
)
"""One name for each of the eleven clocks of Russia, UTC+2 to UTC+12 (107-FZ art. 5; none has summer time)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerZone:
    """What is known of a customer's clock."""

    spoken: ZoneInfo
    """The zone times are named in; Moscow when theirs is unknown."""
    known: bool = True
    """Whether it is theirs, and no stand-in."""

    @property
    def possible(self) -> tuple[ZoneInfo, ...]:
        """Where they may live, the spoken zone first: a call must suit every one of these."""
        return (self.spoken,) if self.known else (self.spoken, *(zone for zone in _russian() if zone != self.spoken))

    @property
    def name(self) -> str:
        """IANA name, or `unknown`."""
        return self.spoken.key if self.known else "unknown"


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every IANA zone name this system knows."""
    return frozenset(available_timezones())


def zone_of(phone: Phone) -> str:
    """The zone a number's city code lies in; empty for mobile codes, which lie in a dozen."""
    from phonenumbers.timezone import time_zones_for_number  # a large table: loaded by those who need it

    zones = time_zones_for_number(phonenumbers.parse(phone.e164))
    return zones[0] if len(zones) == 1 and zones[0] in known_zones() else ""


def zone_for(customer: Customer) -> CustomerZone:
    """The customer's own zone, else that of a city phone of theirs, else unknown."""
    guesses = (zone_of(one.phone) for one in customer.phones)
    name = customer.time_zone or next((zone for zone in guesses if zone), "")
    return CustomerZone(spoken=ZoneInfo(name or DEFAULT_ZONE), known=bool(name))


@lru_cache(maxsize=1)
def _russian() -> tuple[ZoneInfo, ...]:
    return tuple(ZoneInfo(name) for name in RUSSIAN_ZONES)
