"""How much one caller may ask, of all web processes together."""

import logging
from dataclasses import dataclass, field
from math import ceil

from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.errors import StoreError

log = logging.getLogger(__name__)


@dataclass
class _Bucket:
    left: float
    at: float


@dataclass
class Limiter:
    """Requests of each caller in a minute, in bursts as long as the minute has not used them up.

    They are counted in the database: whichever process of whichever machine is asked. While the database is away each
    process counts for itself, so that what answers without one (the metrics) does so no more often than else.
    """

    buckets: dict[str, _Bucket] = field(default_factory=dict)

    async def wait_s(self, open_unit: OpenDeskUnit, caller: str, per_minute: int, now: float) -> int:
        """0 when the request may go on, else after how many seconds to come again; `now`: a monotonic clock."""
        if per_minute == 0:
            return 0
        try:
            async with open_unit() as unit:
                wait = await unit.api_rates.take(caller, per_minute)
                await unit.commit()
        except StoreError as error:
            log.warning("this process counts requests for itself: %s", error, extra={"action": "api_rates_alone"})
            return self._alone(caller, per_minute, now)
        return ceil(wait)

    def _alone(self, caller: str, per_minute: int, now: float) -> int:
        bucket = self.buckets.setdefault(caller, _Bucket(left=per_minute, at=now))
        refilled = bucket.left + (now - bucket.at) * per_minute / 60
        bucket.left, bucket.at = min(per_minute, refilled), now
        if bucket.left < 1:
            return ceil((1 - bucket.left) * 60 / per_minute)
        bucket.left -= 1
        return 0
