"""People who ring us, as the use cases ask for them."""

from typing import Protocol

from voicebot.domain.customer import Customer
from voicebot.domain.lead import Lead
from voicebot.domain.phone import Phone


class Callers(Protocol):
    """Whoever may be at the other end of an incoming call."""

    async def owners_of(self, phone: Phone) -> tuple[Customer, ...]:
        """The customers a number belongs to and was not marked wrong for; strangers are none."""

    async def stranger(self, external_id: str, phone: Phone | None) -> Customer:
        """The record of somebody known by their number alone, or not even by it; made when there is none yet.

        It has no name and no consent: nobody is called because of it.
        """

    async def lock(self, customer_id: int) -> None:
        """Until the end of the unit no line weighs a lead of this person."""

    async def leads_of(self, customer_id: int) -> tuple[Lead, ...]:
        """Every lead of the person that has been released, locked until the end of the unit; the newest first."""
