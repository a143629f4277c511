"""What is measured for monitoring, as the database knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class CallKind:
    """Calls that are counted together."""

    campaign: str
    direction: str
    cause: str
    """Value of Cause."""
    group: str
    """Value of Group; empty when nobody was talked to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """How long something took."""

    count: int
    quantiles: Mapping[float, float]
    """Seconds by share, 0-1; empty when nothing happened."""


QUANTILES: Final = (0.5, 0.9, 0.99)


class Measurements(Protocol):
    """Questions of /metrics."""

    async def ended(self, since: datetime | None, until: datetime | None) -> Mapping[CallKind, int]:
        """Calls dialled from `since` on and before `until` that are over."""

    async def live(self) -> Mapping[str, int]:
        """Calls under way by campaign, of campaigns that are not finished."""

    async def queue(self, now: datetime) -> Mapping[tuple[str, str], int]:
        """Leads of campaigns that are not finished, by campaign and state: due, later, unreleased, claimed."""

    async def dead_letters(self) -> Mapping[str, int]:
        """What was given up, by LetterKind."""

    async def reply_gaps(self, since: datetime) -> Spread:
        """From the end of a customer's words to the first sound of the bot, in calls dialled since then."""

    async def event_to_invite(self, since: datetime) -> Spread:
        """From an event's arrival to the next call to its customer, where that came within ten minutes."""
