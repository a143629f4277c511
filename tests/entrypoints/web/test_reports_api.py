"""Reports by programs: cohorts, NPS, files, the page to print, who gets it by e-mail."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from tests.adapters.store.test_reports import Book, Clock, fill
from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.web.conftest import Holder, Program
from voicebot.application.refresh_reports import refresh_reports
from voicebot.domain.api_token import Scope
from voicebot.entrypoints.web.api.keys import Api

REPORTS = "/api/v1/reports"
AUTUMN = "since=2026-10-01&until=2026-11-24"
LETTER: dict[str, Any] = {"email": "boss@example.ru", "cron": "0 9 * * 1"}


async def rows(program: Program, path: str, delimiter: str = ";") -> list[dict[str, str]]:
    reply = await program.ask(f"{REPORTS}/{path}")
    assert (reply.status, reply.content_type) == (200, "text/csv"), await reply.text()
    content = (await reply.read()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter))


async def test_the_files_hold_the_figures_of_the_measures(holder: Holder, shop: Shop) -> None:
    await fill(shop)
    program = await holder(Scope.REPORTS_READ)
    told = await program.read(f"{REPORTS}/measures?{AUTUMN}&by=class")
    lines = await rows(program, f"measures.csv?{AUTUMN}&by=class&language=en", delimiter=",")
    assert len(lines) == len(told["lines"]) + 1
    assert int(lines[-1]["People dialled"]) == told["total"]["counts"]["people_dialled"] == 4
    reply = await program.ask(f"{REPORTS}/measures.xlsx?{AUTUMN}&by=day")
    assert "report-day-2026-10-01-2026-11-24.xlsx" in reply.headers["Content-Disposition"]
    assert len(load_workbook(io.BytesIO(await reply.read())).sheetnames) == 3
    assert (await program.ask(f"{REPORTS}/measures.csv?since=2026-11-25")).status == 422
    assert (await program.ask(f"{REPORTS}/measures.csv?language=de")).status == 422


async def test_measures_of_a_script_are_told_by_version(holder: Holder, shop: Shop) -> None:
    await fill(shop)
    await shop.execute("update calls set script_version = 2 where id = (select max(id) from calls)")
    found = await (await holder(Scope.REPORTS_READ)).read(f"{REPORTS}/measures?{AUTUMN}&by=script")
    assert {("winback", ""), ("winback", "2")} <= {(one["name"], one["detail"]) for one in found["lines"]}


async def test_cohorts_tell_repeat_rate_and_ltv(holder: Holder, shop: Shop, api: Api) -> None:
    await fill(shop)
    await shop.customer(spent=1200)
    await refresh_reports(api.open_unit, Clock(), ZoneInfo("Europe/Moscow"))
    program = await holder(Scope.REPORTS_READ)
    found = await program.read(f"{REPORTS}/cohorts")
    assert found["fresh_at"] is not None and found["buyers"] == sum(one["buyers"] for one in found["cohorts"]) > 0
    newest = found["cohorts"][0]
    assert len(newest["values"]) == len(newest["repeat_rates"])
    assert date.fromisoformat(newest["month"]).day == 1
    lines = await rows(program, "cohorts.csv")
    assert len(lines) == sum(len(one["values"]) for one in found["cohorts"])
    assert load_workbook(io.BytesIO(await (await program.ask(f"{REPORTS}/cohorts.xlsx")).read())).sheetnames


async def test_nps_comes_with_what_people_said_to_those_who_may_read_it(holder: Holder, shop: Shop) -> None:
    _, leads = await fill(shop)
    book = Book(shop)
    calls = [await book.call(leads[1], NOON - timedelta(days=at), attempt=20 + at, nps=at * 2) for at in range(1, 6)]
    await shop.execute('update calls set answers = \'{"reason": "долго везли"}\' where nps is not null')
    program = await holder(Scope.REPORTS_READ, Scope.TRANSCRIPTS_READ)
    found = await program.read(f"{REPORTS}/nps?{AUTUMN}")
    told = {one["call_id"]: one["score"] for one in found["items"]}
    assert {call: told[call] for call in calls} == dict(zip(calls, (2, 4, 6, 8, 10), strict=True))
    assert found["scores"] == sum(found["given"].values()) == len(told)
    assert "долго везли" in found["items"][0]["words"]
    paged: list[int] = []
    cursor = ""
    while cursor is not None:
        page = await program.read(f"{REPORTS}/nps?{AUTUMN}&limit=2" + (f"&cursor={cursor}" if cursor else ""))
        paged += [one["call_id"] for one in page["items"]]
        cursor = page["next"]
    assert paged == [one["call_id"] for one in found["items"]]
    low = await program.read(f"{REPORTS}/nps?{AUTUMN}&detractors=true")
    assert {one["score"] for one in low["items"]} <= {0, 1, 2, 3, 4, 5, 6}
    deaf = await (await holder(Scope.REPORTS_READ)).read(f"{REPORTS}/nps?{AUTUMN}")
    assert {one["words"] for one in deaf["items"]} == {None}


async def test_the_page_to_print_is_whole_and_runs_nothing(holder: Holder, shop: Shop) -> None:
    campaign, _ = await fill(shop)
    await shop.execute("update campaigns set name = '<script>alert(1)</script>'")
    program = await holder(Scope.REPORTS_READ)
    reply = await program.ask(f"{REPORTS}/summary?{AUTUMN}&campaign={campaign}")
    text = await reply.text()
    assert (reply.content_type, reply.headers["Content-Disposition"][:10]) == ("text/html", "attachment")
    assert "<script" not in text and "&lt;script&gt;" in text and "Отписаться" not in text
    assert "summary" in await (await program.ask(f"{REPORTS}/summary?language=en")).text()
    assert (await program.ask(f"{REPORTS}/summary?campaign=999")).status == 404


async def test_letters_are_scheduled_listed_sent_and_stopped(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.REPORTS_READ, Scope.REPORTS_WRITE)
    made = await program.tell(f"{REPORTS}/letters", LETTER, key="k-1")
    again = await program.tell(f"{REPORTS}/letters", LETTER, key="k-1")
    assert await made.json() == await again.json()
    one = f"{REPORTS}/letters/{(await made.json())['id']}"
    (listed,) = (await program.read(f"{REPORTS}/letters"))["items"]
    assert (listed["email"], listed["span"], listed["last"]) == (None, "week", None)
    assert listed["next_at"] == "2026-11-30T06:00:00+00:00"
    whole = await holder(Scope.REPORTS_READ, Scope.PERSONAL_READ)
    assert (await whole.read(f"{REPORTS}/letters"))["items"][0]["email"] == "boss@example.ru"
    assert (await program.tell(f"{one}/send")).status == 200
    assert (await program.read(one))["last"]["state"] == "queued"
    seen = (await program.ask(one)).headers["ETag"]
    assert (await program.send("DELETE", one, headers={"If-Match": '"00000000000000000000"'})).status == 412
    assert (await program.send("DELETE", one, headers={"If-Match": seen})).status == 200
    assert (await program.send("DELETE", one)).status == 404
    assert (await program.read(f"{REPORTS}/letters"))["items"] == []
    actions = await shop.rows("select actor, action from audit_log where action like 'report.%' order by id")
    assert actions == [
        ("token 1 (CRM)", action) for action in ("report.subscribed", "report.sent_now", "report.unsubscribed")
    ]


async def test_a_letter_to_nobody_at_no_time_is_refused_with_everything_at_once(holder: Holder) -> None:
    program = await holder(Scope.REPORTS_READ, Scope.REPORTS_WRITE)
    wrong = await program.tell(f"{REPORTS}/letters", {"email": "nobody", "cron": "* * * * *"})
    assert (wrong.status, {one["path"] for one in (await wrong.json())["problems"]}) == (422, {"email", "cron"})
    foreign = await program.tell(f"{REPORTS}/letters", {**LETTER, "campaign": 999})
    assert (foreign.status, (await foreign.json())["problems"][0]["path"]) == (422, "campaign")
    reader = await holder(Scope.REPORTS_READ)
    assert (await reader.tell(f"{REPORTS}/letters", LETTER)).status == 403
