"""Segments: months, contradictions, the draw for the control group."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from voicebot.domain.segment import (
    Interested,
    Segment,
    Silent,
    contradictions,
    control_bucket,
    in_control_group,
    months_before,
)


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [
        ((2026, 11, 20), 3, (2026, 8, 20)),
        ((2026, 1, 15), 3, (2025, 10, 15)),
        ((2026, 5, 31), 3, (2026, 2, 28)),
        ((2024, 5, 31), 3, (2024, 2, 29)),
        ((2026, 12, 31), 24, (2024, 12, 31)),
        ((2026, 3, 1), 0, (2026, 3, 1)),
    ],
)
def test_months_are_calendar_months(at: tuple[int, int, int], months: int, before: tuple[int, int, int]) -> None:
    assert months_before(datetime(*at, 12, tzinfo=UTC), months) == datetime(*before, 12, tzinfo=UTC)


def test_the_control_group_has_its_share_and_keeps_its_members() -> None:
    share = Decimal("0.05")
    drawn = {one for one in range(1, 20_001) if in_control_group(one, share)}
    assert 0.04 < len(drawn) / 20_000 < 0.06
    assert drawn < {one for one in range(1, 20_001) if in_control_group(one, Decimal("0.07"))}
    every_third = [one for one in range(3, 20_001, 3) if one in drawn]
    assert 0.04 < len(every_third) / 6_666 < 0.06


def test_no_share_draws_nobody_and_buckets_stay_in_range() -> None:
    assert not any(in_control_group(one, Decimal(0)) for one in range(1, 1000))
    assert all(0 <= control_bucket(one) < 65_536 for one in (0, 1, 2**31, 2**40, 2**62))


def test_bounds_nobody_can_meet_are_found() -> None:
    segment = Segment(name="x", rule=Silent(months=3), min_orders=5, max_orders=2)
    assert [field for field, _ in contradictions(segment)] == ["max_orders"]
    segment = Segment(name="x", rule=Interested(months=3), last_order_within_months=2)
    assert [field for field, _ in contradictions(segment)] == ["last_order_within_months"]
    segment = Segment(name="x", rule=Silent(), min_spent=Decimal(10), max_spent=Decimal(5))
    assert [field for field, _ in contradictions(segment)] == ["max_spent"]
    assert contradictions(replace(segment, max_spent=Decimal(10))) == ()


@pytest.mark.parametrize("share", ["0.05", "0.06", "0.07"])
@pytest.mark.parametrize(
    "ids", [range(1, 2001), range(1, 40_000, 2), range(10, 200_000, 10), range(2**16, 2**16 * 4000, 2**16)]
)
def test_the_control_group_has_its_share_whatever_the_ids_are(ids: range, share: str) -> None:
    drawn = sum(in_control_group(one, Decimal(share)) for one in ids) / len(ids)
    assert drawn == pytest.approx(float(share), abs=0.002)
