"""Personal discounts stay within their bounds; codes can be dictated."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain.errors import BadInput
from voicebot.domain.offer import (
    PROMO_ALPHABET,
    PROMO_CODES,
    PROMO_LENGTH,
    OfferPolicy,
    personal_offers,
    spell_code,
    valid_until,
)
from voicebot.domain.order import PurchaseHistory

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
POLICY = OfferPolicy()


def history(
    *, orders: int = 4, total: int = 20_000, margin: int | None = 8_000, silent_days: int = 120
) -> PurchaseHistory:
    return PurchaseHistory(
        orders=orders,
        total=Decimal(total),
        margin=None if margin is None else Decimal(margin),
        last_at=NOW - timedelta(days=silent_days),
    )


def better(policy: OfferPolicy = POLICY, **facts: int | None) -> Decimal:
    return personal_offers(policy, history(**facts), NOW).better.percent  # type: ignore[arg-type]  # by keyword


def test_the_first_offer_is_the_standard_one_and_the_better_one_beats_it() -> None:
    offers = personal_offers(POLICY, history(), NOW)
    assert offers.first.percent == 10
    assert offers.better.percent > 10
    assert offers.first.days == offers.better.days == 3


def test_longer_silence_and_greater_spending_earn_more() -> None:
    assert better(silent_days=330) > better(silent_days=100)
    assert better(orders=10, total=50_000, margin=20_000) > better(orders=1, total=5_000, margin=2_000)


@given(
    orders=st.integers(1, 200),
    average=st.integers(1, 200_000),
    margin_percent=st.integers(-20, 90),
    silent_days=st.integers(0, 3000),
)
def test_offers_never_leave_their_bounds(orders: int, average: int, margin_percent: int, silent_days: int) -> None:
    total = orders * average
    facts = history(orders=orders, total=total, margin=total * margin_percent // 100, silent_days=silent_days)
    offers = personal_offers(POLICY, facts, NOW)
    assert POLICY.floor_percent <= offers.first.percent <= offers.better.percent <= POLICY.ceiling_percent
    for discount in (offers.first, offers.better):
        assert discount.percent == int(discount.percent)
        if discount.percent > POLICY.floor_percent:
            cost = facts.total - facts.margin  # type: ignore[operator]  # known here
            paid = facts.total * (1 - discount.percent / 100)
            assert (paid - cost) * 100 >= POLICY.min_margin_percent * paid
            assert average * discount.percent / 100 <= POLICY.acquisition_cost


def test_the_better_offer_beats_the_first_by_one_where_only_that_is_left() -> None:
    offers = personal_offers(OfferPolicy(ceiling_percent=Decimal(11)), history(silent_days=1), NOW)
    assert (offers.first.percent, offers.better.percent) == (10, 11)


def test_without_room_both_offers_are_the_same() -> None:
    offers = personal_offers(OfferPolicy(ceiling_percent=Decimal(10)), history(), NOW)
    assert offers.first == offers.better


def test_a_thin_margin_lowers_even_the_first_offer_down_to_the_floor() -> None:
    offers = personal_offers(POLICY, history(margin=2_200), NOW)
    assert offers.first.percent == 6
    assert personal_offers(POLICY, history(margin=100), NOW).first.percent == POLICY.floor_percent


def test_somebody_who_never_bought_gets_offers_too() -> None:
    nothing = PurchaseHistory(orders=0, total=Decimal(0), margin=None, last_at=None)
    offers = personal_offers(POLICY, nothing, NOW)
    assert offers.first.percent < offers.better.percent < POLICY.ceiling_percent


def test_an_unknown_offer_name_is_refused() -> None:
    offers = personal_offers(POLICY, history(), NOW)
    assert offers.named("") == offers.named("first") == offers.first
    with pytest.raises(ValueError, match="best"):
        offers.named("best")


def test_a_policy_that_contradicts_itself_is_refused_with_every_reason() -> None:
    with pytest.raises(BadInput) as caught:
        OfferPolicy(standard_percent=Decimal(30), days=0, acquisition_cost=Decimal(-1))
    assert [problem.where for problem in caught.value.problems] == ["percent", "days", "acquisition_cost"]


def test_codes_have_no_letter_that_could_be_cyrillic_or_misread() -> None:
    assert not set(PROMO_ALPHABET) & set("ABCEHKMOPTXYI01JQ3S526W")
    assert spell_code(0) == PROMO_ALPHABET[0] * PROMO_LENGTH
    assert spell_code(PROMO_CODES - 1) == PROMO_ALPHABET[-1] * PROMO_LENGTH
    with pytest.raises(ValueError, match="number"):
        spell_code(PROMO_CODES)


@given(st.sets(st.integers(0, PROMO_CODES - 1), min_size=2, max_size=50))
def test_different_numbers_are_different_codes(numbers: set[int]) -> None:
    assert len({spell_code(number) for number in numbers}) == len(numbers)


def test_a_code_holds_to_the_end_of_its_last_day_where_the_customer_lives() -> None:
    late_in_moscow = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)  # 23:30, and already the 25th in Omsk
    assert valid_until(late_in_moscow, 3, ZoneInfo("Europe/Moscow")).isoformat() == "2026-11-28T00:00:00+03:00"
    assert valid_until(late_in_moscow, 3, ZoneInfo("Asia/Omsk")).isoformat() == "2026-11-29T00:00:00+06:00"
