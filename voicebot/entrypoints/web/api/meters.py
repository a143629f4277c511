"""What a web process remembers for /metrics."""

import asyncio
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, GCCollector, Histogram, PlatformCollector, ProcessCollector

from voicebot.application.desk.measure import CallTotals, Measured


@dataclass
class Meters:
    """What this process remembers between two questions."""

    totals: CallTotals = field(default_factory=CallTotals)
    measured: Measured | None = None
    took_s: float = 0.0
    read_at: float | None = None
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    own: CollectorRegistry = field(default_factory=CollectorRegistry)
    """Of this process alone."""
    requests: Histogram = field(init=False)

    def __post_init__(self) -> None:
        self.requests = Histogram(
            "voicebot_api_request_seconds",
            "Requests to the API of this process.",
            ("operation", "status"),
            registry=self.own,
            buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        ProcessCollector(registry=self.own)
        PlatformCollector(registry=self.own)
        GCCollector(registry=self.own)
