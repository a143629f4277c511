"""Campaign files: what may be written, and every mistake with its line."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from voicebot.adapters.yaml_campaigns import CampaignFile, read_campaign
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.campaign_plan import Budget, Reminder, Variant
from voicebot.domain.errors import BadInput
from voicebot.domain.segment import Segment, Silent

WHOLE = """
kind: service
script: quality
dialplan: night
segment: segments/lost.yaml
schedule: every weekday at 9
window: {from: 2026-12-01, until: 2027-01-31, hours: {weekdays: ["11:00-12:00"]}}
budget: {calls: 100, money: 5000, codes: 7}
priority: -2
weight: 3
control_share: 0.07
quiet_days: 30
offer: {percent: 12, days: 5, floor: 6, ceiling: 30, margin: 4, acquisition_cost: 900}
variants:
  - {name: a, share: 0.25}
  - {name: b, share: 0.75, script: winback, percent: 15}
reminder: {script: remind, days: 4}
triggers: [paid, idle_30_days]
season: весна
"""


def read(folder: Path, text: str) -> CampaignFile:
    path = folder / "campaign.yaml"
    path.write_text(text, encoding="utf-8")
    return read_campaign(path, dialplan="default")


def said(file: CampaignFile) -> list[str]:
    return [f"{one.where} {one.message}" for one in file.problems]


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "lost.yaml").write_text("name: lost\nkind: silent\nmonths: 6\n")
    file = read(tmp_path, WHOLE)
    plan = file.plan
    assert file.problems == ()
    assert (plan.kind, plan.script, plan.dialplan) == (CampaignKind.SERVICE, "quality", "night")
    assert plan.segment == Segment(name="lost", rule=Silent(months=6))
    assert str(plan.schedule) == "every weekday at 9:00"
    assert (plan.window.starts_on, plan.window.ends_on) == (date(2026, 12, 1), date(2027, 1, 31))
    assert plan.window.hours is not None
    assert plan.window.hours.by_weekday == (((time(11), time(12)),),) * 5 + ((),) * 2
    assert plan.window.hours.on_holidays, "whether holidays are open is the dialplan's business"
    assert plan.budget == Budget(max_calls=100, max_money=Decimal(5000), max_codes=7)
    assert (plan.priority, plan.weight, plan.quiet_days, plan.control_share) == (-2, 3, 30, Decimal("0.07"))
    assert (plan.offer.standard_percent, plan.offer.days, plan.offer.acquisition_cost) == (12, 5, 900)
    assert plan.variants == (
        Variant(name="a", share=Decimal("0.25")),
        Variant(name="b", share=Decimal("0.75"), script="winback", standard_percent=Decimal(15)),
    )
    assert (plan.reminder, plan.triggers) == (Reminder(script="remind", days=4), ("paid", "idle_30_days"))
    assert plan.season == "весна"


def test_a_segment_may_stand_in_the_file_and_the_rest_has_defaults(tmp_path: Path) -> None:
    file = read(tmp_path, "segment: {name: lost, kind: silent, months: 2}\n")
    assert file.problems == ()
    assert file.plan.segment == Segment(name="lost", rule=Silent(months=2))
    assert (file.plan.kind, file.plan.dialplan, file.plan.schedule) == (CampaignKind.ADVERTISING, "default", None)
    assert (file.plan.reminder, file.plan.variants, file.plan.budget.bounded) == (None, (), False)


def test_every_mistake_is_noted_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "lost.yaml").write_text("name: lost\nkind: silnt\n")
    wrong = """kind: advert
segment: lost.yaml
schedule: every wekday at 9
window: {from: tomorrow, hours: {weekdays: ["12:00-11:00"]}}
budget: {calls: 0}
weight: 0
control_share: 5
offer: {percent: 50, ceiling: 20}
variants:
  - {name: a, share: 0.5}
  - {name: b, share: half}
reminder: {script: reminder}
triggers: [Paid now]
priorty: 1
"""
    file = read(tmp_path, wrong)
    assert all(one.repair for one in file.problems if "needs 0 <=" not in one.message)
    own = sorted((one for one in file.problems if one.source.endswith("campaign.yaml")), key=lambda one: int(one.where))
    assert [f"{one.where} {one.message}" for one in own] == [
        "1 unknown kind 'advert'",
        "3 schedule: 'every wekday at 9' is no schedule: the days are not clear",
        "4 window: 'tomorrow' is no day",
        "4 hours: '12:00-11:00' is no stretch of a day",
        "4 hours: no day is open",
        "5 budget: 'calls' must be a whole number",
        "6 'weight' must be a whole number",
        "7 'control_share' must be a part of one",
        "8 offer: percent needs 0 <= floor <= standard <= ceiling <= 100",
        "11 variant 2: it differs in nothing",
        "11 variant 2: 'share' must be a part of one",
        "12 reminder: 'days' is missing",
        "13 triggers: 'Paid now' is no kind of event",
        "14 unknown key 'priorty'",
    ]
    assert any(one.source.endswith("lost.yaml") and "silnt" in one.message for one in file.problems)
    with pytest.raises(BadInput) as refused:
        file.refuse(())
    assert len(refused.value.problems) == len(file.problems)


def test_a_segment_file_that_is_not_there_is_noted(tmp_path: Path) -> None:
    assert said(read(tmp_path, "segment: lost.yaml\n")) == ["1 segment: there is no file 'lost.yaml'"]


def test_what_is_no_campaign_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_campaign(tmp_path / "none.yaml", dialplan="default")
    with pytest.raises(BadInput, match="not YAML"):
        read(tmp_path, "a: [")
