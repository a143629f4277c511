"""The people the company sells to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.domain.phone import Phone


class ValueClass(StrEnum):
    """What a customer is worth; A and B get a human's attention first."""

    A = "A"  # high spend
    B = "B"  # middle spend
    C = "C"  # low spend: the robot's
    D = "D"  # bought once and never again: the robot's


class Channel(StrEnum):
    """Ways to reach a customer."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
    MESSENGER = "messenger"


class InterestSignal(StrEnum):
    """What shows interest without a purchase."""

    PRICE_REQUEST = "price_request"  # asked for a price
    OFFER_OPENED = "offer_opened"  # opened an offer we sent
    VISIT = "visit"  # came to the shop or the site


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonName:
    """A name in Russian parts; any part may be missing (empty)."""

    last: str = ""
    first: str = ""
    patronymic: str = ""

    @property
    def address(self) -> str:
        """How to speak to the person politely: first name and patronymic; empty when neither is known."""
        return f"{self.first} {self.patronymic}".strip()

    @property
    def full(self) -> str:
        """Last name, first name, patronymic."""
        return " ".join(part for part in (self.last, self.first, self.patronymic) if part)

    @property
    def masked(self) -> str:
        """The form for lists and reports: `Анна С.`, or `***` when no name is known."""
        if not self.first:
            return f"{self.last[:1]}***" if self.last else "***"
        return f"{self.first} {self.last[:1]}.".replace(" .", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerPhone:
    """One number of a customer."""

    phone: Phone
    primary: bool = False
    """Whether it is tried first; at most one number of a customer is."""
    wrong_number_at: datetime | None = None
    """When somebody else answered it; None while it is believed to be right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCustomer:
    """A customer as the company's CRM describes them: what an import brings."""

    external_id: str
    """The customer's name in the company's CRM; unique."""
    name: PersonName
    phones: tuple[Phone, ...] = ()
    """Without repeats; the first is the primary one."""
    email: str = ""
    time_zone: str = ""
    """IANA name; empty when unknown."""
    value_class: ValueClass | None = None
    preferred_channel: Channel | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewInterest:
    """One sign of interest: what an import brings."""

    customer: str
    """External id of the customer."""
    kind: InterestSignal
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """A customer as the store knows them."""

    id: int
    external_id: str
    name: PersonName
    phones: tuple[CustomerPhone, ...] = ()
    """The primary number first."""
    email: str = ""
    time_zone: str = ""
    """IANA name; empty when unknown: see `time_zones.zone_for`."""
    value_class: ValueClass | None = None
    preferred_channel: Channel | None = None

    @property
    def dialable(self) -> Phone | None:
        """The number to call: the primary one, else the first that is not marked wrong; None without any."""
        return next((one.phone for one in self.phones if one.wrong_number_at is None), None)
