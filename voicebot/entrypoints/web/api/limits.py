"""How much one caller may ask."""

from dataclasses import dataclass, field
from math import ceil


@dataclass
class _Bucket:
    left: float
    at: float


@dataclass
class Limiter:
    """Requests of each caller in a minute, in bursts as long as the minute has not used them up.

    Each web process counts for itself: behind a balancer the bound is that of one process.
    """

    buckets: dict[str, _Bucket] = field(default_factory=dict)

    def wait_s(self, caller: str, per_minute: int, now: float) -> int:
        """0 when the request may go on, else after how many seconds to come again; `now`: a monotonic clock."""
        if per_minute == 0:
            return 0
        bucket = self.buckets.setdefault(caller, _Bucket(left=per_minute, at=now))
        refilled = bucket.left + (now - bucket.at) * per_minute / 60
        bucket.left, bucket.at = min(per_minute, refilled), now
        if bucket.left < 1:
            return ceil((1 - bucket.left) * 60 / per_minute)
        bucket.left -= 1
        return 0
