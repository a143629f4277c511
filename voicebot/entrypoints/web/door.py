"""The door of the web process: who connects and says nothing, says it drop by drop or never reads, is let go."""

import asyncio
import ipaddress
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_log: Final = logging.getLogger("voicebot.web")
_HEAD_ENDS: Final = b"\r\n\r\n"


def _is_ours_to_mend(record: logging.LogRecord) -> bool:
    """What a stranger sends that is no HTTP is no fault of ours, and its text may hold anything."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_log.addFilter(_is_ours_to_mend)


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorLimits:
    """How patient the door is."""

    connections: int = 512
    """At once: half of the open files a process has by default; then the longest silent one goes."""
    of_one_address: int = 128
    """At once, unless it is this machine's: a proxy speaks for everybody."""
    head_s: float = 10.0
    """How long the first request's line and headers may take."""
    idle_s: float = 75.0
    """How long a connection stays open for the next request."""
    stalled_s: float = 60.0
    """How long a client may refuse to take what it asked for."""


class Room:
    """Who is inside."""

    def __init__(self, limits: DoorLimits) -> None:
        self.limits = limits
        self._silent: dict[Visit, None] = {}
        """Those whose first request has not arrived, the oldest first."""
        self._inside = 0
        self._from: Counter[str] = Counter()

    def enter(self, visit: "Visit", address: str) -> bool:
        """Whether there is room, made where need be."""
        if not _is_ours(address) and self._from[address] >= self.limits.of_one_address:
            return False
        if self._inside >= self.limits.connections:
            oldest = next(iter(self._silent), None)
            if oldest is None:
                return False
            del self._silent[oldest]
            oldest.let_go()
        self._inside += 1
        self._from[address] += 1
        self._silent[visit] = None
        return True

    def heard(self, visit: "Visit") -> None:
        """Its first request is here."""
        self._silent.pop(visit, None)

    def leave(self, visit: "Visit", address: str) -> None:
        """It is gone."""
        self._inside -= 1
        self._from[address] -= 1
        if not self._from[address]:
            del self._from[address]
        self._silent.pop(visit, None)


class Visit(web.RequestHandler):
    """One connection, watched."""

    def __init__(self, server: web.Server, room: Room, loop: asyncio.AbstractEventLoop) -> None:
        # Without an access log: addresses hold names that were searched for, and links that open the door.
        super().__init__(server, loop=loop, keepalive_timeout=room.limits.idle_s, access_log=None, logger=_log)  # type: ignore[arg-type]  # None switches it off
        self._room = room
        self._clock = loop
        self._wire: asyncio.Transport | None = None
        self._address = ""
        self._inside = False
        self._tail = b""
        self._heard = False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)
        self._address = str((transport.get_extra_info("peername") or ("",))[0])
        super().connection_made(transport)
        self._inside = self._room.enter(self, self._address)
        if not self._inside:
            self._wire.abort()
            return
        self._patience = self._clock.call_later(self._room.limits.head_s, self.let_go)

    def data_received(self, data: bytes) -> None:
        if not self._heard:
            self._heard = _HEAD_ENDS in self._tail + data
            self._tail = (self._tail + data)[-len(_HEAD_ENDS) :]
            if self._heard:
                self._room.heard(self)
                self._be_patient()
        super().data_received(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._be_patient()
        self._patience = self._clock.call_later(self._room.limits.stalled_s, self.let_go)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._heard:
            self._be_patient()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._be_patient()
        if self._inside:
            self._inside = False
            self._room.leave(self, self._address)
        super().connection_lost(exc)

    def let_go(self) -> None:
        """Close the connection without another word."""
        if self._wire is not None:
            self._wire.abort()

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


@asynccontextmanager
async def listening(
    runner: web.AppRunner, host: str, port: int, limits: DoorLimits | None = None
) -> AsyncIterator[asyncio.Server]:
    """Take connections to the application of a runner that is set up; those inside stay until its cleanup."""
    loop, room, application = asyncio.get_running_loop(), Room(limits or DoorLimits()), runner.server
    assert application is not None
    server = await loop.create_server(lambda: Visit(application, room, loop), host, port)
    try:
        yield server
    finally:
        server.close()


def _is_ours(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
