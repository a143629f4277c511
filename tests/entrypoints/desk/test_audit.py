"""The audit log at the desk: who did what, and the proof that it stands."""

import csv
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.conftest import NOON
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.desk.audit import Check, check_chain, export_entries
from voicebot.application.desk.tags import add_tag
from voicebot.application.ports.audit_pages import AuditQuery
from voicebot.domain.audit import Flaw
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]
NewUser = Callable[..., Awaitable[User]]


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def record(desk: Desk, count: int, **entry: str) -> None:
    """So many entries, a minute apart."""
    async with desk.open_unit() as unit:
        for number in range(count):
            at = NOON + timedelta(minutes=number)
            told = {"actor": "Анна", "action": "campaign.pause"} | entry
            await unit.audit.record(at=at, **told, details={"n": number})
        await unit.commit()


def shown(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'<td class="number" title="[0-9a-f]{64}">(\d+)</td>', page)]


async def followed(desk: Desk, *, last: int | None = None, head: str = "") -> list[Check]:
    return [state async for state in check_chain(desk.open_unit, last=last, head=head, batch=10)]


async def test_the_log_is_narrowed_by_each_filter_and_links_to_what_one_may_see(sign_in: SignIn, desk: Desk) -> None:
    await record(desk, 1, subject="customer:7", action="customer.stopped", actor="Борис")
    await record(desk, 1, subject="call:5")
    auditor = await sign_in(Role.AUDITOR)
    whole = await auditor.text("/audit")
    assert "внёс в стоп-лист" in whole
    assert '<a href="/calls/5">call:5</a>' in whole
    assert "customer:7" in whole
    assert 'href="/customers/7"' not in whole  # an auditor has no business there
    for asked in ("actor=Борис", "action=customer.stopped", "subject=customer:7", "actor=Борис&from=2026-11-24"):
        assert shown(await auditor.text(f"/audit?{asked}")) == [1], asked
    for asked in ("actor=Борис&to=2026-11-23", "from=2026-11-25", "subject=customer:8"):
        page = await auditor.text(f"/audit?{asked}")
        assert "Таких записей нет" in page, asked


async def test_pages_lead_through_every_entry_once(sign_in: SignIn, desk: Desk) -> None:
    await record(desk, 120)
    visitor, seen = await sign_in(Role.AUDITOR), list[int]()
    address = "/audit?action=campaign.pause"
    while address:
        page = await visitor.text(address)
        seen += shown(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(range(120, 0, -1))


async def test_the_file_holds_what_was_asked_for_and_runs_nothing_in_a_spreadsheet(
    sign_in: SignIn, desk: Desk, shop: Shop
) -> None:
    await record(desk, 2, actor="=cmd|' /C calc'!A0")
    await record(desk, 1)
    visitor = await sign_in(Role.AUDITOR)
    reply = await visitor.get("/audit.csv?action=campaign.pause&to=2026-11-24")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    text = await reply.text(encoding="utf-8-sig")
    header, *rows = csv.reader(text.splitlines())
    assert header[:5] == ["entry", "at", "actor", "action", "subject"]
    assert [(row[0], row[2][:5]) for row in rows] == [("2", "'=cmd"), ("3", "Анна"), ("1", "'=cmd")]
    last = (await shop.rows("select actor, action, details from audit_log order by id desc limit 1"))[0]
    assert last[:2] == ("Имя auditor", "audit.exported")
    assert last[2]["action"] == "campaign.pause"


async def test_the_file_is_written_in_batches(desk: Desk, new_user: NewUser) -> None:
    await record(desk, 30)
    anna, wanted = await new_user("anna", Role.AUDITOR), AuditQuery(action="campaign.pause")
    batches = [one async for one in export_entries(desk.open_unit, wanted, by=anna, now=NOON, batch=7)]
    assert [len(one) for one in batches] == [7, 7, 7, 7, 2]
    assert [one.id for batch in batches for one in batch] == list(range(30, 0, -1))


async def test_a_check_tells_how_far_it_is_and_what_it_found(desk: Desk) -> None:
    await record(desk, 35)
    states = await followed(desk)
    assert [one.done for one in states] == [0, 10, 20, 30, 35]
    assert (states[-1].over, states[-1].broken, states[-1].whole, len(states[-1].head)) == (True, None, True, 64)
    part = (await followed(desk, last=5))[-1]
    assert (part.first, part.done, part.total, part.broken) == (31, 5, 5, None)
    assert (await followed(desk, head=states[-1].head))[-1].broken is None
    unknown = (await followed(desk, head="a" * 64))[-1].broken
    assert unknown is not None
    assert unknown.flaw is Flaw.HEAD


@pytest.mark.parametrize(
    ("change", "flaw", "number"),
    [
        ("update audit_log set actor = 'Ева' where id = 20", Flaw.CONTENT, 20),
        ("update audit_log set hash = repeat('0', 64) where id = 20", Flaw.CONTENT, 20),
        ("delete from audit_log where id = 20", Flaw.GAP, 21),
    ],
)
async def test_what_was_rewritten_is_found(
    sign_in: SignIn, desk: Desk, shop: Shop, change: str, flaw: Flaw, number: int
) -> None:
    visitor = await sign_in(Role.AUDITOR)
    await record(desk, 30)
    await shop.execute(f"alter table audit_log disable trigger append_only; {change}")
    broken = (await followed(desk))[-1].broken
    assert broken is not None
    assert (broken.flaw, broken.id) == (flaw, number)
    live = await visitor.get("/audit/check/stream")
    assert "Журнал переписан" in await live.text()


async def test_the_page_of_a_check_follows_it_to_its_end(sign_in: SignIn, desk: Desk) -> None:
    await record(desk, 3)
    visitor = await sign_in(Role.AUDITOR)
    assert 'data-stream="/audit/check/stream?last=1000"' in await visitor.text("/audit/check?last=1000")
    told = await (await visitor.get("/audit/check/stream?last=1000")).text()
    assert "Журнал цел" in told
    assert told.endswith("event: over\ndata:\n\n")
    bad = await visitor.get("/audit/check?head=nonsense")
    assert bad.status == 422
    assert "64 hexadecimal digits" in await bad.text()
    assert "data-stream" not in await bad.text()


async def test_a_tag_is_not_in_the_log_which_forgets_nobody(shop: Shop, desk: Desk, new_user: NewUser) -> None:
    await shop.campaign([await shop.customer()])
    call, anna = (await shop.claim()).call, await new_user("anna", Role.MANAGER)
    await add_tag(desk.open_unit, call.id, "зовут Аристарх", by=anna, now=NOON)
    (entry,) = await shop.rows("select details from audit_log where action = 'call.tagged'")
    assert entry.details == {}
    assert await shop.value("select count(*) from audit_log where details::text ilike '%аристарх%'") == 0
