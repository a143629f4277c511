"""How much there is to do, as the status shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voicebot.domain.pacing import TrunkLoad
from voicebot.domain.process import Process


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignQueue:
    """Leads of one campaign that is not finished."""

    name: str
    status: str
    """Value of CampaignStatus."""
    priority: int
    weight: int
    due: int
    """May be called now, as far as the moment goes."""
    later: int
    unreleased: int
    """Nobody has answered for them yet."""
    claimed: int
    """With a line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobCount:
    """Jobs of one kind."""

    task: str
    waiting: int
    doing: int
    failed: int
    """Given up: voicebot jobs failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveCalls:
    """Calls that are not over."""

    by_owner: Mapping[str, int]
    """Calls of each line."""

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.by_owner.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkInHand:
    """Everything the status command shows, as of one moment."""

    at: datetime
    processes: tuple[Process, ...]
    leases: int
    """Leads held by a line that gives signs of life."""
    expired: int
    """Leases that ran out; the jobs process closes their calls within ten seconds."""
    live: LiveCalls
    queues: tuple[CampaignQueue, ...]
    trunks: tuple[TrunkLoad, ...]
    jobs: tuple[JobCount, ...]
