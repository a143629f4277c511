"""Which campaign a free line serves next."""

from collections.abc import Callable, Iterable, Iterator
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


def claim_order(due: Iterable[DueLeads], draw: Callable[[], float]) -> Iterator[DueLeads]:
    """The groups in the order in which a line tries them; `draw` gives numbers from 0 up to, not including, 1.

    Call-backs and leads put in front go by the moment they fell due, over all campaigns. Then the campaigns of the
    highest priority that have work, drawn by weight: a campaign of weight 3 gets three times the calls of one of
    weight 1 beside it, and nobody starves.
    """
    waiting = list(due)
    wanted = [one for one in waiting if one.rank is not Rank.QUEUE]
    yield from sorted(wanted, key=lambda one: (one.rank, one.since, one.campaign_id))
    queues = [one for one in waiting if one.rank is Rank.QUEUE]
    while queues:
        highest = max(one.priority for one in queues)
        drawn = _drawn([one for one in queues if one.priority == highest], draw)
        queues.remove(drawn)
        yield drawn


def _drawn(equals: list[DueLeads], draw: Callable[[], float]) -> DueLeads:
    point = draw() * sum(one.weight for one in equals)
    for one in equals:
        point -= one.weight
        if point < 0:
            return one
    return equals[-1]  # rounding
