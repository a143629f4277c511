"""`voicebot campaign ...` as a manager meets it."""

import json
from pathlib import Path

import pytest

from tests.application.campaigns.shop import MAY_CALL, Shop
from tests.entrypoints.cli.manager import Manager
from voicebot.config import PROJECT
from voicebot.domain.errors import BadInput

TRUNK = 'trunks:\n  a:\n    host: 127.0.0.1\n    caller_ids: ["+74951234567"]\n'
LABEL = '    label: {contract: "1", name: "Пример", category: "реклама"}\n'
ROUTES = 'routes: [{match: "*", trunks: [a]}]\n'
SEGMENT = "name: silent\nkind: silent\nmonths: 3\n"


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    path = tmp_path / "silent.yaml"
    path.write_text(SEGMENT)
    return path


@pytest.fixture(autouse=True)
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dialplan with a label is the one of the settings."""
    path = tmp_path / "labelled.yaml"
    path.write_text(TRUNK + LABEL + ROUTES)
    monkeypatch.setenv("VOICEBOT_DIALPLAN", str(path))
    return path


def with_people(manager: Manager, number: int) -> None:
    async def lapsed(shop: Shop) -> None:
        for _ in range(number):
            await shop.customer(spent=5000, consented=MAY_CALL)

    manager.shop(lapsed)


def test_a_campaign_is_selected_released_paused_and_watched(manager: Manager, segment: Path) -> None:
    with_people(manager, 40)
    create = ("campaign", "create", "Осень", "--segment", str(segment))
    written = manager.types(*create, "--by", "Анна")
    assert "await their release" in written
    assert "control group" in written
    assert manager.types("campaign", "release", "Осень", "--by", "Анна Смирнова").startswith(
        "campaign 'Осень' released by Анна Смирнова: running; release 1, "
    )
    manager.types("campaign", "pause", "Осень", "--by", "Анна Смирнова")
    (found,) = json.loads(manager.types("campaign", "list", "--json"))
    assert (found["status"], found["released_by"], found["kind"]) == ("paused", "Анна Смирнова", "advertising")
    assert 30 <= found["leads"] <= 40  # a control group is left alone
    assert found["unreleased"] == 0
    assert "Осень" in manager.types("campaign", "list")
    with pytest.raises(BadInput, match="no leads to release"):
        manager.types("campaign", "release", "Осень", "--by", "Анна")
    with pytest.raises(BadInput, match="--script: no script 'winbak'"):
        manager.types("campaign", "create", "B", "--segment", str(segment), "--by", "Анна", "--script", "winbak")
    with pytest.raises(BadInput, match="--by: is empty"):
        manager.types("campaign", "create", "B", "--segment", str(segment), "--by", " ")
    with pytest.raises(BadInput, match="there is a campaign 'Осень' already"):
        manager.types(*create, "--by", "Анна")


def test_a_segment_of_nobody_makes_no_campaign(manager: Manager, segment: Path) -> None:
    with pytest.raises(BadInput, match="--segment: nobody belongs to the segment now"):
        manager.types("campaign", "create", "Осень", "--segment", str(segment), "--by", "Анна")
    assert json.loads(manager.types("campaign", "list", "--json")) == []
    assert "no campaigns yet" in manager.types("campaign", "list")


def test_advertising_over_a_bare_trunk_is_refused_and_a_label_lost_later_is_told(
    manager: Manager, segment: Path, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_people(manager, 5)
    manager.types("campaign", "create", "A", "--segment", str(segment), "--by", "Анна")
    other = plan.with_name("other.yaml")
    other.write_text(plan.read_text())
    plan.write_text(TRUNK + ROUTES)
    assert "no contract and label of mass calls" in manager.types("campaign", "release", "A", "--by", "Анна")
    with pytest.raises(BadInput, match=r"without contract and label of mass calls \(126-FZ art\. 44\.1\): 'a'"):
        manager.types("campaign", "create", "B", "--segment", str(segment), "--by", "Анна")
    monkeypatch.setenv("VOICEBOT_DIALPLAN", str(other))
    manager.types("campaign", "create", "C", "--segment", str(segment), "--by", "Анна")
    assert "warning" not in manager.types("campaign", "release", "C", "--by", "Анна")
    monkeypatch.setenv("VOICEBOT_DIALPLAN", str(plan))
    manager.types("campaign", "create", "D", "--segment", str(segment), "--by", "Анна", "--kind", "service")
    monkeypatch.setenv("VOICEBOT_DIALPLAN", str(other))
    assert "made for the dialplan 'labelled'" in manager.types("campaign", "release", "D", "--by", "Анна")


def test_a_campaign_file_becomes_a_campaign_and_a_list_that_is_signed(manager: Manager, tmp_path: Path) -> None:
    with_people(manager, 3)
    (tmp_path / "silent.yaml").write_text(SEGMENT)
    file = tmp_path / "spring.yaml"
    file.write_text(
        "segment: silent.yaml\nschedule: every weekday at 9\ncontrol_share: 0\npriority: 7\n"
        "variants: [{name: ten, share: 0.5}, {name: more, share: 0.5, percent: 20}]\nbudget: {calls: 100}\n"
        "reminder: {days: 2}\n"
    )
    assert "every weekday at 9:00: nothing is wrong" in manager.types("campaign", "check", str(file))
    assert "3 customers await" in manager.types("campaign", "create", "Весна", "--file", str(file), "--by", "Анна")
    listed = manager.types("campaign", "leads", "Весна", "--state", "unreleased")
    assert "c1  " in listed
    assert "+7916***0001" in listed
    assert "Иванович" not in listed
    told = json.loads(manager.types("campaign", "leads", "Весна", "--state", "unreleased", "--json"))
    assert (told["people"], {one["variant"] for one in told["leads"]} <= {"ten", "more"}) == (3, True)
    assert f"--hash {told['hash'][:12]}" in listed
    release = ("campaign", "release", "Весна", "--by", "Анна Смирнова")
    with pytest.raises(BadInput, match="--hash: the list has changed since it was shown: 3 people now"):
        manager.types(*release, "--hash", "00000000")
    assert "1 person" in manager.types(*release, "--customer", "c2")
    assert "2 people" in manager.types(*release)
    shown = json.loads(manager.types("campaign", "show", "Весна", "--json"))
    assert [(one["by"], one["leads"]) for one in shown["releases"]] == [("Анна Смирнова", 1), ("Анна Смирнова", 2)]
    assert (shown["priority"], shown["schedule"], shown["budget"]) == (7, "every weekday at 9:00", {"calls": 100})
    assert "release 2  Анна Смирнова" in manager.types("campaign", "show", "Весна")
    assert "every weekday at 9:00" in manager.types("campaign", "list")


def test_everything_wrong_with_a_file_is_said_at_once_by_line(manager: Manager, tmp_path: Path, plan: Path) -> None:
    plan.write_text(TRUNK + ROUTES)
    file = tmp_path / "bad.yaml"
    file.write_text(
        "kind: advertising\nscript: winbak\nsegment: {name: silent, kind: silent}\nschedule: 0 9 31 2 *\n"
        "window: {from: 2027-03-01, until: 2027-01-01}\nvariants: [{name: a, share: 0.5}]\n"
        "reminder: {days: 9}\nwieght: 2\n"
    )
    for command in (("check", str(file)), ("create", "A", "--file", str(file), "--by", "Анна")):
        with pytest.raises(BadInput) as refused:
            manager.types("campaign", *command)
        said = [f"{one.where} {one.message}" for one in refused.value.problems]
        assert said == [
            "1 dialplan: advertising over a trunk without contract and label of mass calls (126-FZ art. 44.1): 'a'",
            "2 script: no script 'winbak'",
            "3 segment: nobody belongs to the segment now",
            "4 schedule: '0 9 31 2 *' never fires: no such day exists",
            "5 window: it ends on 2027-01-01, before it starts",
            "6 variants: the shares add up to 0.5",
            "6 variants: one variant is no test",
            "7 reminder: after 9 days, and the code holds for 3",
            "8 unknown key 'wieght'",
        ]
        assert all(one.repair for one in refused.value.problems)
    assert json.loads(manager.types("campaign", "list", "--json")) == []


def test_a_file_leaves_no_room_for_options(manager: Manager, tmp_path: Path, segment: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("segment: silent.yaml\n")
    create = ("campaign", "create", "A", "--by", "Анна")
    with pytest.raises(BadInput, match=r"--script: --file says this itself .*\n--days: --file says this itself"):
        manager.types(*create, "--file", str(file), "--days", "3", "--script", "winback")
    for both in ((), ("--file", str(file), "--segment", str(segment))):
        with pytest.raises(BadInput, match="takes --file or --segment"):
            manager.types(*create, *both)


def test_an_illegal_move_is_told_with_what_is_possible(manager: Manager, segment: Path) -> None:
    with_people(manager, 3)
    manager.types("campaign", "create", "A", "--segment", str(segment), "--by", "Анна")
    with pytest.raises(BadInput, match=r"campaign 'A': it is awaiting release: no resume is possible \(possible: re"):
        manager.types("campaign", "resume", "A", "--by", "Анна")
    manager.types("campaign", "finish", "A", "--by", "Анна")
    with pytest.raises(BadInput, match=r"it is finished: no release is possible \(create a new one\)"):
        manager.types("campaign", "release", "A", "--by", "Анна")


def test_a_refused_list_is_torn_up_and_put_together_anew(manager: Manager, segment: Path) -> None:
    with_people(manager, 3)
    manager.types("campaign", "create", "A", "--segment", str(segment), "--by", "Анна")
    with pytest.raises(BadInput, match="reason"):
        manager.types("campaign", "refuse", "A", "--reason", " ", "--by", "Ольга")
    assert "not released" in manager.types("campaign", "refuse", "A", "--reason", "не в пятницу", "--by", "Ольга")
    assert "draft" in manager.types("campaign", "list")
    with pytest.raises(BadInput, match=r"it is draft: no refuse is possible \(possible: submit, finish\)"):
        manager.types("campaign", "refuse", "A", "--reason", "ещё раз", "--by", "Ольга")
    assert "await their release" in manager.types("campaign", "submit", "A", "--by", "Анна")
    assert "running" in manager.types("campaign", "release", "A", "--by", "Ольга")


def test_the_shipped_campaigns_are_right(manager: Manager) -> None:
    async def ordinary(shop: Shop) -> None:
        async with shop.engine.begin() as connection:
            await connection.exec_driver_sql("update customers set value_class = 'C'")

    with_people(manager, 3)
    manager.shop(ordinary)
    for file in sorted((PROJECT / "campaigns").glob("*.yaml")):
        assert "nothing is wrong" in manager.types("campaign", "check", str(file))
