"""Campaigns put together, changed and sent for release by a program; a person signs."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.web.conftest import Holder, Program
from voicebot.adapters.yaml_campaigns import read_campaign_text
from voicebot.application.desk.campaign_fill import fields_of
from voicebot.application.desk.campaign_form import FIELDS, read_form
from voicebot.application.gather_list import gather_list
from voicebot.domain.api_token import Scope
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.contact_hours import DEFAULT_HOURS
from voicebot.domain.errors import BadInput
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.api.application import ROUTES
from voicebot.entrypoints.web.api.campaign_typing import PATHS
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.openapi import build_document
from voicebot.entrypoints.web.api.plan_problems import SAID
from voicebot.entrypoints.web.desk.campaign_words import PROBLEMS

DRAFTS = "/api/v1/campaign-drafts"
PARTS: dict[str, Any] = {
    "name": "Кофе",
    "whom": {"months": 3},
    "say": {"kind": "service", "script": "quality", "dialplan": "default"},
    "when": {"schedule": "every monday at 9"},
    "offer": {"percent": 10, "reminder": None},
    "budget": {"max_calls": 100},
    "control": {"share": "0"},
}
"""Goes over the shipped dialplan, whose trunk has no label for advertising."""
YAML = """
kind: service
script: quality
segment: {name: lost, kind: silent, months: 4, categories: [Кофе]}
schedule: every weekday at 9
window: {from: 2026-12-01, until: 2027-02-28, hours: {weekdays: ["16:00-19:00"]}}
budget: {calls: 5000, money: 40000}
control_share: 0.05
variants:
  - {name: ten, share: 0.5}
  - {name: fifteen, share: 0.5, percent: 15}
reminder: {script: quality, days: 2}
"""


async def told(reply: Any, status: int = 200) -> Any:
    assert reply.status == status, await reply.text()
    return await reply.json()


async def paths(reply: Any, status: int = 422) -> list[str]:
    return [one["path"] for one in (await told(reply, status))["problems"]]


async def begun(program: Program, **other: Any) -> str:
    """The address of a new draft."""
    made = await told(await program.tell(DRAFTS, PARTS | other))
    return f"{DRAFTS}/{made['draft']['id']}"


async def waiting(program: Program, shop: Shop, people: int = 2) -> int:
    """A campaign whose list waits for a signature."""
    for _ in range(people):
        await shop.customer(spent=5000, zone="Europe/Moscow")
    sent = await told(await program.tell(f"{await begun(program)}/send"))
    await gather_list(shop.open_unit, sent["campaign"], by="jobs", now=NOON)
    return int(sent["campaign"])


async def test_a_campaign_goes_from_draft_to_the_one_who_signs(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    for _ in range(2):
        await shop.customer(spent=5000, zone="Europe/Moscow")
    await shop.customer(spent=5000, consented=())
    draft = await begun(program)
    assert (await program.read(f"{draft}/check")) == {"ready": True, "problems": []}
    count = await program.read(f"{draft}/count")
    assert (count["matched"], count["allowed"]) == (3, 2)
    assert count["exclusions"] == [{"reason": "no_consent", "people": 1}]
    assert {one["name"] for one in count["examples"]} == {"Иван"}
    sent = await told(await program.tell(f"{draft}/send"))
    assert sent["status"] == "draft"
    address = f"/api/v1/campaigns/{sent['campaign']}"
    assert (await program.read(address))["gathering"] is True
    await gather_list(shop.open_unit, sent["campaign"], by="jobs", now=NOON)
    found = await program.read(address)
    assert (found["campaign"]["status"], found["unreleased"], found["gathering"]) == ("awaiting_release", 0, False)
    assert found["by_state"] == {"queued": 2}  # a service: it dials when somebody has released it
    assert await paths(await program.tell(f"{draft}/send"), 409) == [""]
    assert (await program.read(DRAFTS))["items"] == []
    deeds = await shop.rows("select action, actor from audit_log where actor like 'token%' order by id")
    assert [tuple(one) for one in deeds] == [
        ("campaign_draft.begun", "token 1 (CRM)"),
        ("campaign.created", "token 1 (CRM)"),
    ]


async def test_a_draft_is_read_changed_part_by_part_and_thrown_away(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    draft = await begun(program)
    reply = await program.ask(draft)
    found, seen = await told(reply), reply.headers["ETag"]
    assert found["draft"]["author"] == "token:1"
    assert found["plan"]["when"]["schedule"] == "0 9 * * 1"
    assert found["plan"]["whom"] | {"months": 3, "people": "silent"} == found["plan"]["whom"]
    changed = await program.send("PATCH", draft, json={"budget": {"max_calls": 5}}, headers={"If-Match": seen})
    plan = (await told(changed))["plan"]
    assert plan == found["plan"] | {"budget": {"max_calls": 5, "max_money": None, "max_codes": None}}
    late = await program.send("PATCH", draft, json={"name": "Чай"}, headers={"If-Match": seen})
    assert late.status == 412
    assert (await told(await program.send("PATCH", draft, json=plan)))["plan"] == plan, "what is read can be sent"
    assert (await program.send("DELETE", draft, headers={"If-Match": seen})).status == 412
    assert (await program.send("DELETE", draft)).status == 200
    assert (await program.ask(draft)).status == 404
    deeds = await shop.rows("select action from audit_log where actor like 'token%' order by id")
    assert [one.action for one in deeds] == [
        f"campaign_draft.{one}" for one in ("begun", "changed", "changed", "dropped")
    ]


async def test_everything_wrong_is_said_at_once_with_field_and_repair(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    wrong = PARTS | {
        "name": None,
        "whom": {"min_orders": 5, "max_orders": 2},
        "say": {"kind": "service", "script": "nope"},
        "when": {"schedule": "0 9 31 2 *", "hours": {"mon": ["12:00-10:00"]}},
        "offer": {"percent": 10, "floor": 20, "reminder": {"days": 9}},
    }
    made = await told(await program.tell(DRAFTS, wrong))
    named = [one["path"] for one in made["problems"] if one["fatal"]]
    assert sorted(named) == [
        "name",
        "offer.floor",
        "offer.reminder.days",
        "say.script",
        "when.hours.mon",
        "when.schedule",
        "when.starts_on",
        "whom.max_orders",
    ]
    assert all(one["message"] and one["repair"] for one in made["problems"])
    address = f"{DRAFTS}/{made['draft']['id']}"
    check = await program.read(f"{address}/check")
    assert check == {"ready": False, "problems": made["problems"]}
    assert sorted(await paths(await program.tell(f"{address}/send"))) == sorted(named)
    assert await shop.value("select count(*) from campaigns") == 0
    nobody = await begun(program)
    assert [one["code"] for one in (await program.read(f"{nobody}/check"))["problems"]] == ["empty_segment"]
    assert await paths(await program.tell(f"{nobody}/send")) == ["whom.people"]


async def test_a_name_that_is_taken_is_said_when_it_is_sent(holder: Holder, shop: Shop) -> None:
    program = await holder()
    await waiting(program, shop)
    assert await paths(await program.tell(f"{await begun(program)}/send")) == ["name"]


async def test_a_campaign_file_makes_the_same_draft(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    made = await told(await program.tell(DRAFTS, {"name": "Файл", "file": YAML, "budget": {"max_calls": 7}}))
    plan = made["plan"]
    assert made["draft"]["name"] == "Файл"
    assert (plan["whom"]["months"], plan["whom"]["categories"]) == (4, ["Кофе"])
    assert plan["when"]["hours"]["fri"] == ["16:00-19:00"] and plan["when"]["hours"]["sat"] == []
    assert [one["percent"] for one in plan["say"]["variants"]] == [None, 15]
    assert plan["budget"]["max_calls"] == 7, "parts go over the file"
    assert plan["offer"]["reminder"] == {"days": 2, "script": "quality"}
    file = read_campaign_text(YAML, dialplan="default").plan
    read = read_form(
        fields_of(file, DEFAULT_HOURS) | {"name": "lost"},
        scripts=["quality"],
        dialplans=["default"],
        dialplan="default",
    )
    assert not read.wrong
    assert {name: getattr(read.plan, name) for name in ("segment", "window", "variants", "offer", "control_share")} == {
        name: getattr(file, name) for name in ("segment", "window", "variants", "offer", "control_share")
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: [", "not YAML"),
        ("- a", "holds no keys"),
        ("segment: /etc/passwd", "a file cannot be named here"),
        ("a: &x [1]\nb: [*x]", "references"),
        ("x: " + "[" * 500 + "]" * 500, "nested deeper"),
        ("priority: many\nweight: 0", "whole number"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_by_its_lines(
    holder: Holder, shop: Shop, text: str, said: str
) -> None:
    program = await holder(Scope.CAMPAIGNS_EDIT)
    problems = (await told(await program.tell(DRAFTS, {"file": text}), 422))["problems"]
    assert said in problems[0]["message"]
    assert problems[0]["path"].startswith("file:")
    assert await shop.value("select count(*) from campaign_drafts") == 0


async def test_no_text_of_a_campaign_breaks_its_reader() -> None:
    for text in (
        "? [a]\n: b",
        "segment: {name: [], kind: {}}",
        "variants: {a: 1}",
        "offer: 3",
        "window: {hours: 5}",
        "é: \x85",
    ):
        try:
            read_campaign_text(text, dialplan="default")
        except BadInput as error:
            assert error.problems


async def test_only_the_telephone_of_somebody_at_the_desk_is_rung(holder: Holder, shop: Shop, api: Api) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    async with api.open_unit() as unit:
        for login, phone in (("anna", "+79160000099"), ("boris", "")):
            person = User(id=0, login=login, name=login, roles=frozenset({Role.MANAGER}), phone=phone, created_at=NOON)
            await unit.users.add(person, password_hash="x")
        await unit.commit()
    draft = await begun(program)
    for body in ({"user": "boris"}, {"user": "nobody"}, {"user": "+79161234567"}):
        assert await paths(await program.tell(f"{draft}/trial", body)) == ["user"]
    assert await paths(await program.tell(f"{draft}/trial", {"user": "anna", "variant": "B"})) == ["variant"]
    assert (await program.ask(f"{draft}/trial?user=anna")).status == 404
    asked = await told(await program.tell(f"{draft}/trial", {"user": "anna"}))
    assert (asked["stage"], asked["result"]) == ("waiting", None)
    assert (await program.tell(f"{draft}/trial", {"user": "anna"})).status == 409
    assert (await program.read(f"{draft}/trial?user=anna"))["stage"] == "waiting"
    assert await shop.rows("select requested_by, address, script from trial_calls") == [
        ("anna", "+79160000099", "quality")
    ]
    assert await shop.value("select actor from audit_log where action = 'trial_call.asked'") == "token 1 (CRM)"


async def test_of_a_running_campaign_only_what_may_change_changes(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    campaign = await shop.campaign([await shop.customer()], kind=CampaignKind.SERVICE)
    await shop.execute("update campaigns set script = 'quality', dialplan = 'default'")
    address = f"/api/v1/campaigns/{campaign.id}"
    reply = await program.ask(f"{address}/plan")
    found, seen = await told(reply), reply.headers["ETag"]
    assert found["freedom"] == "selection"
    assert {"when.schedule", "budget.max_calls", "whom.people"} <= set(found["may_change"])
    assert not {"say.script", "offer.percent", "control.share"} & set(found["may_change"])
    same = await program.send("PATCH", address, json=found["plan"], headers={"If-Match": seen})
    assert (same.status, same.headers["ETag"]) == (200, seen), "what is the same is no change"
    fixed = await program.send("PATCH", address, json={"say": {"kind": "service", "script": "winback"}, "budget": {}})
    assert await paths(fixed, 409) == ["say.script"]
    changed = await program.send("PATCH", address, json={"budget": {"max_calls": 9}}, headers={"If-Match": seen})
    assert (await told(changed))["plan"]["budget"]["max_calls"] == 9
    late = await program.send("PATCH", address, json={"budget": {}}, headers={"If-Match": seen})
    assert late.status == 412
    wrong = {"when": {"starts_on": "2026-12-31", "ends_on": "2026-12-01"}}
    assert "when.starts_on" in await paths(await program.send("PATCH", address, json=wrong))
    assert await shop.value("select max_calls from campaigns") == 9
    done = await shop.rows("select actor, details from audit_log where action = 'campaign.changed'")
    assert [tuple(one) for one in done] == [("token 1 (CRM)", {"fields": ["budget"]})]
    assert (await told(await program.tell(f"{address}/finish")))["status"] == "finished"
    over = await program.send("PATCH", address, json={"budget": {"max_calls": 10}})
    assert await paths(over, 409) == ["budget"]
    assert (await program.read(f"{address}/plan"))["may_change"] == []


async def test_while_people_wait_for_a_signature_only_times_and_budget_change(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    address = f"/api/v1/campaigns/{await advertising(shop)}"
    found = await program.read(f"{address}/plan")
    assert (found["freedom"], {one.split(".")[0] for one in found["may_change"]}) == ("times", {"when", "budget"})
    both = {"whom": {"people": "silent"}, "offer": {"percent": 20}, "budget": {"max_calls": 3}}
    fixed = await paths(await program.send("PATCH", address, json=both), 409)
    assert {"whom", "offer"} <= set(fixed) and "budget" not in fixed
    assert await shop.value("select max_calls from campaigns") is None


async def test_a_campaign_is_copied_into_a_draft(holder: Holder, shop: Shop) -> None:
    program = await holder()
    campaign = await waiting(program, shop)
    copied = await told(await program.tell(f"/api/v1/campaigns/{campaign}/copy"))
    found = await program.read(f"{DRAFTS}/{copied['draft']}")
    plan = (await program.read(f"/api/v1/campaigns/{campaign}/plan"))["plan"]
    assert (found["draft"]["name"], found["plan"]) == ("", plan)
    assert [one["path"] for one in found["problems"]] == ["name"]


async def advertising(shop: Shop, people: int = 3) -> int:
    """A campaign of advertising whose list waits."""
    campaign = await shop.campaign([await shop.customer() for _ in range(people)], name="Возврат")
    await shop.execute("update leads set state = 'unreleased', release_id = null")
    await shop.execute("delete from release_leads; delete from releases")
    await shop.execute("update campaigns set status = 'awaiting_release', released_by = '', released_at = null")
    return campaign.id


async def test_lists_that_wait_are_shown_whole_with_hash_and_counts(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ)
    campaign = await advertising(shop)
    (item,) = (await program.read("/api/v1/waiting-lists"))["items"]
    assert (item["campaign"], item["people"], item["kind"], len(item["hash"])) == (campaign, 3, "advertising", 64)
    address = f"/api/v1/waiting-lists/{campaign}"
    found = await program.read(address)
    assert (found["hash"], found["consented"], found["consents"][0]["source"]) == (item["hash"], 3, "till")
    assert "Это робот компании Пример" in " ".join(found["says"]["winback"])
    assert "no_label" in [one["code"] for one in found["problems"]]
    first = await program.read(f"{address}/people?limit=2")
    rest = await program.read(f"{address}/people?limit=2&cursor={first['next']}")
    people = [*first["items"], *rest["items"]]
    assert [one["external_id"] for one in people] == ["c1", "c2", "c3"]
    assert people[0]["phone"] == "+7916***0001" and rest["next"] is None
    personal = await holder(Scope.CAMPAIGNS_READ, Scope.PERSONAL_READ)
    assert (await personal.read(f"{address}/people"))["items"][0]["phone"] == "+79160000001"
    assert (await program.ask("/api/v1/waiting-lists/99")).status == 404


async def test_signed_lists_are_listed_newest_first(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ)
    made = [(await shop.campaign([await shop.customer()])).id for _ in range(3)]
    first = await program.read("/api/v1/releases?limit=2")
    assert [one["campaign"] for one in first["items"]] == made[:0:-1]
    assert (first["items"][0]["released_by"], first["items"][0]["people"]) == ("Анна Смирнова", 1)
    rest = await program.read(f"/api/v1/releases?limit=2&cursor={first['next']}")
    assert [one["campaign"] for one in rest["items"]] == made[:1]
    assert len((await program.read(f"/api/v1/releases?campaign={made[1]}"))["items"]) == 1


async def test_a_list_is_withdrawn_and_sent_again_by_token(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_EDIT)
    campaign = await waiting(program, shop)
    address = f"/api/v1/waiting-lists/{campaign}"
    seen = (await program.ask(address)).headers["ETag"]
    assert await paths(await program.tell(f"{address}/withdraw", {"reason": "  "})) != []
    body = {"reason": "не та скидка"}
    gone = await told(await program.tell(f"{address}/withdraw", body, headers={"If-Match": seen}))
    assert gone == {"campaign": campaign, "status": "draft", "people": 2}
    assert await shop.value("select count(*) from leads") == 0
    assert (await program.read(address))["refusals"][0]["by"] == "token 1 (CRM)"
    assert (await program.tell(f"{address}/withdraw", body, headers={"If-Match": seen})).status == 412
    assert (await program.tell(f"{address}/withdraw", body)).status == 409
    again = await told(await program.tell(f"/api/v1/campaigns/{campaign}/submit"))
    assert again["status"] == "draft"
    await gather_list(shop.open_unit, campaign, by="jobs", now=NOON)
    assert await shop.value("select count(*) from leads") == 2
    assert (await program.tell(f"/api/v1/campaigns/{campaign}/submit")).status == 409


async def test_nobody_is_taken_off_a_list_that_is_signed_in_part(holder: Holder, shop: Shop) -> None:
    program = await holder()
    campaign = await shop.campaign([await shop.customer()])
    reply = await program.tell(f"/api/v1/waiting-lists/{campaign.id}/withdraw", {"reason": "x"})
    assert reply.status == 409
    assert await shop.value("select state from leads") == "queued"


async def test_no_token_signs_a_list_whatever_it_sends(holder: Holder, shop: Shop) -> None:
    program = await holder()  # every scope there is
    campaign = await advertising(shop)
    held = (await program.read(f"/api/v1/waiting-lists/{campaign}"))["hash"]
    bodies = ({}, {"answer": "yes", "hash": held, "by": "Анна"}, {"reason": "x"}, {"budget": {"max_calls": 9}})
    for route in ROUTES:
        if route.method == "GET" or "{id}" not in route.path or route.name in ("withdrawList", "finishCampaign"):
            continue
        for body in bodies:
            await program.send(route.method, route.path.replace("{id}", str(campaign)), json=body)
    for path in ("campaigns/{}/release", "campaigns/{}/sign", "waiting-lists/{}/sign", "waiting-lists/{}/release"):
        assert (await program.tell(f"/api/v1/{path.format(campaign)}", {"hash": held, "answer": "yes"})).status == 404
    assert (await program.tell(f"/releases/{campaign}/sign", {"hash": held, "answer": "yes"})).status == 404
    assert await shop.value("select count(*) from releases") == 0
    assert {one.state for one in await shop.rows("select state from leads")} <= {"unreleased", "blocked"}
    assert await shop.value("select status from campaigns") == "awaiting_release"
    document = build_document(ROUTES)
    assert "no token signs" in document["paths"]["/api/v1/waiting-lists"]["get"]["description"]


async def test_figures_are_what_the_desk_draws(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ)
    campaign = await shop.campaign([await shop.customer() for _ in range(2)])
    await shop.claim()
    found = await program.read(f"/api/v1/campaigns/{campaign.id}/figures")
    assert (found["people"], found["funnels"][0]["released"], found["next_selection"]) == (2, 2, None)
    assert Decimal(found["spent"]["money"]) == 0
    assert (await program.read(f"/api/v1/campaigns/{campaign.id}/count"))["events"] is True
    assert isinstance((await program.read(f"/api/v1/campaigns/{campaign.id}/check"))["problems"], list)


def test_every_problem_and_every_field_has_its_words() -> None:
    assert set(SAID) == set(PROBLEMS)
    for message, repair in SAID.values():
        assert message and repair
    assert set(PATHS) == {name for names in FIELDS.values() for name in names}


def test_the_files_of_the_repository_can_be_sent() -> None:
    for file in Path("campaigns").glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace(
            "segment: ../scripts/segments/silent.yaml", "segment: {name: silent, kind: silent}"
        )
        assert not read_campaign_text(text, dialplan="default").problems, file
