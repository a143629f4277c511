"""Customers at the desk: found, shown, stopped, allowed again."""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop, answered, outcome
from tests.entrypoints.desk.conftest import NOON, MovingClock
from tests.entrypoints.desk.test_erasure import EMAIL, PHONE, RULES, SPOKEN, TRACES
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.ports.audit import AuditFilter
from voicebot.application.record_outcome import record_outcome
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
async def anna(shop: Shop) -> int:
    customer = await shop.customer(phones=[PHONE], zone="Asia/Yekaterinburg", spent=5000)
    await shop.execute(
        f"update customers set last_name = 'Королёва-<b>Щукина</b>', first_name = 'Анна', patronymic = 'Львовна',"
        f" email = '{EMAIL}' where id = {customer}"
    )
    return customer


@pytest.mark.parametrize(
    "asked",
    [
        "Корол",
        "анна королё",
        "КОРОЛЕВА льв",
        "щук",
        PHONE,
        "8 (916) 111-22-33",
        "916 111 22 33",
        "79161112233",
        EMAIL.upper(),
        "c1",
    ],
)
async def test_a_person_is_found_by_whatever_is_known_of_them(
    sign_in: SignIn, shop: Shop, anna: int, asked: str
) -> None:
    await shop.customer()
    visitor = await sign_in(Role.MANAGER)
    reply = await visitor.client.get("/customers", params={"q": asked})
    page = await reply.text()
    assert page.count('<a href="/customers/') == 1
    assert f'href="/customers/{anna}"' in page


@pytest.mark.parametrize("asked", ["'; drop table customers; --", "!&|:*()", "%", "@", "+7", "1" * 300, "\u0001"])
async def test_no_question_breaks_the_search(sign_in: SignIn, anna: int, asked: str) -> None:
    visitor = await sign_in(Role.MANAGER)
    reply = await visitor.client.get("/customers", params={"q": asked})
    assert reply.status == 200
    assert f'href="/customers/{anna}"' not in await reply.text()


async def test_pages_lead_forth_and_back_without_losing_anybody(
    sign_in: SignIn, shop: Shop, engine: AsyncEngine
) -> None:
    await shop.execute("insert into customers (external_id) select 'x' || n from generate_series(1, 120) n")
    visitor = await sign_in(Role.MANAGER)

    async def page(address: str) -> tuple[list[str], str, str]:
        text = await visitor.text(address.replace("&amp;", "&"))
        ids = [part.split('"')[0] for part in text.split('<a href="/customers/')[1:]]
        links = {rel: part.split('"')[0] for rel in ("next", "prev") for part in text.split(f'rel="{rel}" href="')[1:]}
        return ids, links.get("next", ""), links.get("prev", "")

    first, older, none = await page("/customers")
    second, oldest, _ = await page(older)
    third, end, newer = await page(oldest)
    assert (len(first), len(second), len(third), end, none) == (50, 50, 20, "", "")
    assert len({*first, *second, *third}) == 120
    back, _, _ = await page(newer)
    assert back == second


async def test_only_those_who_may_see_names_see_the_page(sign_in: SignIn, anna: int) -> None:
    auditor = await sign_in(Role.AUDITOR)
    for address in (
        "/customers",
        f"/customers/{anna}",
        f"/customers/{anna}/why",
        f"/customers/{anna}/erase",
        "/erasures",
    ):
        reply = await auditor.get(address)
        assert reply.status == 403
        assert "Корол" not in await reply.text()
    assert 'href="/customers"' not in await auditor.text("/account/code")
    releaser = await sign_in(Role.RELEASER)
    card = await releaser.text(f"/customers/{anna}")
    assert "Корол" in card
    assert "/stop" not in card
    assert (await releaser.send(f"/customers/{anna}/stop", {"asked": "yes"})).status == 403


async def test_the_card_tells_everything_and_escapes_what_people_wrote(
    sign_in: SignIn, shop: Shop, anna: int, clock: MovingClock
) -> None:
    await shop.execute("update order_lines set what = '<script>alert(1)</script>'")
    await shop.campaign([anna], name="Возврат <i>")
    claimed = await shop.claim()
    angry = outcome(
        Disposition.COMPLAINT,
        FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="<img src=x>"),
        FollowUp(kind=ActionKind.PROMO, offer="first"),
        FollowUp(kind=ActionKind.SMS, template="promo"),
        group=Group.NEGATIVE,
        tags=("complaint",),
    )
    await record_outcome(shop.open_unit, claimed.call.id, answered(), angry, RULES)
    card = await (await sign_in(Role.MANAGER)).text(f"/customers/{anna}")
    for word in ("14:00", "Asia/Yekaterinburg", "жалоба", "0:40", "5 000", "till", "complaint", "срочно", "действует"):
        assert word in card.replace("\u00a0", " "), word
    for markup in ("<script>alert", "<img src=x", "<b>Щукина", "Возврат <i>"):
        assert markup not in card


async def test_looking_at_a_card_is_written_down_once_an_hour(
    sign_in: SignIn, desk: Desk, anna: int, clock: MovingClock
) -> None:
    visitor = await sign_in(Role.MANAGER)
    for minutes in (0, 30, 31):
        clock.time += timedelta(minutes=minutes)
        await visitor.text(f"/customers/{anna}")
    viewed = [one for one in await entries(desk, anna) if one[0] == "customer.viewed"]
    assert viewed == [("customer.viewed", "Имя manager")] * 2


async def test_one_click_stops_every_contact_and_closes_what_waits(
    sign_in: SignIn, shop: Shop, desk: Desk, anna: int
) -> None:
    await shop.campaign([anna])
    visitor = await sign_in(Role.MANAGER)
    assert (await visitor.send(f"/customers/{anna}/stop", {"asked": "yes"})).status == 303
    assert await shop.value("select state from leads") == "blocked"
    async with desk.open_unit() as unit:
        assert await unit.stop_list.since(anna) == NOON
    assert ("customer.stopped", "Имя manager") in await entries(desk, anna)
    assert await shop.value("select count(*) from crm_updates where kind = 'stop'") == 1


async def test_a_stop_of_the_companys_own_is_lifted_with_a_reason(
    sign_in: SignIn, shop: Shop, desk: Desk, anna: int
) -> None:
    visitor = await sign_in(Role.MANAGER)
    await visitor.send(f"/customers/{anna}/stop", {"asked": "no"})
    assert (await visitor.send(f"/customers/{anna}/lift", {"reason": " "})).status == 422
    assert (await visitor.send(f"/customers/{anna}/lift", {"reason": "спор решён"})).status == 303
    assert await shop.value("select count(*) from stop_list") == 0
    assert "спор решён" in await visitor.text(f"/customers/{anna}")
    assert ("customer.stop_lifted", "Имя manager") in await entries(desk, anna)


async def test_a_persons_own_stop_gives_way_to_nothing_but_a_newer_consent(
    sign_in: SignIn, shop: Shop, anna: int, clock: MovingClock
) -> None:
    visitor = await sign_in(Role.MANAGER)
    await visitor.send(f"/customers/{anna}/stop", {"asked": "yes"})
    reply = await visitor.send(f"/customers/{anna}/lift", {"reason": "очень надо"})
    assert reply.status == 422
    assert "сам просил не звонить" in await reply.text()
    await shop.execute(
        "insert into consents (customer_id, scope, kind, source, wording_version, given_at)"
        f" values ({anna}, 'call', 'advertising', 'site', '2', '{NOON + timedelta(minutes=5)}')"
    )
    clock.time += timedelta(minutes=10)
    assert (await visitor.send(f"/customers/{anna}/lift", {"reason": "новое согласие"})).status == 303
    assert await shop.value("select count(*) from stop_list") == 0


async def test_tags_are_put_on_and_taken_off_by_hand(sign_in: SignIn, shop: Shop, anna: int) -> None:
    visitor = await sign_in(Role.MANAGER)
    assert (await visitor.send(f"/customers/{anna}/tags", {"tag": " ВИП  клиент"})).status == 303
    assert await shop.value("select tag from customer_tags") == "вип клиент"
    assert (await visitor.send(f"/customers/{anna}/tags", {"tag": "<b>"})).status == 422
    assert (await visitor.send(f"/customers/{anna}/untag", {"tag": "вип клиент"})).status == 303
    assert await shop.value("select count(*) from customer_tags") == 0


async def test_the_report_names_consent_signature_and_verdict(
    sign_in: SignIn, shop: Shop, desk: Desk, anna: int
) -> None:
    await shop.campaign([anna], name="Возврат")
    claimed = await shop.claim()
    await record_outcome(shop.open_unit, claimed.call.id, answered(), outcome(Disposition.DECLINED), RULES)
    report = await (await sign_in(Role.MANAGER)).text(f"/customers/{anna}/why")
    for word in ("Анна Смирнова", "SHA-256", "разрешено", "till", "Возврат", "отказ"):
        assert word in report
    assert ("customer.disclosed", "Имя manager") in await entries(desk, anna)


async def test_whoever_is_not_there_is_told_so(sign_in: SignIn) -> None:
    visitor = await sign_in(*Role)
    for address in ("/customers/77", "/customers/77/why", "/customers/77/erase", "/erasures/77"):
        assert (await visitor.get(address)).status == 404
    for address in ("/customers/77/stop", "/customers/77/lift", "/customers/77/erase", "/customers/77/export"):
        form = {"reason": "x", "tag": "x", "ground": "withdrawal", "requested": "2026-11-20", "confirmed": "x"}
        assert (await visitor.send(address, form)).status == 404


async def test_an_admin_erases_a_person_without_seeing_who_it_is(
    sign_in: SignIn, shop: Shop, desk: Desk, anna: int
) -> None:
    visitor = await sign_in(Role.ADMIN)
    assert (await visitor.get("/erasures?customer=c1")).headers["Location"] == f"/customers/{anna}/erase"
    form = {"ground": "unlawful", "requested": "2026-11-20", "confirmed": "c1"}
    for wrong in ({"confirmed": "c2"}, {"ground": ""}, {"requested": "вчера"}, {"requested": "2026-12-20"}):
        assert (await visitor.send(f"/customers/{anna}/erase", form | wrong)).status == 422
    asked = await visitor.text(f"/customers/{anna}/erase")
    reply = await visitor.send(f"/customers/{anna}/erase", form)
    act = await visitor.text(reply.headers["Location"])
    for page in (asked, act, await visitor.text("/erasures")):
        assert not any(trace in page.lower() for trace in ("корол", *TRACES))
    assert "ст. 21 ч. 3" in act
    assert "customer.erased" in act
    assert await shop.value("select hash from audit_log where action = 'customer.erased'") in act
    assert (await visitor.send(f"/customers/{anna}/erase", form)).status == 422
    assert "Данные стёрты" in await (await sign_in(Role.MANAGER)).text(f"/customers/{anna}")


async def test_a_person_gets_everything_that_is_known_of_them(
    sign_in: SignIn, shop: Shop, desk: Desk, anna: int
) -> None:
    await shop.campaign([anna])
    claimed = await shop.claim()
    await record_outcome(shop.open_unit, claimed.call.id, answered(), outcome(Disposition.DECLINED), RULES)
    await shop.execute(
        "insert into turns (call_id, position, speaker, state, text, started_at, ended_at)"
        f" values ({claimed.call.id}, 0, 'customer', 'greeting', '{SPOKEN}', 0, 1)"
    )
    await shop.execute(
        "insert into lifted_stops (customer_id, since, source, lifted_by, reason, at)"
        f" values ({anna}, now(), 'desk', 'Олег', 'просит звонить снова', now())"
    )
    desk.settings.recordings.mkdir()
    (desk.settings.recordings / "call.wav").write_bytes(b"RIFF of the call")
    visitor = await sign_in(Role.ADMIN)
    reply = await visitor.send(f"/customers/{anna}/export", {"as": "zip"})
    with zipfile.ZipFile(io.BytesIO(await reply.read())) as archive:
        data = json.loads(archive.read("data.json"))
        assert archive.read(f"recordings/call-{claimed.call.id}.wav") == b"RIFF of the call"
        readable = archive.read("data.html").decode()
    assert data["customer"]["phones"] == [{"number": PHONE, "wrong_since": None}]
    assert data["calls"][0]["said"] == [{"speaker": "customer", "text": SPOKEN}]
    assert [one["reason"] for one in data["lifted_stops"]] == ["просит звонить снова"]
    assert SPOKEN in readable
    assert "<b>Щукина" not in readable
    plain = await visitor.send(f"/customers/{anna}/export", {"as": "json"})
    assert (await plain.json())["customer"] == data["customer"]
    assert ("customer.exported", "Имя admin") in await entries(desk, anna)


async def entries(desk: Desk, customer: int) -> list[tuple[str, str]]:
    async with desk.open_unit() as unit:
        found = await unit.audit.find(AuditFilter(subjects=(f"customer:{customer}",)))
    return [(one.entry.action, one.entry.actor) for one in found]
