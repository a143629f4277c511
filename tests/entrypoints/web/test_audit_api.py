"""What auditors' programs read: the log, its chain, acts of erasure, retention; and what goes on today."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.web.conftest import Holder, Program, escalated
from voicebot.adapters.call_files import DiskCallFiles
from voicebot.application.desk.erase_customer import ErasureRequest, erase_customer
from voicebot.domain.api_token import Scope
from voicebot.domain.erasure import ErasureGround
from voicebot.entrypoints.web.api.keys import Api

LOG = "/api/v1/audit"


async def record(api: Api, count: int, **entry: str) -> None:
    """So many entries, a minute apart."""
    async with api.open_unit() as unit:
        for number in range(count):
            told = {"actor": "Анна", "action": "campaign.pause", "subject": "campaign:7"} | entry
            await unit.audit.record(at=NOON + timedelta(minutes=number), **told, details={"n": number})
        await unit.commit()


async def followed(program: Program, **asked: Any) -> list[Any]:
    """Every part of a check."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        parameters = asked | ({"cursor": cursor} if cursor else {})
        found.append(await program.read(f"{LOG}/check", params=parameters))
        cursor = found[-1]["next"]
    return found


async def meddle(shop: Shop, statement: str) -> None:
    await shop.execute("alter table audit_log disable trigger user")
    await shop.execute(statement)
    await shop.execute("alter table audit_log enable trigger user")


async def test_the_log_is_read_by_pages_and_narrowed(holder: Holder, api: Api) -> None:
    program = await holder(Scope.AUDIT_READ)
    await record(api, 5)
    await record(api, 1, actor="Борис", action="customer.stopped", subject="customer:7")
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await program.read(LOG, params={"limit": "2"} | ({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next"]
    assert found == sorted(found, key=lambda one: (one["at"], one["id"]), reverse=True)
    assert len({one["id"] for one in found}) == 8  # and the making of the token, and the reading
    newest = next(one for one in found if one["details"] == {"n": 4})
    assert (newest["actor"], newest["subject"], len(newest["hash"])) == ("Анна", "campaign:7", 64)
    for asked, count in (
        ({"actor": "Борис"}, 1),
        ({"action": "campaign.pause"}, 5),
        ({"subject": "customer:7"}, 1),
        ({"subject": "customer:8"}, 0),
        ({"actor": "Никто"}, 0),
        ({"actor": "Анна", "since": (NOON + timedelta(minutes=3)).isoformat()}, 2),
        ({"actor": "Анна", "until": (NOON + timedelta(minutes=3)).isoformat()}, 3),
    ):
        assert len((await program.read(LOG, params=asked))["items"]) == count, asked


async def test_that_a_program_reads_the_log_is_written_into_it_once_an_hour(
    holder: Holder, shop: Shop, clock: MovingClock
) -> None:
    program = await holder(Scope.AUDIT_READ)
    for _ in range(3):
        await program.read(LOG)
    readings = "select actor from audit_log where action = 'audit.read'"
    assert await shop.rows(readings) == [("token 1 (CRM)",)]
    clock.time += timedelta(hours=1, seconds=1)
    await program.read(LOG)
    assert len(await shop.rows(readings)) == 2


async def test_the_chain_is_followed_part_by_part_and_its_head_proves_it_later(holder: Holder, api: Api) -> None:
    program = await holder(Scope.AUDIT_READ)
    await record(api, 25)
    parts = await followed(program, limit=10)
    assert [one["holds"] for one in parts] == [10, 20, 26]
    assert {(one["total"], one["broken"]) for one in parts} == {(26, None)}
    head = parts[1]["head"]  # was the end once
    assert (await followed(program, limit=10, head=head))[-1]["broken"] is None
    (*_, last) = await followed(program, limit=10, head="0" * 64)
    assert (last["broken"]["flaw"], last["broken"]["expected"]) == ("head", "0" * 64)
    for wrong in ({"head": "x"}, {"cursor": "eA"}, {"limit": "100001"}):
        assert (await program.ask(f"{LOG}/check", params=wrong)).status == 422, wrong


async def test_a_changed_or_missing_entry_is_found_out(holder: Holder, api: Api, shop: Shop) -> None:
    program = await holder(Scope.AUDIT_READ)
    await record(api, 25)
    first = await program.read(f"{LOG}/check", params={"limit": "20"})
    await meddle(shop, "update audit_log set actor = 'Никто' where id = 12")
    (*_, last) = await followed(program, limit=10)
    assert (last["broken"]["flaw"], last["broken"]["entry"], last["holds"]) == ("content", 12, 11)
    await meddle(shop, "delete from audit_log where id > 15")
    cut = await program.read(f"{LOG}/check", params={"cursor": first["next"]})
    assert (cut["broken"]["flaw"], cut["next"]) == ("gap", None)


async def test_acts_of_erasure_tell_nothing_of_the_person(holder: Holder, api: Api, shop: Shop, tmp_path: Path) -> None:
    people = [await shop.customer() for _ in range(3)]
    files = DiskCallFiles(tmp_path / "recordings", tmp_path / "peaks")
    for person in people:
        wanted = ErasureRequest(
            customer_id=person,
            ground=ErasureGround.WITHDRAWAL,
            requested=NOON.date(),
            confirmed=str(await shop.value(f"select external_id from customers where id = {person}")),
            by="Анна",
        )
        await erase_customer(api.open_unit, files, wanted, NOON)
    program = await holder(Scope.AUDIT_READ)
    page = await program.read("/api/v1/erasures?limit=2")
    assert [one["customer_id"] for one in page["items"]] == people[:0:-1]
    rest = await program.read(f"/api/v1/erasures?limit=2&cursor={page['next']}")
    assert ([one["customer_id"] for one in rest["items"]], rest["next"]) == (people[:1], None)
    act = (await program.read(f"/api/v1/erasures/{page['items'][0]['id']}"))["act"]
    assert (act["ground"], act["due"], act["in_time"], act["complete"]) == ("withdrawal", "2026-12-24", True, True)
    whole = await (await program.ask(f"/api/v1/erasures/{act['id']}")).text()
    assert "customer.erased" in whole and "Иван" not in whole and "7916" not in whole
    assert (await program.ask("/api/v1/erasures/999")).status == 404


async def test_retention_tells_its_terms_and_what_was_cleared(holder: Holder, api: Api) -> None:
    program = await holder(Scope.AUDIT_READ)
    await record(api, 1, action="retention.applied", actor="retention", subject="")
    found = await program.read("/api/v1/retention")
    assert (found["recording_days"], found["transcript_days"], found["kept_by_tags"][0]) == (365, 1095, "спор")
    assert [one["actor"] for one in found["runs"]] == ["retention"]


async def test_today_tells_figures_to_all_and_calls_and_words_to_those_who_may(holder: Holder, shop: Shop) -> None:
    await escalated(shop)
    await shop.campaign([await shop.customer()])
    live = (await shop.claim()).call.id
    await shop.execute(
        "insert into turns (call_id, position, speaker, state, text, started_at, ended_at)"
        f" values ({live}, 0, 'customer', 'offer', 'да, интересно', 1, 2)"
    )
    await shop.execute(f"update calls set answered_at = dialled_at where id = {live}")
    found = await (await holder(Scope.REPORTS_READ)).read("/api/v1/today")
    assert (found["funnel"]["answered"], found["escalations"]["urgent"], found["live"]) == (2, 1, None)
    watching = await (await holder(Scope.REPORTS_READ, Scope.CALLS_READ)).read("/api/v1/today")
    (call,) = watching["live"]
    assert (call["call_id"], call["state"], call["last_words"]) == (live, "offer", None)
    assert call["phone"].startswith("+7916***")
    reading = await (await holder(Scope.REPORTS_READ, Scope.CALLS_READ, Scope.TRANSCRIPTS_READ)).read("/api/v1/today")
    assert reading["live"][0]["last_words"] == "да, интересно"


async def test_what_is_wrong_is_told_as_the_desk_tells_it(holder: Holder, shop: Shop) -> None:
    await shop.execute("insert into trunks values ('carrier', now(), '2026-11-24T12:00:00Z')")
    (alarm,) = (await (await holder(Scope.REPORTS_READ)).read("/api/v1/today"))["alarms"]
    assert (alarm["kind"], alarm["subject"], alarm["until"]) == ("trunk", "carrier", "2026-11-24T12:00:00+00:00")
