"""Programs that work on one database, on whatever machine."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GONE_AFTER: Final = timedelta(seconds=30)
"""Without a sign of life for so long, a process is taken for dead: six signs are missing."""
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""Then nobody asks any more what became of it."""


class ProcessKind(StrEnum):
    """What a process does."""

    LINE = "line"  # dials and talks
    JOBS = "jobs"  # deliveries and everything periodic
    WEB = "web"  # pages and API


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """One process, as it tells of itself."""

    id: str
    """host:pid:number, unique over restarts; owners of leases begin with it."""
    host: str
    pid: int
    kind: ProcessKind
    name: str
    """As the supervisor calls it: line-0, jobs, web."""
    lines: int
    """SIP lines it works; 0 for other kinds."""
    version: str
    """Of the program: hosts may be updated one by one."""
    started_at: datetime
    seen_at: datetime
    """Its last sign of life."""

    def gone(self, now: datetime) -> bool:
        """Whether it has given no sign for too long."""
        return now - self.seen_at > GONE_AFTER
