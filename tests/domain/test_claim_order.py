"""Whose turn it is, as a pure function of what is due and of chance."""

import random
from datetime import UTC, datetime, timedelta

from voicebot.domain.claim_order import DueLeads, Rank, next_shares

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)


def due(campaign: int, rank: Rank = Rank.QUEUE, *, minutes: int = 0, priority: int = 0, weight: int = 1) -> DueLeads:
    since = NOON + timedelta(minutes=minutes)
    return DueLeads(campaign_id=campaign, rank=rank, since=since, priority=priority, weight=weight)


def order(*waiting: DueLeads, draw: float = 0.0, lines: int = 1) -> list[list[tuple[int, Rank, int]]]:
    """Campaign, rank and share of whoever is asked, when every group turns out to be empty."""
    rounds, left = [], list(waiting)
    while shares := next_shares(left, lambda: draw, lines):
        rounds.append([(one.campaign_id, one.rank, share) for one, share in shares.items()])
        left = [one for one in left if one not in shares]
    return rounds


def test_call_backs_go_before_leads_in_front_and_both_before_any_priority() -> None:
    assert order(
        due(1, priority=9),
        due(2, Rank.FRONT, minutes=-9),
        due(3, Rank.CALLBACK, minutes=5),
        due(4, Rank.CALLBACK, minutes=-5),
        lines=3,
    ) == [[(3, Rank.CALLBACK, 3), (4, Rank.CALLBACK, 3)], [(2, Rank.FRONT, 3)], [(1, Rank.QUEUE, 3)]]


def test_the_higher_priority_goes_first_whatever_the_weights() -> None:
    assert order(due(1, weight=100), due(2, priority=1), draw=0.999, lines=2) == [
        [(2, Rank.QUEUE, 2)],
        [(1, Rank.QUEUE, 2)],
    ]


def test_every_group_that_is_due_is_tried_once() -> None:
    groups = [due(number, rank, priority=number % 3, weight=1 + number % 4) for number in range(8) for rank in Rank]
    tried = [asked for asked_together in order(*groups) for asked in asked_together]
    assert len(tried) == len(groups) == len(set(tried))


def test_campaigns_of_equal_priority_share_by_weight() -> None:
    groups = (due(1, weight=1), due(2, weight=3), due(3, weight=6))
    shares = next_shares(groups, random.Random(7).random, 5000)
    assert sum(shares.values()) == 5000
    assert all(abs(shares[group] / 5000 - group.weight / 10) < 0.03 for group in groups)


def test_nobody_is_asked_for_no_line_or_no_lead() -> None:
    assert next_shares([due(1)], lambda: 0.0, 0) == {}
    assert next_shares([], lambda: 0.0, 3) == {}


def test_the_last_campaign_is_drawn_at_the_edge_of_chance() -> None:
    assert order(due(1), due(2), draw=1 - 2**-53)[0] == [(2, Rank.QUEUE, 1)]
