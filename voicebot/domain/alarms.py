"""When somebody must look up from their desk."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

STOP_ALARM: Final = 0.05
"""Part of the talks that end on the stop-list; below 2 % is normal (DOMAIN.md, Measures)."""
FEWEST_TALKS: Final = 20
"""Shares of fewer talks say nothing."""
FEWEST_CALLS: Final = 50
DROP_ALARM: Final = 0.7
"""Answered share of today over that of the last week; below it something has changed: the number is marked as spam."""
FEWEST_MESSAGES: Final = 5
FAILED_ALARM: Final = 0.2
"""Part of the messages the gateway refused."""


class AlarmKind(StrEnum):
    """What is wrong."""

    STOPS = "stops"  # too many ask never to be called again
    ANSWERED = "answered"  # far fewer answer than in the last week
    TRUNK = "trunk"  # the circuit breaker of a trunk is open
    GATEWAY = "gateway"  # messages are refused
    CRM = "crm"  # the CRM does not take news


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One thing to look at."""

    kind: AlarmKind
    value: float | None = None
    """The share that set it off, 0-1."""
    usual: float | None = None
    """What it is compared with, 0-1."""
    subject: str = ""
    """Name of the trunk."""
    until: datetime | None = None
    """When the trunk is tried again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayCounts:
    """What a stretch of time came to."""

    dialled: int = 0
    answered: int = 0
    stops: int = 0
    """People who asked never to be called again."""
    sent: int = 0
    """Messages the gateway took."""
    refused: int = 0
    """Messages it did not."""
    letters: int = 0
    """News the CRM did not take: dead letters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PausedTrunk:
    """A trunk whose circuit breaker is open."""

    name: str
    until: datetime


def alarms(today: DayCounts, week: DayCounts, paused: tuple[PausedTrunk, ...]) -> tuple[Alarm, ...]:
    """Everything that is wrong now, the worst first; `week` is the seven days before today."""
    found = [Alarm(kind=AlarmKind.TRUNK, subject=one.name, until=one.until) for one in paused]
    stops = _share(today.stops, today.answered)
    if today.answered >= FEWEST_TALKS and stops > STOP_ALARM:
        found.append(Alarm(kind=AlarmKind.STOPS, value=stops))
    usual, now = _share(week.answered, week.dialled), _share(today.answered, today.dialled)
    if today.dialled >= FEWEST_CALLS and week.dialled >= FEWEST_CALLS and now < usual * DROP_ALARM:
        found.append(Alarm(kind=AlarmKind.ANSWERED, value=now, usual=usual))
    handed = today.sent + today.refused
    if handed >= FEWEST_MESSAGES and _share(today.refused, handed) > FAILED_ALARM:
        found.append(Alarm(kind=AlarmKind.GATEWAY, value=_share(today.refused, handed)))
    if today.letters:
        found.append(Alarm(kind=AlarmKind.CRM, value=None))
    return tuple(found)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
