"""What is typed comes back as it was, and nonsense is said, never fatal."""

from datetime import date, time
from decimal import Decimal

import pytest

from voicebot.application.desk.campaign_fill import fields_of, usual_fields
from voicebot.application.desk.campaign_form import FIELDS, LISTS, STEP_OF, STEPS, read_form, typed_in
from voicebot.domain.campaign import Campaign, CampaignKind
from voicebot.domain.campaign_plan import Budget, Reminder, Variant, Window
from voicebot.domain.contact_hours import DEFAULT_HOURS, ContactHours
from voicebot.domain.customer import InterestSignal, ValueClass
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.schedule import parse_schedule
from voicebot.domain.segment import Interested, LapseRule, Segment, Shrunk, Silent

HOURS = ContactHours(
    by_weekday=((((time(10), time(12)), (time(15), time(19, 30)))),) + (((time(9), time.max),),) * 4 + ((),) * 2,
    on_holidays=True,
)
RULES: tuple[LapseRule, ...] = (
    Silent(months=4),
    Interested(months=2, signals=(InterestSignal.VISIT,), min_signals=3),
    Shrunk(months=1, share=Decimal("0.25"), former_months=6),
)


def campaign(rule: LapseRule, schedule: str) -> Campaign:
    return Campaign(
        id=1,
        name="Кофе",
        kind=CampaignKind.ADVERTISING,
        script="winback",
        dialplan="second",
        offer=OfferPolicy(standard_percent=Decimal(12), days=5, ceiling_percent=Decimal(30)),
        segment=Segment(
            name="Кофе",
            rule=rule,
            min_orders=2,
            max_orders=9,
            min_spent=Decimal("100.5"),
            last_order_within_months=24,
            categories=("Кофе", "Чай, травы".replace(",", "")),
            value_classes=(ValueClass.A, ValueClass.C),
            no_reaction_to_last=2,
        ),
        schedule=parse_schedule(schedule),
        window=Window(starts_on=date(2026, 12, 1), ends_on=date(2027, 1, 31), hours=HOURS),
        budget=Budget(max_calls=10, max_money=Decimal(500), max_codes=3),
        priority=-2,
        weight=3,
        control_share=Decimal("0.0625"),
        quiet_days=30,
        variants=(
            Variant(name="A", share=Decimal("0.3")),
            Variant(name="B", share=Decimal("0.3"), script="reminder"),
            Variant(name="C", share=Decimal("0.4"), standard_percent=Decimal(15)),
        ),
        reminder=Reminder(script="reminder", days=3),
        triggers=("cart_abandoned", "idle_30_days"),
        season="весна",
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("schedule", ["every weekday at 9", "every day at 7:30", "0 9 * * 0,3", "*/5 * 1 * *"])
def test_a_campaign_shown_in_the_forms_is_read_back_the_same(rule: LapseRule, schedule: str) -> None:
    shown = campaign(rule, schedule)
    read = read_form(
        fields_of(shown, DEFAULT_HOURS), scripts=("winback", "reminder"), dialplans=("second",), dialplan="default"
    )
    assert read.wrong == ()
    assert {name: getattr(read.plan, name) for name in read.plan.__slots__} == {
        name: getattr(shown, name) for name in read.plan.__slots__
    }


def test_what_is_usual_lacks_nothing_but_a_name() -> None:
    read = read_form(
        usual_fields("default", DEFAULT_HOURS), scripts=("winback",), dialplans=("default",), dialplan="default"
    )
    assert [one.field for one in read.wrong] == ["name"]


NONSENSE = (
    "'",
    "-1",
    "9" * 30,
    "NaN",
    "1e400",
    "0001-01-01",
    "9999-12-31",
    "х" * 5000,
    "%s %(x)s",
    "a\x00b",
    "\ud800",
    "25:99",
)


@pytest.mark.parametrize("written", NONSENSE, ids=ascii)
@pytest.mark.parametrize("step", STEPS)
def test_nonsense_in_every_field_is_said_or_taken_as_words(step: str, written: str) -> None:
    usual = usual_fields("default", DEFAULT_HOURS) | {"name": "x", "split": "yes", "remind": "yes", "own_hours": "yes"}
    typed = typed_in(step, {name: [written] for name in FIELDS[step]})
    assert all(one.isprintable() or one == "\n" for value in typed.values() for one in value)
    for choice in ({}, {"people": "shrunk"}, {"people": "interested"}, {"when": "days"}, {"when": "cron"}):
        fields = usual | typed | choice | {"split": "yes", "remind": "yes", "own_hours": "yes"}
        read = read_form(fields, scripts=("winback",), dialplans=("default",), dialplan="default")
        assert {one.field for one in read.wrong} <= set(STEP_OF)


def test_every_field_of_several_boxes_belongs_to_a_step() -> None:
    assert set(STEP_OF) >= LISTS
