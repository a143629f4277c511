"""What programs read and change over the API."""

import wave
from pathlib import Path
from typing import Any

import pytest

from tests.application.campaigns.shop import Shop
from tests.entrypoints.web.conftest import Holder, Program, escalated
from voicebot.domain.api_token import Scope
from voicebot.entrypoints.web.api.keys import Api


async def everything(program: Program, path: str) -> list[Any]:
    """All items of a list, page by page."""
    found, cursor = [], ""
    while True:
        page = await program.read(f"{path}{'&' if '?' in path else '?'}limit=2{cursor}")
        assert len(page["items"]) <= 2
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def test_campaigns_are_listed_by_pages_and_by_status(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    made = [(await shop.campaign([await shop.customer()], name=f"кампания {one}")).id for one in range(5)]
    assert [one["id"] for one in await everything(program, "/api/v1/campaigns")] == made[::-1]
    assert (await program.tell(f"/api/v1/campaigns/{made[2]}/pause")).status == 200
    assert [one["id"] for one in await everything(program, "/api/v1/campaigns?status=paused")] == [made[2]]


async def test_a_campaign_tells_how_far_it_has_come_and_what_it_was_worth(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ)
    campaign = await shop.campaign([await shop.customer() for _ in range(3)], name="Возврат")
    found = await program.read(f"/api/v1/campaigns/{campaign.id}")
    assert (found["campaign"]["name"], found["campaign"]["released_by"]) == ("Возврат", "Анна Смирнова")
    assert (found["people"], found["by_state"]) == (3, {"queued": 3})
    results = await program.read(f"/api/v1/campaigns/{campaign.id}/results?days=10")
    assert (results["campaign"], results["days"], results["called"]["waiting"]) == ("Возврат", 10, 3)


async def test_a_campaign_is_paused_and_started_but_never_released(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    campaign = await shop.campaign([await shop.customer()])
    address = f"/api/v1/campaigns/{campaign.id}"
    for change, status in (("pause", "paused"), ("start", "running")):
        reply = await program.tell(f"{address}/{change}")
        assert await reply.json() == {"id": campaign.id, "status": status}
    again = await program.tell(f"{address}/start")
    assert (again.status, (await again.json())["problems"][0]["message"]) == (
        409,
        "campaign: 'resume' is not allowed in state 'running'",
    )
    await shop.execute(f"update campaigns set status = 'awaiting_release' where id = {campaign.id}")
    assert (await program.tell(f"{address}/start")).status == 409
    assert (await program.tell(f"{address}/release")).status == 404
    actors = await shop.rows(
        "select distinct actor from audit_log where action in ('campaign.pause','campaign.resume')"
    )
    assert [row.actor for row in actors] == ["token 1 (CRM)"]


async def test_a_change_to_another_state_than_the_one_seen_is_refused(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    address = f"/api/v1/campaigns/{(await shop.campaign([await shop.customer()])).id}"
    seen = (await program.ask(address)).headers["ETag"]
    assert (await program.tell(f"{address}/pause", headers={"If-Match": seen})).status == 200
    late = await program.tell(f"{address}/start", headers={"If-Match": seen})
    assert late.status == 412
    assert (await program.tell(f"{address}/start", headers={"If-Match": late.headers["ETag"]})).status == 200
    assert (await program.tell(f"{address}/pause", headers={"If-Match": "*"})).status == 200


async def test_people_of_a_list_come_by_pages_also_those_in_one_state(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CAMPAIGNS_READ)
    people = [await shop.customer() for _ in range(5)]
    campaign = await shop.campaign(people)
    leads = f"/api/v1/campaigns/{campaign.id}/leads"
    await shop.execute("update leads set state = 'done' where customer_id % 2 = 0")
    assert [one["customer_id"] for one in await everything(program, leads)] == people
    done = await everything(program, f"{leads}?state=done")
    assert [one["customer_id"] for one in done] == [one for one in people if one % 2 == 0]
    assert {one["name"] for one in done} == {"Иван"}


async def test_calls_are_found_by_what_was_said_and_by_filters(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.CALLS_READ, Scope.TRANSCRIPTS_READ)
    calls = [(await escalated(shop))[0] for _ in range(3)]
    assert [one["id"] for one in await everything(program, "/api/v1/calls")] == calls[::-1]
    found = await everything(program, "/api/v1/calls?q=скидки&everybody=true&tag=vip")
    assert [one["id"] for one in found] == calls[::-1]
    assert await everything(program, "/api/v1/calls?q=самовар") == []
    assert await everything(program, "/api/v1/calls?q=скидка") == []  # the bot's word
    assert (await program.ask("/api/v1/calls?q=и+не")).status == 422
    assert await everything(program, "/api/v1/calls?group=interested") == []
    assert await everything(program, "/api/v1/calls?since=2026-11-25T00:00:00%2B03:00") == []
    (one, *_) = await everything(program, "/api/v1/calls?length=minute")
    assert (one["excerpt"], one["phone"], one["disposition"]) == ("да", "+7916***0005", "complaint")


async def test_a_call_tells_what_was_said_only_to_those_who_may_read_it(holder: Holder, shop: Shop) -> None:
    call, _ = await escalated(shop)
    found = await (await holder(Scope.CALLS_READ, Scope.TRANSCRIPTS_READ)).read(f"/api/v1/calls/{call}")
    assert [one["text"] for one in found["transcript"]] == ["Здравствуйте", "да", "Скидка"]
    assert (found["external_id"], found["trunk"], found["escalations"][0]["kind"]) == ("c1", "", "manager")
    deaf = await holder(Scope.CALLS_READ)
    assert (await deaf.read(f"/api/v1/calls/{call}"))["transcript"] is None
    assert (await deaf.read("/api/v1/calls"))["items"][0]["excerpt"] is None
    asked = await deaf.ask("/api/v1/calls?q=да")
    assert (asked.status, (await asked.json())["problems"][0]["path"]) == (403, "q")


async def test_every_download_of_a_recording_is_written_down(holder: Holder, shop: Shop, api: Api) -> None:
    call, _ = await escalated(shop)
    program = await holder(Scope.RECORDINGS_READ)
    address = f"/api/v1/calls/{call}/recording"
    assert (await program.ask(address)).status == 404
    assert await shop.value("select count(*) from audit_log where action = 'recording.heard'") == 0
    api.settings.recordings.mkdir()
    with wave.open(str(api.settings.recordings / "call.wav"), "wb") as sound:
        sound.setparams((2, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\1\0\2\0" * 800)
    reply = await program.ask(address)
    assert (reply.status, reply.content_type, len(await reply.read())) == (200, "audio/wav", 3244)
    part = await program.ask(address, headers={"Range": "bytes=0-3"})
    assert (part.status, await part.read()) == (206, b"RIFF")
    entries = await shop.rows("select actor, subject from audit_log where action = 'recording.heard'")
    assert entries == [("token 1 (CRM)", f"call:{call}")] * 2


@pytest.mark.parametrize("stored", ["../secret.wav", "/etc/passwd", "..", "a/../../secret.wav"])
async def test_no_recording_leads_out_of_its_folder(holder: Holder, shop: Shop, api: Api, stored: str) -> None:
    call, _ = await escalated(shop)
    api.settings.recordings.mkdir()
    (Path(api.settings.recordings).parent / "secret.wav").write_bytes(b"RIFF")
    await shop.execute(f"update calls set recording = '{stored}'")
    program = await holder(Scope.RECORDINGS_READ)
    assert (await program.ask(f"/api/v1/calls/{call}/recording")).status == 404


async def test_a_customer_is_found_by_external_id_telephone_e_mail_and_name(holder: Holder, shop: Shop) -> None:
    await shop.customer()
    customer = await shop.customer()
    await shop.execute(f"update customers set email = 'Ivan@example.ru', last_name = 'Сомов' where id = {customer}")
    program = await holder(Scope.CUSTOMERS_READ, Scope.PERSONAL_READ)
    for body in (
        {"external_id": "c2"},
        {"phone": "8 (916) 000-00-02"},
        {"email": "ivan@EXAMPLE.ru"},
        {"name": "сом ив"},
    ):
        reply = await program.tell("/api/v1/customers/find", body)
        assert [one["id"] for one in (await reply.json())["items"]] == [customer], body
    assert [one["id"] for one in await everything(program, "/api/v1/customers?external_id=c2")] == [customer]
    assert [one["external_id"] for one in await everything(program, "/api/v1/customers")] == ["c2", "c1"]
    for body in ({}, {"phone": "1"}, {"phone": "89160000002", "email": "a@b.ru"}, {"name": "  "}):
        assert (await program.tell("/api/v1/customers/find", body)).status == 422, body


async def test_who_a_customer_is_stays_masked_without_the_scope(holder: Holder, shop: Shop) -> None:
    call, entry = await escalated(shop)
    await shop.execute("update customers set email = 'ivan@example.ru', last_name = 'Сомов'")
    customer = await shop.value("select id from customers")
    masked = await holder(*(one for one in Scope if one not in (Scope.PERSONAL_READ, Scope.CUSTOMERS_EXPORT)))
    told = ""
    for path in (
        "customers",
        f"customers/{customer}",
        f"customers/{customer}/why",
        "calls",
        f"calls/{call}",
        "escalations",
        f"escalations/{entry}",
        f"campaigns/{await shop.value('select id from campaigns')}/leads",
    ):
        told += await (await masked.ask(f"/api/v1/{path}")).text()
    assert "+7916***0001" in told
    assert not [one for one in ("+79160000001", "Сомов", "ivan@", "Петрович") if one in told]
    found = await masked.tell("/api/v1/customers/find", {"name": "сомов"})
    assert found.status == 403
    whole = await (await holder()).read(f"/api/v1/customers/{customer}")
    assert (whole["name"], whole["phones"][0]["phone"], whole["email"]) == (
        "Сомов Иван Петрович",
        "+79160000001",
        "ivan@example.ru",
    )
    viewed = await shop.rows("select actor from audit_log where action = 'customer.viewed'")
    assert len(viewed) == 2


async def test_a_stop_by_a_program_blocks_and_is_explained(holder: Holder, shop: Shop) -> None:
    customer = await shop.customer()
    await shop.campaign([customer])
    program = await holder(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE)
    reply = await program.tell(f"/api/v1/customers/{customer}/stop")  # without a body: they asked for it
    assert await reply.json() == {"id": customer, "stopped": True}
    assert await shop.value("select state from leads") == "blocked"
    why = await program.read(f"/api/v1/customers/{customer}/why")
    assert [one["source"] for one in why["stop_list"]] == ["desk:asked"] * 2  # the person and the number
    assert (await program.read("/api/v1/customers"))["items"][0]["stopped"] is True


async def test_a_person_s_data_is_handed_out_only_with_both_scopes(holder: Holder, shop: Shop) -> None:
    customer = await shop.customer()
    address = f"/api/v1/customers/{customer}/export"
    for scopes in ((Scope.CUSTOMERS_EXPORT,), (Scope.PERSONAL_READ, Scope.CUSTOMERS_READ)):
        assert (await (await holder(*scopes)).ask(address)).status == 403
    found = await (await holder(Scope.CUSTOMERS_EXPORT, Scope.PERSONAL_READ)).read(address)
    assert found["data"]["customer"]["external_id"] == "c1"
    assert await shop.value("select count(*) from audit_log where action = 'customer.exported'") == 1


async def test_an_escalation_is_taken_noted_and_resolved_by_a_program(holder: Holder, shop: Shop) -> None:
    _, entry = await escalated(shop)
    first, second = await holder(), await holder()
    address = f"/api/v1/escalations/{entry}"
    assert (await first.tell(f"{address}/resolve", {"resolution": "promised"})).status == 409
    taken = await first.tell(f"{address}/take")
    assert (taken.status, (await taken.json())["taken_by"]) == (200, "token:1")
    late = await second.tell(f"{address}/take", {"relieve": True})
    assert (late.status, (await late.json())["problems"][0]["message"]) == (409, "somebody else holds it")
    assert (await second.tell(f"{address}/notes", {"text": "перезвонить"})).status == 200
    assert (await second.tell(f"{address}/notes", {"text": "  "})).status == 422
    seen = taken.headers["ETag"]
    done = await first.tell(
        f"{address}/resolve", {"resolution": "promised", "result": "вернём"}, headers={"If-Match": seen}
    )
    assert (done.status, (await done.json())["resolution"]) == (200, "promised")
    found = await first.read(address)
    assert [one["text"] for one in found["notes"]] == ["перезвонить"]
    assert found["escalation"]["resolved_by"] == "token 1 (CRM)"
    assert (await first.read("/api/v1/escalations"))["items"] == []
    assert [one["id"] for one in await everything(first, "/api/v1/escalations?state=resolved")] == [entry]
    assert (await first.tell(f"{address}/give-back")).status == 409


async def test_the_queue_goes_on_behind_its_cursor(holder: Holder, shop: Shop) -> None:
    entries = [(await escalated(shop, reason=str(one)))[1] for one in range(5)]
    await shop.execute(f"update escalations set urgent = false where id = {entries[0]}")
    program = await holder(Scope.ESCALATIONS_READ)
    assert [one["id"] for one in await everything(program, "/api/v1/escalations")] == [*entries[1:], entries[0]]
    assert [one["id"] for one in await everything(program, "/api/v1/escalations?kind=review")] == []


async def test_measures_are_told_by_line_and_in_all(holder: Holder, shop: Shop) -> None:
    await escalated(shop)
    await shop.campaign([await shop.customer()])
    program = await holder(Scope.REPORTS_READ)
    found = await program.read("/api/v1/reports/measures?since=2026-11-01&until=2026-11-24")
    assert (found["by"], found["total"]["counts"]["talks"], found["total"]["measures"]["negative_share"]) == (
        "campaign",
        1,
        1.0,
    )
    assert [one["name"] for one in found["lines"]] == ["campaign 2"]
    by_day = await program.read("/api/v1/reports/measures?by=day&value_class=A")
    assert (by_day["lines"], by_day["since"], by_day["until"]) == ([], "2026-10-26", "2026-11-24")
    for wrong in ("since=2026-11-25", "since=2020-01-01", "since=2026-02-30", "by=hour", "since=2026-1-1"):
        assert (await program.ask(f"/api/v1/reports/measures?{wrong}")).status == 422, wrong


async def test_scripts_and_dialplans_are_read_as_they_are_in_force(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.SCRIPTS_READ)
    listed = {(one["kind"], one["name"], one["version"]) for one in (await program.read("/api/v1/documents"))["items"]}
    assert {("script", "winback", 0), ("dialplan", "default", 0)} <= listed
    assert {one["kind"] for one in (await program.read("/api/v1/documents?kind=phrases"))["items"]} == {"phrases"}
    for number in (1, 2, 3):
        await shop.execute(
            "insert into document_versions (kind, name, version, text, author, at)"
            f" values ('script', 'winback', {number}, 'text {number}', 'Анна', now())"
        )
    address = "/api/v1/documents/script/winback"
    assert (await program.read(address))["text"] == "text 3"
    assert (await program.read(f"{address}?version=2"))["text"] == "text 2"
    assert (await program.read(f"{address}?version=0"))["text"].startswith("#")
    assert [one["version"] for one in await everything(program, f"{address}/versions")] == [3, 2, 1]
    for missing in ("script/nothing", "dialplan/..", "script/winback?version=9", "script/.%2e%2fREADME"):
        assert (await program.ask(f"/api/v1/documents/{missing}")).status in (404, 422), missing
