"""/metrics for Prometheus: the figures of the whole company, read from the database, and those of this process."""

import time
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from voicebot.application.desk.measure import measure
from voicebot.domain.api_token import Scope
from voicebot.domain.errors import StoreError
from voicebot.entrypoints.web.api.meters import Meters
from voicebot.entrypoints.web.api.metric_families import exposition
from voicebot.entrypoints.web.api.routes import Asked, Reply, get

FRESH_S: Final = 10.0
"""Figures are read again when they are older: whoever asks more often gets the same."""


async def read_metrics(asked: Asked) -> Reply:
    """Everything, in Prometheus's text format."""
    meters = asked.api.meters
    async with meters.reading:
        now = asked.api.clock.monotonic()
        if meters.read_at is None or now - meters.read_at >= FRESH_S:
            await _read(asked, meters)
            meters.read_at = now
    text = exposition(meters.measured, meters.took_s) + generate_latest(meters.own)
    response = web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})
    return Reply(response=response)


async def _read(asked: Asked, meters: Meters) -> None:
    zone = ZoneInfo(asked.api.settings.time_zone)
    midnight = asked.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    began = time.perf_counter()
    try:
        meters.measured = await measure(asked.open_unit, meters.totals, now=asked.now, midnight=midnight)
    except StoreError:
        meters.measured = None  # the page says so: voicebot_database_up 0
    meters.took_s = time.perf_counter() - began


ROUTES: Final = (
    get(
        "/metrics",
        read_metrics,
        Scope.METRICS_READ,
        name="metrics",
        summary="Everything Prometheus watches",
        tag="Health",
        media="text/plain",
        local=True,
        details="Figures of the whole company come from the database, at most ten seconds old; every web process tells"
        " the same. With VOICEBOT_METRICS=loopback programs on the machine itself need no token.",
    ),
)
