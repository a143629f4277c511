"""NOTIFY to the idle lines."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

LEADS_CHANNEL: Final = "voicebot_leads"
"""What idle lines LISTEN to; payloads are empty."""


class SqlWakeUp:
    """PostgreSQL tells at commit, once however often it was asked."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lines(self) -> None:
        await self._connection.execute(select(func.pg_notify(LEADS_CHANNEL, "")))
