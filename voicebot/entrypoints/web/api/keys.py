"""What the handlers of the API find in the application."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from voicebot.application.desk.campaign_bench import Workbench
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.config import Settings
from voicebot.entrypoints.web.api.limits import Limiter
from voicebot.entrypoints.web.api.meters import Meters

READ_S: Final = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """What the API works with."""

    settings: Settings
    open_unit: OpenDeskUnit
    clock: Clock
    check: Callable[[], Awaitable[object]]
    """Raises StoreError while the database is away."""
    read_s: float = READ_S
    """How long a body may take to arrive, seconds."""
    limiter: Limiter = field(default_factory=Limiter)
    meters: Meters = field(default_factory=Meters)


API: Final = web.AppKey("api", Api)
BENCH: Final = web.AppKey("bench", Workbench)
"""Where campaigns are put together."""
