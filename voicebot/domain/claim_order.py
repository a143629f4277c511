"""Which campaigns free lines serve next."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Rank(IntEnum):
    """Groups of due leads; the lower number goes first, whatever the campaign."""

    CALLBACK = 0  # the customer named the moment: it is kept
    FRONT = 1  # something just happened to the customer (an event of the CRM)
    QUEUE = 2  # everybody else


@dataclass(frozen=True, kw_only=True, slots=True)
class DueLeads:
    """The due leads of one rank in one running campaign."""

    campaign_id: int
    rank: Rank
    since: datetime
    """When the first of them fell due."""
    priority: int
    """The higher goes first."""
    weight: int
    """Share of the lines among equal priorities; at least 1."""


def next_shares(due: Iterable[DueLeads], draw: Callable[[], float], lines: int) -> dict[DueLeads, int]:
    """Of which groups so many free lines take their leads next, and how many at most of each.

    Call-backs first, then leads in front: of every campaign that has any, for they go by the moment they fell due,
    whatever the campaign. Then the campaigns of the highest priority that have work; each line draws one by weight: a
    campaign of weight 3 gets three times the calls of one of weight 1 beside it, and nobody starves. `draw` gives
    numbers from 0 up to, not including, 1. All groups are of one rank; none is left out but those whose turn it is not.
    """
    waiting = list(due)
    if not waiting or lines < 1:
        return {}
    first = min(one.rank for one in waiting)
    of_rank = [one for one in waiting if one.rank is first]
    if first is not Rank.QUEUE:
        return dict.fromkeys(of_rank, lines)
    highest = max(one.priority for one in of_rank)
    equals = [one for one in of_rank if one.priority == highest]
    return dict(Counter(_drawn(equals, draw) for _ in range(lines)))


def _drawn(equals: list[DueLeads], draw: Callable[[], float]) -> DueLeads:
    point = draw() * sum(one.weight for one in equals)
    for one in equals:
        point -= one.weight
        if point < 0:
            return one
    return equals[-1]  # rounding
