"""Trial calls, as the use cases ask for them."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.trial_call import NewTrialCall, TrialCall, TrialEnding


class TrialCalls(Protocol):
    """What people asked the lines to speak to them."""

    async def request(self, wanted: NewTrialCall) -> int | None:
        """Its number; None when this person has one under way."""

    async def lock_next(self, *, dialplan: str, asked_after: datetime) -> TrialCall | None:
        """The oldest that waits for a line of this dialplan (empty: of any), kept from others until the unit ends."""

    async def claim(self, trial_id: int, *, owner: str, until: datetime) -> None:
        """The line `owner` carries it out."""

    async def keep(self, trial_id: int, *, owner: str, until: datetime) -> bool:
        """A sign of life; False when it has been given up for lost."""

    async def answered(self, trial_id: int, *, at: datetime) -> None:
        """It was picked up."""

    async def occupy(self, trial_id: int, trunk: str) -> bool:
        """It uses a line of this trunk, of none when that is empty; False when it is over already."""

    async def end(self, trial_id: int, ending: TrialEnding, *, at: datetime) -> bool:
        """It is over; False when it was over already."""

    async def close_lost(self, now: datetime, *, asked_before: datetime) -> int:
        """End those whose line gives no sign of life, and those no line took in time; returns how many."""

    async def last_of(self, requested_by: str, about: str) -> TrialCall | None:
        """The newest one of this person about this; None without any."""
