"""Whose turn it is, as a pure function of what is due and of chance."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from voicebot.domain.claim_order import DueLeads, Rank, claim_order

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)


def due(campaign: int, rank: Rank = Rank.QUEUE, *, minutes: int = 0, priority: int = 0, weight: int = 1) -> DueLeads:
    since = NOON + timedelta(minutes=minutes)
    return DueLeads(campaign_id=campaign, rank=rank, since=since, priority=priority, weight=weight)


def order(*waiting: DueLeads, draw: float = 0.0) -> list[tuple[int, Rank]]:
    return [(one.campaign_id, one.rank) for one in claim_order(waiting, lambda: draw)]


def test_call_backs_go_before_leads_in_front_and_both_before_any_priority() -> None:
    assert order(
        due(1, priority=9),
        due(2, Rank.FRONT, minutes=-9),
        due(3, Rank.CALLBACK, minutes=5),
        due(4, Rank.CALLBACK, minutes=-5),
    ) == [(4, Rank.CALLBACK), (3, Rank.CALLBACK), (2, Rank.FRONT), (1, Rank.QUEUE)]


def test_the_higher_priority_goes_first_whatever_the_weights() -> None:
    assert order(due(1, weight=100), due(2, priority=1), draw=0.999) == [(2, Rank.QUEUE), (1, Rank.QUEUE)]


def test_every_group_that_is_due_is_tried_once() -> None:
    groups = [due(number, rank, priority=number % 3, weight=1 + number % 4) for number in range(8) for rank in Rank]
    tried = list(claim_order(groups, random.Random(1).random))
    assert len(tried) == len(groups) == len(set(tried))


def test_campaigns_of_equal_priority_share_by_weight() -> None:
    chance = random.Random(7)
    groups = (due(1, weight=1), due(2, weight=3), due(3, weight=6))
    first = Counter(next(claim_order(groups, chance.random)).campaign_id for _ in range(5000))
    shares = [first[number] / 5000 for number in (1, 2, 3)]
    assert all(abs(share - wanted) < 0.03 for share, wanted in zip(shares, (0.1, 0.3, 0.6), strict=True))


def test_the_last_campaign_is_drawn_at_the_edge_of_chance() -> None:
    assert order(due(1), due(2), draw=1 - 2**-53)[0] == (2, Rank.QUEUE)
