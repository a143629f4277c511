"""Whoever signs sees the list as it stands, signs it whole or one by one, or returns it with a reason."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.desk.campaigning import hash_on, number_of, sent
from tests.entrypoints.desk.visitor import Visitor
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.application.gather_list import gather_list
from voicebot.application.release_campaign import add_leads, create_campaign
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.release import list_hash
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]
YES = {"answer": "yes"}


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def advertising(shop: Shop, people: int = 3) -> str:
    """The release page of a campaign of advertising with so many people on its list."""
    wanted = NewCampaign(name="Возврат", kind=CampaignKind.ADVERTISING, script="winback")
    campaign = await create_campaign(shop.open_unit, wanted, by="Мария", now=NOON)
    ids = [await shop.customer(spent=5000) for _ in range(people)]
    await add_leads(shop.open_unit, campaign.id, ids, by="Мария", now=NOON)
    await gather_list(shop.open_unit, campaign.id, by="Мария", now=NOON)
    return f"/releases/{campaign.id}"


async def states(shop: Shop) -> list[tuple[str, str]]:
    return [
        (row.external_id, row.state)
        for row in await shop.rows(
            "select external_id, state from leads join customers on customers.id = customer_id order by leads.id"
        )
    ]


async def test_the_whole_list_is_signed_as_it_was_shown(sign_in: SignIn, shop: Shop) -> None:
    address = await advertising(shop)
    releaser = await sign_in(Role.RELEASER)
    assert "Возврат" in await releaser.text("/releases")
    page = await releaser.text(address)
    for said in ("Это робот компании Пример", "till", "Согласие на такие звонки есть у", "10 %", "126-ФЗ"):
        assert said in page, said
    shown = {"hash": hash_on(page)}
    refused = await releaser.send(f"{address}/sign", shown)
    assert refused.status == 422 and "Отметьте, что отвечаете" in await refused.text()
    reply = await releaser.send(f"{address}/sign", shown | YES)
    assert reply.status == 303
    (release,) = await shop.rows("select * from releases")
    assert (release.released_by, release.leads, release.hash) == ("Имя releaser", 3, shown["hash"])
    assert await shop.value("select status from campaigns") == "running"
    assert {state for _, state in await states(shop)} == {"queued"}
    assert "Подписывать нечего" in await releaser.text("/releases")


async def test_a_list_that_has_changed_since_it_was_shown_is_not_signed(sign_in: SignIn, shop: Shop) -> None:
    address = await advertising(shop)
    releaser = await sign_in(Role.RELEASER)
    shown = {"hash": hash_on(await releaser.text(address))}
    await add_leads(shop.open_unit, number_of(address), [await shop.customer()], by="Мария", now=NOON)
    reply = await releaser.send(f"{address}/sign", shown | YES)
    assert reply.status == 409 and "список изменился" in await reply.text()
    assert (await releaser.send(f"{address}/sign", YES)).status == 409, "who was shown no list signs none"
    assert await shop.value("select count(*) from releases") == 0


async def test_people_are_signed_for_one_by_one_and_refused_one_by_one(sign_in: SignIn, shop: Shop) -> None:
    address = await advertising(shop)
    releaser = await sign_in(Role.RELEASER)
    assert (await releaser.text(f"{address}/people")).count('name="only"') == 3
    part = [("part", "yes"), ("answer", "yes")]
    assert (await releaser.send(f"{address}/sign", part)).status == 422
    assert (await releaser.send(f"{address}/sign", [*part, ("only", "c1")])).status == 303
    assert await states(shop) == [("c1", "queued"), ("c2", "unreleased"), ("c3", "unreleased")]
    without = await releaser.send(f"{address}/refuse", [("part", "yes"), ("only", "c2")])
    assert without.status == 422 and 'value="c2" checked' in await without.text()
    refusal = [("part", "yes"), ("only", "c2"), ("reason", "сотрудник компании")]
    assert (await releaser.send(f"{address}/refuse", refusal)).status == 303
    assert await states(shop) == [("c1", "queued"), ("c2", "done"), ("c3", "unreleased")]
    assert await shop.value("select ended_by from leads where state = 'done'") == "refused"
    assert await shop.value("select status from campaigns") == "running"


async def test_a_returned_list_goes_back_to_the_manager_and_comes_again(
    sign_in: SignIn, shop: Shop, desk: Desk
) -> None:
    for _ in range(2):
        await shop.customer(spent=5000, zone="Europe/Moscow")
    manager, releaser = await sign_in(Role.MANAGER), await sign_in(Role.RELEASER)
    campaign = await sent(manager, desk)
    address = campaign.replace("campaigns", "releases")
    empty = await releaser.send(f"{address}/refuse", {"reason": "   "})
    assert empty.status == 422 and "без причины" in await empty.text()
    assert (await releaser.send(f"{address}/refuse", {"reason": "<i>Не звоним</i> до пятницы"})).status == 303
    assert await shop.value("select status from campaigns") == "draft"
    assert await shop.value("select count(*) from leads") == 0
    page = await manager.text(campaign)
    assert "&lt;i&gt;Не звоним&lt;/i&gt; до пятницы" in page and "Имя releaser" in page
    assert "можно менять всё" in await manager.text(f"{campaign}/edit")
    assert (await manager.send(f"{campaign}/submit")).status == 303
    assert "Собираем список" in await manager.text(campaign)
    await gather_list(desk.open_unit, number_of(campaign), by="jobs", now=desk.clock.now())
    assert len(await states(shop)) == 2
    shown = await releaser.text(address)
    assert "Уже возвращали" in shown
    assert (await releaser.send(f"{address}/sign", {"hash": hash_on(shown)} | YES)).status == 303
    assert await shop.value("select status from campaigns") == "running"
    actions = [row.action for row in await shop.rows("select action from audit_log order by id")]
    assert [one for one in actions if one.startswith("campaign.")] == [
        "campaign.created",
        "campaign.submitted",
        "campaign.refused",
        "campaign.submitted",
        "campaign.released",
    ]


async def test_the_list_is_read_page_by_page_and_says_who_has_withdrawn(
    sign_in: SignIn, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await advertising(shop, people=5)
    await shop.execute(f"update consents set withdrawn_at = '{NOON}' where customer_id = 1")
    await shop.execute(f"insert into stop_list (customer_id, since, reason, source) values (2, '{NOON}', '', 'call')")
    monkeypatch.setattr("voicebot.entrypoints.web.desk.releases._ON_A_PAGE", 3)
    releaser = await sign_in(Role.RELEASER)
    first = await releaser.text(f"{address}/people")
    assert first.count('name="only"') == 3
    assert first.count("согласия уже нет") == 1 and first.count("в стоп-листе") == 1
    last = (await shop.rows("select id from leads order by id"))[2].id
    second = await releaser.text(f"{address}/people?after={last}")
    assert second.count('name="only"') == 2
    page = await releaser.text(address)
    assert "<strong>4</strong>" in page and "У остальных оно отозвано" in page


async def test_the_hash_of_the_page_is_the_one_a_signature_carries(shop: Shop, engine: AsyncEngine) -> None:
    odd = ['"кавычки"', "обратная\\черта", "строка\nещё\tтаб", "ё\u2028\x7f\x01", "/косая</script>", "😀"]
    address = await advertising(shop, people=len(odd))
    for number, name in enumerate(odd, start=1):
        written = name.replace("'", "''").replace(":", "\\:")
        await shop.execute(f"update customers set external_id = '{written}' where external_id = 'c{number}'")
    campaign_id = number_of(address)
    async with SqlDeskUnit(engine) as unit:
        people, found = await unit.release_pages.hash_of(campaign_id)
        signed = await unit.releases.unanswered_for(campaign_id)
    assert people == len(odd)
    assert found == list_hash(campaign_id, signed)
    assert {name for _, name in signed} == set(odd)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.AUDITOR])
async def test_nobody_else_signs_or_reads_the_list(role: Role, sign_in: SignIn, shop: Shop) -> None:
    address = await advertising(shop)
    visitor = await sign_in(role)
    for page in ("/releases", address, f"{address}/people", f"{address}/exclusions"):
        reply = await visitor.get(page)
        assert reply.status == 403 and "Возврат" not in await reply.text()
    for action in ("sign", "refuse"):
        assert (await visitor.send(f"{address}/{action}", YES | {"reason": "нет"})).status == 403
    assert {state for _, state in await states(shop)} == {"unreleased"}


async def test_a_release_that_is_not_there_is_not_found(sign_in: SignIn) -> None:
    releaser = await sign_in(Role.RELEASER)
    assert (await releaser.get("/releases/999")).status == 404
    assert (await releaser.send("/releases/999/sign", YES)).status == 404


async def test_those_who_wait_longest_are_first(sign_in: SignIn, shop: Shop) -> None:
    await advertising(shop, people=1)
    later = NewCampaign(name="Вторая", kind=CampaignKind.ADVERTISING, script="winback")
    campaign = await create_campaign(shop.open_unit, later, by="Мария", now=NOON)
    hour = NOON + timedelta(hours=1)
    await add_leads(shop.open_unit, campaign.id, [await shop.customer()], by="Мария", now=hour)
    await gather_list(shop.open_unit, campaign.id, by="Мария", now=hour)
    page = await (await sign_in(Role.RELEASER)).text("/releases")
    assert page.index("Возврат") < page.index("Вторая")
