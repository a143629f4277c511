"""LISTEN on a connection of its own."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import psycopg

from voicebot.adapters.store.engine import parse_url
from voicebot.adapters.store.wake_up import LEADS_CHANNEL

log = logging.getLogger(__name__)

EVENTS_CHANNEL: Final = "voicebot_events"
"""What a CRM beside our database may NOTIFY; payloads are those of `POST /api/events`."""
_PAUSE_S: Final = 1.0
"""Between two tries to reach the database, seconds."""
_ALIVE: Final = {"keepalives_idle": "20", "keepalives_interval": "5", "keepalives_count": "3", "connect_timeout": "10"}
"""A host that vanished without a word is noticed in half a minute (libpq)."""


class PostgresListener:
    """Hears one channel; one connection outside the pool while it listens."""

    def __init__(self, url: str, channel: str, *, deaf: str, pause_s: float = _PAUSE_S) -> None:
        """`url`: postgresql://..., as in VOICEBOT_DATABASE_URL; `deaf`: what a lost connection means, for the log."""
        address = parse_url(url).set(drivername="postgresql").update_query_dict(_ALIVE)
        self._conninfo = address.render_as_string(hide_password=False)
        self._channel = channel
        self._deaf = deaf
        self._pause_s = pause_s

    async def listen(self, hear: Callable[[str], None], *, connected: Callable[[], None] = lambda: None) -> None:
        """Call `hear` with the payload of every notification, until cancelled.

        A lost connection is made again; `connected` is called for every one: something may have been missed before.
        """
        while True:
            try:
                await self._listen_once(hear, connected)
            except psycopg.Error as error:
                log.warning(
                    "%s: %s",
                    self._deaf,
                    type(error).__name__,  # the server's words may name the user
                    extra={"action": "listener_lost", "channel": self._channel},
                )
            await asyncio.sleep(self._pause_s)

    async def _listen_once(self, hear: Callable[[str], None], connected: Callable[[], None]) -> None:
        connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {self._channel}")
            connected()
            async for notification in connection.notifies():
                hear(notification.payload)


class PostgresDoorbell:
    """Rings when PostgreSQL tells that leads are due."""

    def __init__(self, url: str, *, pause_s: float = _PAUSE_S) -> None:
        """`url`: postgresql://..., as in VOICEBOT_DATABASE_URL."""
        deaf = "nobody can wake idle lines, they look by themselves"
        self._listener = PostgresListener(url, LEADS_CHANNEL, deaf=deaf, pause_s=pause_s)

    async def listen(self, ring: Callable[[], None]) -> None:
        """Call `ring` for every notification and for every new connection, until cancelled."""
        await self._listener.listen(lambda _: ring(), connected=ring)
