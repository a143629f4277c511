"""How much each caller of the API has asked, over all web processes."""

from typing import Protocol


class ApiRates(Protocol):
    """One allowance for each caller; it fills evenly, by the clock of the database."""

    async def take(self, caller: str, per_minute: int) -> float:
        """Count one request; 0.0 when it may go on, else the seconds until the next one may: then it is not counted.

        `per_minute` requests may come at once by whoever has not asked for a minute.
        """
