"""LISTEN on a connection of its own."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import psycopg

from voicebot.adapters.store.engine import parse_url
from voicebot.adapters.store.wake_up import LEADS_CHANNEL

log = logging.getLogger(__name__)

_PAUSE_S: Final = 1.0
"""Between two tries to reach the database, seconds."""
_ALIVE: Final = {"keepalives_idle": "20", "keepalives_interval": "5", "keepalives_count": "3", "connect_timeout": "10"}
"""A host that vanished without a word is noticed in half a minute (libpq)."""


class PostgresDoorbell:
    """Rings when PostgreSQL tells that leads are due; one connection outside the pool while it listens."""

    def __init__(self, url: str, *, pause_s: float = _PAUSE_S) -> None:
        """`url`: postgresql://..., as in VOICEBOT_DATABASE_URL."""
        address = parse_url(url).set(drivername="postgresql").update_query_dict(_ALIVE)
        self._conninfo = address.render_as_string(hide_password=False)
        self._pause_s = pause_s

    async def listen(self, ring: Callable[[], None]) -> None:
        """Call `ring` for every notification, until cancelled."""
        while True:
            try:
                await self._listen_once(ring)
            except psycopg.Error as error:
                log.warning(
                    "nobody can wake idle lines, they look by themselves: %s",
                    type(error).__name__,  # the server's words may name the user
                    extra={"action": "doorbell_lost"},
                )
            await asyncio.sleep(self._pause_s)

    async def _listen_once(self, ring: Callable[[], None]) -> None:
        connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {LEADS_CHANNEL}")
            ring()
            async for _ in connection.notifies():
                ring()
