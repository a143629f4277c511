"""Call-backs by a click, as the use cases ask for them."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.click_call import ClickCall, ClickLeg, ClickResult, NewClickCall


class ClickCalls(Protocol):
    """What managers asked the lines to dial."""

    async def request(self, wanted: NewClickCall) -> int | None:
        """Its number; None when this manager or this customer has one under way."""

    async def lock_next(self, *, dialplan: str, asked_after: datetime) -> ClickCall | None:
        """The oldest that waits for a line, kept from the others until the end of the unit; None when none does.

        `dialplan`: only of campaigns dialled by it; empty takes any.
        """

    async def claim(self, click_id: int, *, owner: str, until: datetime) -> None:
        """The line `owner` carries it out."""

    async def keep(self, click_id: int, *, owner: str, until: datetime) -> bool:
        """A sign of life; False when it has been given up for lost."""

    async def answered(self, click_id: int, leg: ClickLeg, *, at: datetime) -> None:
        """One of the two has answered."""

    async def occupy(self, click_id: int, leg: ClickLeg, trunk: str) -> bool:
        """One of the two uses a line of this trunk, of none when it is empty; False when it is over already."""

    async def end(self, click_id: int, result: ClickResult, *, at: datetime) -> bool:
        """It is over; False when it was over already."""

    async def withdraw(self, escalation_id: int, *, at: datetime) -> None:
        """End what waits for a line: nobody wants it any more. A talk under way goes on."""

    async def close_lost(self, now: datetime, *, asked_before: datetime) -> int:
        """End those whose line gives no sign of life, and those no line took in time; returns how many."""
