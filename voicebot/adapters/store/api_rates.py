"""How much each caller of the API has asked, in a table without a log: a crash forgets a minute."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_MINUTE: Final = timedelta(minutes=1)
_TAKE: Final = text("""
    INSERT INTO api_rates AS known (caller, full_at) VALUES (:caller, clock_timestamp() + :each)
    ON CONFLICT (caller) DO UPDATE SET full_at = greatest(known.full_at, clock_timestamp()) + :each
    WHERE known.full_at + :each <= clock_timestamp() + :most
    RETURNING 1
    """)
"""The moment at which the allowance is whole again tells how much is left of it (GCRA); who may not, writes nothing."""
_WAIT: Final = text("""
    SELECT extract(epoch FROM full_at + :each - :most - clock_timestamp()) FROM api_rates WHERE caller = :caller
    """)


class SqlApiRates:
    """The allowances, in one transaction; the caller's row is locked until it ends."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, caller: str, per_minute: int) -> float:
        asked = {"caller": caller, "each": _MINUTE / per_minute, "most": _MINUTE}
        if await self._connection.scalar(_TAKE, asked) is not None:
            return 0.0
        # At least a moment: it may have passed between the two questions.
        return max(float(await self._connection.scalar(_WAIT, asked) or 0), 0.001)
