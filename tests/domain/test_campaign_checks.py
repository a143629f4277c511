"""What is wrong with a campaign is known before anybody is called."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from voicebot.domain.campaign import CampaignKind, CampaignPlan
from voicebot.domain.campaign_checks import Finding, Surroundings, check_plan, check_preview
from voicebot.domain.campaign_plan import Reminder, Variant, Window
from voicebot.domain.contact_hours import ContactHours, same_every_day
from voicebot.domain.dialplan import Dialplan, MassCallLabel, RouteRule, Trunk
from voicebot.domain.phone import Phone
from voicebot.domain.schedule import parse_schedule
from voicebot.domain.segment import Exclusion, ExclusionReason, Segment, SegmentPreview, Silent

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LABEL = MassCallLabel(contract="1", name="Пример", category="реклама")
TRUNK = Trunk(name="out", host="sip.example", caller_ids=(Phone("+74951234567"),), label=LABEL)
DIALPLAN = Dialplan(name="main", trunks=(TRUNK,), routes=(RouteRule(pattern="*", trunks=("out",)),))
AROUND = Surroundings(
    now=NOW, zone=ZoneInfo("Europe/Moscow"), scripts=("winback", "quality", "reminder"), dialplan=DIALPLAN
)
PLAN = CampaignPlan(
    kind=CampaignKind.ADVERTISING, script="winback", dialplan="main", segment=Segment(name="silent", rule=Silent())
)
WEEKEND = ContactHours(by_weekday=((),) * 5 + (((time(10), time(12)),),) * 2, on_holidays=True)
LATE = same_every_day((time(20), time(21)), on_holidays=True)


def found(plan: CampaignPlan, around: Surroundings = AROUND) -> list[Finding]:
    return list(check_plan(plan, around))


def test_a_plan_that_holds_finds_nothing() -> None:
    assert found(PLAN) == []
    usual = replace(
        PLAN,
        schedule=parse_schedule("every weekday at 9"),
        window=Window(starts_on=date(2026, 12, 1), ends_on=date(2027, 2, 1)),
        variants=(Variant(name="a", share=Decimal("0.5")), Variant(name="b", share=Decimal("0.5"))),
        reminder=Reminder(script="reminder", days=3),
    )
    assert found(usual) == []


@pytest.mark.parametrize(
    ("wrong", "key", "message"),
    [
        ({"script": "winbak"}, "script", "no script 'winbak'"),
        ({"segment": None}, "segment", "nobody would ever be called"),
        ({"segment": None, "triggers": ("paid",), "schedule": parse_schedule("every hour")}, "schedule", "nothing to"),
        ({"window": Window(ends_on=date(2026, 11, 23))}, "window", "ended on 2026-11-23, in the past"),
        (
            {"window": Window(starts_on=date(2026, 12, 2), ends_on=date(2026, 12, 1))},
            "window",
            "ends on 2026-12-01, before it starts",
        ),
        (
            {"schedule": parse_schedule("0 9 1 3 *"), "window": Window(ends_on=date(2026, 12, 31))},
            "schedule",
            "fires next on 2027-03-01, after the window",
        ),
        ({"window": Window(hours=WEEKEND)}, "window", "never opens in any zone"),
        ({"window": Window(hours=LATE)}, "window", "never opens in any zone"),
        (
            {"window": Window(starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 8))},
            "window",
            "never opens in any zone",  # New Year: public holidays
        ),
        ({"reminder": Reminder(script="reminder", days=4)}, "reminder", "after 4 days, and the code holds for 3"),
        ({"reminder": Reminder(script="remind", days=2)}, "reminder", "no script 'remind'"),
        (
            {"variants": (Variant(name="a", share=Decimal("0.5")), Variant(name="b", share=Decimal("0.4")))},
            "variants",
            "the shares add up to 0.9",
        ),
        (
            {"variants": (Variant(name="a", share=Decimal("0.5")), Variant(name="a", share=Decimal("0.5")))},
            "variants",
            "'a' is there twice",
        ),
        (
            {
                "variants": (
                    Variant(name="a", share=Decimal("0.5")),
                    Variant(name="b", share=Decimal("0.5"), standard_percent=Decimal(40)),
                )
            },
            "variants",
            "'b' gives 40 %, outside floor and ceiling of the offer",
        ),
    ],
)
def test_each_mistake_is_found_with_its_repair(wrong: dict[str, object], key: str, message: str) -> None:
    (finding,) = [one for one in found(replace(PLAN, **wrong)) if one.fatal]  # type: ignore[arg-type]  # any field
    assert finding.key == key
    assert message in finding.message
    assert finding.repair


def test_a_window_that_ends_today_never_opens_where_it_is_evening_already() -> None:
    (finding,) = [one for one in found(replace(PLAN, window=Window(ends_on=NOW.date()))) if one.fatal]
    assert finding.message == "it never opens in Asia/Vladivostok, Asia/Magadan, Asia/Kamchatka"


def test_people_of_unknown_zone_are_a_warning() -> None:
    (finding,) = found(replace(PLAN, window=Window(hours=same_every_day((time(16), time(19)), on_holidays=True))))
    assert not finding.fatal
    assert "people of unknown time zone" in finding.message


@pytest.mark.parametrize(
    ("share", "warned"), [("0", False), ("0.04", True), ("0.05", False), ("0.07", False), ("0.2", True)]
)
def test_a_control_group_out_of_practice_is_a_warning(share: str, warned: bool) -> None:
    findings = found(replace(PLAN, control_share=Decimal(share)))
    assert [(one.key, one.fatal) for one in findings] == [("control_share", False)] * warned
    assert found(replace(PLAN, kind=CampaignKind.SERVICE, control_share=Decimal(share))) == []


def test_advertising_needs_a_label_on_every_trunk_a_route_leads_over_and_service_none() -> None:
    bare, spare = replace(TRUNK, name="bare", label=None), replace(TRUNK, name="spare", label=None)
    routes = (RouteRule(pattern="+7*", trunks=("out", "bare")),)
    around = replace(AROUND, dialplan=replace(DIALPLAN, trunks=(TRUNK, bare, spare), routes=routes))
    (finding,) = found(PLAN, around)
    assert (finding.key, "'bare'" in finding.message, "'spare'" in finding.message) == ("dialplan", True, False)
    assert "label" in finding.repair
    assert found(replace(PLAN, kind=CampaignKind.SERVICE), around) == []


def test_an_unknown_dialplan_is_found() -> None:
    (finding,) = found(PLAN, replace(AROUND, dialplan=None))
    assert (finding.key, finding.message) == ("dialplan", "no dialplan 'main'")


def test_an_empty_segment_says_whether_nobody_belongs_or_nobody_may_be_called() -> None:
    nobody = SegmentPreview(at=NOW, matched=0, allowed=0, examples=())
    (finding,) = check_preview(nobody)
    assert "nobody belongs" in finding.message
    stopped = Exclusion(reason=ExclusionReason.NO_CONSENT, count=4, examples=())
    (finding,) = check_preview(replace(nobody, matched=4, exclusions=(stopped,)))
    assert finding.message.endswith("nobody of them may be called now (no consent: 4)")
    assert check_preview(replace(nobody, matched=4, allowed=1)) == ()
