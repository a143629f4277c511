"""What a dialplan decides about contact."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from voicebot.domain.campaign_plan import Window
from voicebot.domain.contact_calendar import ContactCalendar, shared_hours
from voicebot.domain.contact_hours import DEFAULT_HOURS, ContactHours, for_unknown_zone
from voicebot.domain.past_calls import TouchCaps
from voicebot.domain.redial import RedialPolicy
from voicebot.domain.time_zones import CustomerZone


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactPolicy:
    """When, how often and over what people are called."""

    hours: ContactHours = DEFAULT_HOURS
    """When customers may be called, local to them."""
    unknown_zone: ContactHours | None = None
    """Hours of people of unknown zone, in every Russian zone at once; None for 9-21 on the days `hours` are open."""
    caps: TouchCaps = field(default_factory=TouchCaps)
    """Over all campaigns."""
    redial: RedialPolicy = field(default_factory=RedialPolicy)
    labelled: bool = True
    """Whether every trunk customers are reached over carries the contract and label of mass calls."""
    sms_price: Decimal = Decimal(0)
    """RUB a message, for the budgets of campaigns."""

    def hours_for(self, zone: CustomerZone) -> ContactHours:
        """The hours that hold where the customer lives, or in each zone they may live in."""
        return self.hours if zone.known else self.unknown_zone or for_unknown_zone(self.hours)

    def spoken_hours(self, zone: CustomerZone) -> ContactHours:
        """The hours in which a call-back may be promised, by the clock times are spoken in."""
        return self.hours if zone.known else _shared(self.hours_for(zone), zone)

    def calendar(self, zone: CustomerZone, window: Window) -> ContactCalendar:
        """When one customer may be called in one campaign."""
        return ContactCalendar(hours=self.hours_for(zone), zones=zone.possible, window=window)


@lru_cache(maxsize=16)
def _shared(hours: ContactHours, zone: CustomerZone) -> ContactHours:
    return shared_hours(hours, zone.possible)
