"""Windows, budgets and split tests of campaigns."""

from collections import Counter
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain.campaign import CampaignKind, CampaignPlan
from voicebot.domain.campaign_plan import Budget, Reminder, Spending, Variant, Window, variant_of
from voicebot.domain.contact_hours import same_every_day
from voicebot.domain.lead import Lead, LeadErrand, LeadState
from voicebot.domain.release import canonical_list, list_hash

TEN = Variant(name="ten", share=Decimal("0.75"))
MORE = Variant(name="more", share=Decimal("0.25"), script="quality", standard_percent=Decimal(20))
PLAN = CampaignPlan(
    kind=CampaignKind.ADVERTISING, script="winback", variants=(TEN, MORE), reminder=Reminder(script="reminder", days=2)
)


def lead(variant: str, errand: LeadErrand = LeadErrand.OFFER) -> Lead:
    return Lead(
        id=1,
        campaign_id=1,
        customer_id=1,
        state=LeadState.QUEUED,
        attempts=0,
        next_attempt_at=None,
        callback=False,
        lease_owner="",
        lease_until=None,
        disposition=None,
        group=None,
        variant=variant,
        errand=errand,
    )


def test_a_variant_says_what_it_differs_in_and_the_reminder_speaks_its_own_script() -> None:
    assert (PLAN.script_for(lead("ten")), PLAN.offer_for(lead("ten")).standard_percent) == ("winback", Decimal(10))
    assert (PLAN.script_for(lead("more")), PLAN.offer_for(lead("more")).standard_percent) == ("quality", Decimal(20))
    assert PLAN.script_for(lead("more", LeadErrand.REMINDER)) == "reminder"
    assert PLAN.script_for(lead("gone")) == "winback"


def test_variants_are_drawn_by_their_shares_and_anew_in_each_campaign() -> None:
    drawn = Counter(variant_of(7, person, PLAN.variants) for person in range(10_000))
    assert drawn["ten"] + drawn["more"] == 10_000
    assert 7_300 < drawn["ten"] < 7_700
    both = sum(variant_of(7, person, PLAN.variants) == variant_of(8, person, PLAN.variants) for person in range(2_000))
    assert 1_150 < both < 1_350, "0.75 * 0.75 + 0.25 * 0.25 of 2000 is 1250: the draws are independent"


@given(campaign=st.integers(1, 2**40), person=st.integers(1, 2**40))
def test_a_person_keeps_their_variant(campaign: int, person: int) -> None:
    assert variant_of(campaign, person, PLAN.variants) == variant_of(campaign, person, PLAN.variants)
    assert variant_of(campaign, person, ()) == ""


def test_a_window_is_open_on_its_days_and_in_its_hours() -> None:
    window = Window(starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 2), hours=same_every_day((time(10), time(12))))
    moscow = ZoneInfo("Europe/Moscow")
    opened = [
        window.is_open(datetime(2026, 12, day, hour, tzinfo=moscow))
        for day, hour in ((1, 10), (2, 11), (2, 12), (3, 10))
    ]
    assert opened == [True, True, False, False]
    assert Window().is_open(datetime(2026, 12, 1, 3, tzinfo=moscow))


def test_a_window_has_ended_when_its_last_day_is_over_in_kaliningrad() -> None:
    window = Window(ends_on=date(2026, 12, 2))
    assert not window.has_ended(datetime(2026, 12, 2, 21, 59, tzinfo=UTC))
    assert window.has_ended(datetime(2026, 12, 2, 22, 0, tzinfo=UTC))
    assert not Window().has_ended(datetime(2099, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("budget", "used_up"),
    [
        (Budget(), False),
        (Budget(max_calls=10), True),
        (Budget(max_calls=11), False),
        (Budget(max_codes=3), True),
        (Budget(max_money=Decimal("60.01")), False),
        (Budget(max_money=Decimal(60)), True),  # 40 for calls, 4 messages of 5
    ],
)
def test_a_budget_is_used_up_at_the_first_bound(budget: Budget, used_up: bool) -> None:
    spent = Spending(calls=10, money=Decimal(40), messages=4, codes=3)
    assert budget.is_used_up(spent, sms_price=Decimal(5)) is used_up
    assert budget.bounded is (budget != Budget())


def test_the_canonical_list_is_one_json_line_a_person_by_lead_id() -> None:
    people = [(20, 'c"1'), (3, "Анна\n"), (100, "c3")]
    text = '[7,3,"Анна\\n"]\n[7,20,"c\\"1"]\n[7,100,"c3"]\n'
    assert canonical_list(7, people) == text
    assert list_hash(7, people) == list_hash(7, reversed(people))
    assert list_hash(7, []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "SHA-256 of nothing"


@given(st.lists(st.tuples(st.integers(1, 50), st.text(max_size=3)), max_size=4), st.data())
def test_another_list_has_another_hash(people: list[tuple[int, str]], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.tuples(st.integers(1, 50), st.text(max_size=3)), max_size=4))
    assert (list_hash(1, people) == list_hash(1, other)) is (sorted(people) == sorted(other))
    assert not people or list_hash(1, people) != list_hash(2, people)
