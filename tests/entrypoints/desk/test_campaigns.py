"""Managers put campaigns together at the desk, start, change and stop them."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop, a_line, answered, outcome
from tests.entrypoints.desk.campaigning import begin, fill, number_of, sent, wrong
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.desk.test_today import RULES
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.record_outcome import record_outcome
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.user import Role, User
from voicebot.entrypoints.web.desk import campaign_words, pages
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def customers(shop: Shop, number: int) -> list[int]:
    return [await shop.customer(spent=5000, zone="Europe/Moscow") for _ in range(number)]


async def test_a_campaign_is_built_step_by_step_and_awaits_its_release(sign_in: SignIn, shop: Shop, desk: Desk) -> None:
    await customers(shop, 3)
    manager = await sign_in(Role.MANAGER)
    address = await sent(manager, desk)
    shown = await manager.text(address)
    assert "ждёт подписи" in shown and "Отправить на подпись" not in shown
    (campaign,) = await shop.rows("select * from campaigns")
    assert (campaign.status, campaign.kind, campaign.script) == ("awaiting_release", "service", "quality")
    assert (campaign.schedule, campaign.offer_days) == ("0 9 * * 1", 3)
    assert await shop.value("select count(*) from leads") == 3
    done = await shop.rows("select action, actor from audit_log order by id")
    assert [(one.action, one.actor) for one in done if one.action.startswith("campaign.")] == [
        ("campaign.created", "Имя manager"),
        ("campaign.submitted", "jobs"),
    ]


async def test_the_web_process_selects_nobody_it_leaves_that_to_the_jobs(sign_in: SignIn, shop: Shop) -> None:
    await customers(shop, 1)
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    await fill(manager, draft)
    address = (await manager.send(f"{draft}/send")).headers["Location"]
    assert "Собираем список" in await manager.text(address)
    assert await shop.value("select count(*) from leads") == 0
    (job,) = await shop.rows("select * from procrastinate_jobs where task_name = 'gather_list'")
    assert job.args == {"campaign_id": number_of(address), "by": "Имя manager"}
    assert (await manager.get(f"{draft}/whom")).headers["Location"] == address, "the draft has become the campaign"
    assert (await manager.send(f"{draft}/say", {"kind": "service"})).status == 409


async def test_every_problem_is_said_beside_its_field_and_nothing_typed_is_lost(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    assert wrong(await manager.text(f"{draft}/whom")) == {}, "nobody is told off for a page they have not filled in"
    typed = {"name": "", "people": "shrunk", "months": "ноль", "share": "700", "min_orders": "5", "max_orders": "2"}
    reply = await manager.send(f"{draft}/whom", typed)
    page = await reply.text()
    assert reply.status == 422
    assert wrong(page) == {
        "name": "Как назвать кампанию? Например, «Кофе, весна».",
        "months": "Нужно целое число от 1 до 600.",
        "share": "Нужно число от 0 до 100.",
        "max_orders": "Меньше, чем «заказов не меньше». Поменяйте одно из двух.",
    }
    again = await manager.text(f"{draft}/whom")
    assert 'value="ноль"' in again and 'value="700"' in again and wrong(again) == wrong(page)
    reply = await manager.send(
        f"{draft}/when",
        {"when": "cron", "cron": "0 9 31 2 *", "starts_on": "2026-12-31", "ends_on": "2026-12-01", "own_hours": "yes"}
        | {"hours_1": "12:00-10:00"},
    )
    assert wrong(await reply.text()) == {
        "cron": "Такой день не наступит никогда. Поправьте число или месяц.",
        "starts_on": "Кампания кончается раньше, чем начинается. Поменяйте дни местами.",
        "hours_1": "«12:00-10:00» — не промежуток дня. Напишите 10:00-12:00, 15:00-19:00, по порядку.",
    }
    refused = await manager.send(f"{draft}/send")
    assert refused.status == 422
    assert "Отправить пока нельзя" in await refused.text()


async def test_a_split_test_has_two_sides_that_differ_and_make_a_hundred(
    sign_in: SignIn, shop: Shop, desk: Desk
) -> None:
    await customers(shop, 1)
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    both = {"split": "yes", "variant_1_name": "A", "variant_2_name": "B", "variant_1_share": "50"}
    say = {"kind": "service", "script": "quality", "dialplan": "default"}
    reply = await manager.send(f"{draft}/say", say | both | {"variant_2_share": "40"})
    assert set(wrong(await reply.text())) == {"variant_1_share", "variant_2_script"}
    address = await sent(manager, desk, **both, variant_2_share="50", variant_2_percent="15")
    assert "вариант «B»" in await manager.text(address)
    (campaign,) = await shop.rows("select variants from campaigns")
    assert [(one["name"], one["share"], one["percent"]) for one in campaign.variants] == [
        ("A", "0.5", None),
        ("B", "0.5", "15"),
    ]


async def test_advertising_is_no_service_and_needs_a_labelled_trunk(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    service = {"kind": "service", "script": "winback", "dialplan": "default"}
    assert "рекламный" in wrong(await (await manager.send(f"{draft}/say", service)).text())["script"]
    advertising = service | {"kind": "advertising"}
    assert "126-ФЗ" in wrong(await (await manager.send(f"{draft}/say", advertising)).text())["dialplan"]


async def test_the_count_follows_what_is_typed_keeps_it_and_says_why_others_are_left_out(
    sign_in: SignIn, shop: Shop
) -> None:
    await customers(shop, 2)
    await shop.customer(spent=5000, consented=())
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    await manager.send(f"{draft}/control", {"control_share": "0", "go": "save"})
    counted = await (await manager.send(f"{draft}/whom/count", {"people": "silent", "months": "3"})).text()
    assert '<span class="figure-big">2</span>' in counted and '<span class="figure-big muted">3</span>' in counted
    assert "нет согласия на такие звонки" in counted
    counted = await (await manager.send(f"{draft}/whom/count", {"people": "silent", "months": "30"})).text()
    assert "Таких клиентов сейчас нет" in counted
    assert 'value="30"' in await manager.text(f"{draft}/whom")
    assert "заранее их не сосчитать" in await (await manager.send(f"{draft}/whom/count", {"people": "events"})).text()


async def test_a_campaign_for_nobody_and_a_name_that_is_taken_are_not_sent(
    sign_in: SignIn, shop: Shop, desk: Desk
) -> None:
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    await fill(manager, draft)
    reply = await manager.send(f"{draft}/send")
    assert reply.status == 422 and "Таких клиентов сейчас нет" in await reply.text()
    await customers(shop, 1)
    await sent(manager, desk)
    reply = await manager.send(f"{draft}/send")
    assert reply.status == 422 and "с таким названием уже есть" in await reply.text()
    assert await shop.value("select count(*) from campaigns") == 1


async def test_drafts_are_listed_and_thrown_away(sign_in: SignIn, shop: Shop) -> None:
    manager = await sign_in(Role.MANAGER)
    draft = await begin(manager)
    await manager.send(f"{draft}/whom", {"name": "<b>Чай</b>", "people": "silent", "go": "back"})
    assert "&lt;b&gt;Чай&lt;/b&gt;" in await manager.text("/campaigns")
    await manager.send(f"{draft}/drop")
    assert "Чай" not in await manager.text("/campaigns")
    assert (await manager.get(f"{draft}/whom")).status == 404


async def test_a_campaign_is_paused_resumed_and_finished_by_name(sign_in: SignIn, shop: Shop) -> None:
    campaign = await shop.campaign(await customers(shop, 1), kind=CampaignKind.SERVICE)
    manager = await sign_in(Role.MANAGER)
    address = f"/campaigns/{campaign.id}"
    for event, status in (("pause", "paused"), ("resume", "running"), ("finish", "finished")):
        assert (await manager.send(f"{address}/{event}")).status == 303
        assert await shop.value("select status from campaigns") == status
        assert (
            await shop.value(
                f"select count(*) from audit_log where action = 'campaign.{event}' and actor = 'Имя manager'"
            )
            == 1
        )
    reply = await manager.send(f"{address}/pause")
    assert reply.status == 409 and "в другом состоянии" in await reply.text()
    assert await shop.value("select ended_by from leads") == "campaign"


async def edited(visitor: Visitor, address: str, **fields: str) -> Any:
    """The edit form with some fields changed."""
    page = await visitor.text(f"{address}/edit")
    kept = {}
    for tag in re.findall(r"<input[^>]+>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if (
            name
            and value
            and name[1] != "csrf"
            and ("checked" in tag or ('type="radio"' not in tag and "checkbox" not in tag))
        ):
            kept[name[1]] = value[1]
    return await visitor.send(f"{address}/edit", kept | fields)


async def test_times_and_budget_may_change_while_a_list_waits_for_its_signature_and_words_may_not(
    sign_in: SignIn, shop: Shop, desk: Desk
) -> None:
    await customers(shop, 2)
    manager = await sign_in(Role.MANAGER)
    address = await sent(manager, desk)
    page = await manager.text(f"{address}/edit")
    assert "Список ждёт подписи" in page and 'name="script"' not in page and 'name="people"' not in page
    reply = await edited(manager, address, at="10:30", max_calls="500", script="reminder", months="1")
    assert reply.status == 303
    (campaign,) = await shop.rows("select * from campaigns")
    assert (campaign.schedule, campaign.max_calls, campaign.script) == ("30 10 * * 1", 500, "quality")
    assert campaign.segment["rule"]["months"] == 3
    assert await shop.value("select details -> 'fields' from audit_log where action = 'campaign.changed'") == [
        "budget",
        "schedule",
    ]
    reply = await edited(manager, address, max_calls="много", ends_on="2020-01-01")
    page = await reply.text()
    assert reply.status == 422 and set(wrong(page)) == {"max_calls", "starts_on"} and 'value="много"' in page


async def test_words_may_change_once_nobody_waits_and_kind_and_control_group_never(sign_in: SignIn, shop: Shop) -> None:
    campaign = await shop.campaign(await customers(shop, 1), kind=CampaignKind.SERVICE, dialplan="default")
    manager = await sign_in(Role.MANAGER)
    address = f"/campaigns/{campaign.id}"
    assert "Люди ждут звонка" in await manager.text(f"{address}/edit")
    await shop.execute("update leads set state = 'done', next_attempt_at = null")
    assert 'name="script"' in await manager.text(f"{address}/edit")
    reply = await edited(
        manager, address, script="quality", dialplan="default", kind="advertising", control_share="7", people="silent"
    )
    assert reply.status == 303
    (row,) = await shop.rows("select * from campaigns")
    assert (row.script, row.kind, float(row.control_share)) == ("quality", "service", 0)


async def test_a_finished_campaign_is_not_changed_but_copied(sign_in: SignIn, shop: Shop) -> None:
    campaign = await shop.campaign(await customers(shop, 1), kind=CampaignKind.SERVICE, season="весна")
    manager = await sign_in(Role.MANAGER)
    await manager.send(f"/campaigns/{campaign.id}/finish")
    assert (await manager.get(f"/campaigns/{campaign.id}/edit")).status == 303
    copied = await manager.send(f"/campaigns/{campaign.id}/copy")
    assert 'value="весна"' in await manager.text(copied.headers["Location"])


async def test_the_page_shows_funnel_days_cost_and_results_as_plots(
    sign_in: SignIn, shop: Shop, clock: MovingClock
) -> None:
    campaign = await shop.campaign(await customers(shop, 2), kind=CampaignKind.SERVICE)
    assignment = await shop.claim(a_line())
    accepted = outcome(Disposition.ACCEPTED, group=Group.INTERESTED)
    await record_outcome(shop.open_unit, assignment.call.id, answered(NOON), accepted, RULES)
    clock.time += timedelta(days=40)
    auditor = await sign_in(Role.AUDITOR)
    assert "Считаем" in await auditor.text(f"/campaigns/{campaign.id}"), "the page waits for no figures"
    figures = await auditor.text(f"/campaigns/{campaign.id}/figures")
    for said in ("Воронка", "По дням", "Настроение", "согласие", "<svg", "1 из 2"):
        assert said in figures, said
    assert "Воронка" in await auditor.text(f"/campaigns/{campaign.id}"), "figures counted once are at hand"
    results = await auditor.text(f"/campaigns/{campaign.id}/results?days=30")
    assert "Контрольной группы нет" in results
    assert "1 из 2" in await auditor.text("/campaigns/figures")
    assert "Новая кампания" not in await auditor.text("/campaigns")


async def test_lift_and_split_test_say_whether_there_are_people_enough(
    sign_in: SignIn, shop: Shop, clock: MovingClock
) -> None:
    people = await customers(shop, 4)
    campaign = await shop.campaign(people[:3], kind=CampaignKind.SERVICE)
    await shop.execute(
        f"insert into campaign_controls (campaign_id, customer_id, at) values ({campaign.id}, {people[3]}, '{NOON}')"
    )
    clock.time += timedelta(days=40)
    auditor = await sign_in(Role.AUDITOR)
    results = await auditor.text(f"/campaigns/{campaign.id}/results")
    assert "кому звонили − контрольная группа" in results and "слишком мало" in results and "<svg" in results


async def test_a_manager_hears_the_campaign_on_their_own_phone(
    sign_in: SignIn, shop: Shop, new_user: Callable[..., Awaitable[User]], desk: Desk
) -> None:
    manager = await sign_in(Role.MANAGER, login="anna")
    draft = await begin(manager)
    await fill(manager, draft)
    assert "впишите свой телефон" in await manager.text(f"{draft}/check")
    await manager.send("/account/phone", {"phone": "+7 916 123-45-67"})
    assert "Позвонить мне" in await manager.text(f"{draft}/check")
    assert (await manager.send(f"{draft}/trial")).status == 303
    assert "ищем свободную линию" in await manager.text(f"{draft}/trial")
    (trial,) = await shop.rows("select * from trial_calls")
    assert (trial.requested_by, trial.address, trial.script) == ("anna", "+79161234567", "quality")
    assert (trial.dialplan, trial.about) == ("default", f"draft:{draft.split('/')[-1]}")
    assert trial.variables["company"] == "Пример"
    assert await shop.value("select count(*) from calls") == 0
    async with desk.open_unit() as unit:
        taken = await unit.trial_calls.lock_next(dialplan="default", asked_after=NOON - timedelta(minutes=1))
        assert taken is not None and taken.id == trial.id
        assert await unit.trial_calls.lock_next(dialplan="other", asked_after=NOON - timedelta(minutes=1)) is None
    await shop.execute("update trial_calls set ended_at = requested_at, result = 'away'")
    assert "вы не взяли трубку" in await manager.text(f"{draft}/trial")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.RELEASER])
async def test_only_managers_build_and_move_campaigns(role: Role, sign_in: SignIn, shop: Shop) -> None:
    campaign = await shop.campaign(await customers(shop, 1), kind=CampaignKind.SERVICE)
    visitor = await sign_in(role)
    one = f"/campaigns/{campaign.id}"
    for address in ("/campaigns/drafts", f"{one}/pause", f"{one}/finish", f"{one}/copy", f"{one}/edit", f"{one}/trial"):
        assert (await visitor.send(address)).status == 403, address
    for address in (f"{one}/edit", f"{one}/trial", "/campaigns/drafts/1/whom", "/campaigns/drafts/1/count"):
        assert (await visitor.get(address)).status == 403, address
    page = await visitor.text(one)
    assert "Пауза" not in page and "Позвонить мне" not in page
    assert await shop.value("select status from campaigns") == "running"


async def test_a_campaign_that_is_not_there_is_not_found(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    for address in ("/campaigns/999", "/campaigns/999/figures", "/campaigns/drafts/999/whom"):
        assert (await manager.get(address)).status == 404
    assert (await manager.get("/campaigns?before=99999999999999999999&status=nothing")).status == 200


def test_every_word_of_the_campaigns_is_translated() -> None:
    with (Path(pages.__file__).parent / "locale" / "en.po").open("rb") as file:
        known = {one.id for one in read_po(file) if one.string}
    texts = {text for table in campaign_words.ALL for text in table.values()}
    assert texts - known == set()
