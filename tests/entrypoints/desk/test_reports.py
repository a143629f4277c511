"""Reports at the desk: figures, filters, files, the page of paper."""

import csv
import io
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from html import unescape

import pytest
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.adapters.store.test_reports import Book, Clock, fill
from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.refresh_reports import refresh_reports
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]
AUTUMN = "from=2026-10-01&to=2026-11-24"
PAGES = ("/reports", "/reports/cohorts", "/reports/nps", "/reports/summary")
FILES = ("/reports/table.csv", "/reports/table.xlsx", "/reports/cohorts.csv", "/reports/cohorts.xlsx")


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def rows(visitor: Visitor, address: str) -> list[dict[str, str]]:
    content = (await (await visitor.get(address)).read()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline=""), delimiter=";"))


async def test_empty_pages_say_what_to_do(sign_in: SignIn) -> None:
    visitor = await sign_in(Role.MANAGER)
    assert "Возьмите другие дни" in await visitor.text("/reports")
    assert "voicebot jobs" in await visitor.text("/reports/cohorts")
    assert "оценок не было" in await visitor.text("/reports/nps")
    assert "Один лист" in await visitor.text("/reports/summary")


@pytest.mark.parametrize("by", ["campaign", "script", "variant", "class", "day", "week", "month", "nonsense"])
async def test_every_grouping_shows_its_lines(sign_in: SignIn, shop: Shop, by: str) -> None:
    await fill(shop)
    text = await (await sign_in(Role.MANAGER)).text(f"/reports?{AUTUMN}&by={by}")
    shown = {"script": "winback", "class": "не указан", "day": "22 нояб. 2026", "week": "16 нояб. 2026"}
    assert shown.get(by, "1 нояб. 2026" if by == "month" else "Возврат") in text.replace("\u202f", " ")
    assert "100 %" in text  # everybody was reached


async def test_the_files_hold_the_figures(sign_in: SignIn, shop: Shop) -> None:
    await fill(shop)
    visitor = await sign_in(Role.AUDITOR)
    campaign, total = await rows(visitor, f"/reports/table.csv?{AUTUMN}")
    assert (campaign["Кампания"], campaign["Людей набрали"], campaign["Доля дозвона"]) == (
        "Возврат",
        "4",
        "1.0".replace(".", ","),
    )
    assert {name: one for name, one in campaign.items() if name != "Кампания"} == {
        name: one for name, one in total.items() if name != "Кампания"
    }
    days = await rows(visitor, f"/reports/table.csv?{AUTUMN}&by=day")
    assert [line["День"] for line in days] == ["2026-10-15", "2026-11-22", "2026-11-23", "2026-11-24"]
    reply = await visitor.get(f"/reports/table.xlsx?{AUTUMN}&by=day")
    assert "report-day-2026-10-01-2026-11-24.xlsx" in reply.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(await reply.read()))
    assert book.sheetnames == ["Показатели", "Причины и итоги", "Как считаем"]
    assert book["Показатели"]["A2"].value.date() == date(2026, 10, 15)
    assert ("Причина", "дорого", 1) in set(book["Причины и итоги"].iter_rows(values_only=True))


async def test_a_campaign_named_like_a_formula_stays_a_name(sign_in: SignIn, shop: Shop) -> None:
    await fill(shop)
    await shop.execute("update campaigns set name = '=1+1<script>'")
    visitor = await sign_in(Role.MANAGER)
    assert (await rows(visitor, f"/reports/table.csv?{AUTUMN}"))[0]["Кампания"] == "'=1+1<script>"
    assert "<script>1" not in (text := await visitor.text(f"/reports?{AUTUMN}"))
    assert "=1+1&lt;script&gt;" in text


async def test_a_line_leads_to_its_days(sign_in: SignIn, shop: Shop) -> None:
    campaign, _ = await fill(shop)
    visitor = await sign_in(Role.MANAGER)
    address = f"/reports?from=2026-10-01&amp;to=2026-11-24&amp;campaign={campaign}&amp;by=day"
    assert f'href="{address}"' in await visitor.text(f"/reports?{AUTUMN}")
    assert "15 окт. 2026" in (await visitor.text(address.replace("&amp;", "&"))).replace("\u202f", " ")


async def test_nonsense_in_the_address_does_no_harm(sign_in: SignIn, shop: Shop) -> None:
    await fill(shop)
    visitor = await sign_in(Role.MANAGER)
    for wish in ("from=x&to=y", "from=0001-01-01&to=2100-01-01", "campaign=999999999999999999999", "class=Z&by=%27"):
        for page in (*PAGES, *FILES):
            assert (await visitor.get(f"{page}?{wish}")).status == 200, (page, wish)
    turned = await rows(visitor, "/reports/table.csv?from=2026-11-24&to=2026-10-01")
    assert turned[0]["Наборов"] == "5"


async def test_scores_lead_to_their_calls_and_words_are_escaped(sign_in: SignIn, shop: Shop) -> None:
    _, leads = await fill(shop)
    call = await Book(shop).call(leads[1], NOON, attempt=7, nps=2)
    await shop.execute(f"""update calls set answers = '{{"wrong": "<b>долго</b>"}}' where id = {call}""")
    visitor = await sign_in(Role.MANAGER)
    text = await visitor.text(f"/reports/nps?{AUTUMN}")
    assert f'href="/calls/{call}"' in text
    assert "&lt;b&gt;долго&lt;/b&gt;" in text
    assert "-33,3" in text  # one promoter, two detractors
    low = await visitor.text(f"/reports/nps?{AUTUMN}&low=1")
    assert low.count('href="/calls/') == 2
    assert "Иван" not in low


async def test_scores_go_on_page_by_page_each_once(sign_in: SignIn, shop: Shop) -> None:
    campaign, leads = await fill(shop)
    book = Book(shop)
    # Several at one moment: the number tells them apart.
    calls = {await book.call(leads[1], NOON - timedelta(days=at // 20), attempt=10 + at, nps=9) for at in range(60)}
    visitor = await sign_in(Role.MANAGER)
    address, found = f"/reports/nps?{AUTUMN}&campaign={campaign}", list[int]()
    while address:
        text = await visitor.text(address)
        found += map(int, re.findall(r'href="/calls/(\d+)"', text))
        older = re.search(r'rel="next" href="([^"#]+)#words"', text)
        address = f"/reports/nps{unescape(older[1])}" if older else ""
    assert len(found) == len(set(found))
    assert calls <= set(found)
    first = f"/reports/nps?{AUTUMN}&campaign={campaign}#words"
    assert f'rel="prev" href="{first.replace("&", "&amp;")}"' in text, "back to the newest"


async def test_cohorts_show_months_and_the_control_group(sign_in: SignIn, shop: Shop, desk: Desk) -> None:
    await fill(shop)
    await shop.customer(spent=1200)
    await refresh_reports(desk.open_unit, Clock(), desk.zone)
    visitor = await sign_in(Role.MANAGER)
    text = await visitor.text("/reports/cohorts")
    assert "05.2026" in text
    assert "90 дней не прошли" in text
    cohort = (await rows(visitor, "/reports/cohorts.csv"))[0]
    assert (cohort["Покупателей"], cohort["LTV, ₽"]) == ("1", "1200,00")


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_every_page_is_there_in_every_language(sign_in: SignIn, shop: Shop, desk: Desk, language: str) -> None:
    await fill(shop)
    await refresh_reports(desk.open_unit, Clock(), desk.zone)
    visitor = await sign_in(Role.RELEASER)
    await shop.execute(f"update users set locale = '{language}'")
    for page in PAGES:
        text = await visitor.text(f"{page}?{AUTUMN}")
        assert ("Reached share" in text) == (language == "en" and page in ("/reports", "/reports/summary"))


SUBSCRIPTION = {
    "email": "boss@example.ru",
    "span": "week",
    "days": "1",
    "time": "09:30",
    "language": "ru",
    "workbook": "1",
}


async def test_somebody_is_subscribed_sent_a_letter_and_let_go(sign_in: SignIn, shop: Shop) -> None:
    visitor = await sign_in(Role.MANAGER)
    assert "Пока никто" in await visitor.text("/reports/mails")
    assert (await visitor.send("/reports/mails", SUBSCRIPTION)).status == 303
    text = await visitor.text("/reports/mails")
    assert "boss@example.ru" in text
    assert "по понедельникам, 9:30" in text
    assert "30.11.2026, 09:30" in text
    number = await shop.value("select id from report_subscriptions where cron = '30 9 * * 1'")
    assert (await visitor.send(f"/reports/mails/{number}/send")).status == 303
    assert "ждёт отправки" in await visitor.text("/reports/mails")
    assert await shop.value("select count(*) from procrastinate_jobs where task_name = 'mail_report'") == 1
    assert (await visitor.send(f"/reports/mails/{number}/remove")).status == 303
    assert (await visitor.send(f"/reports/mails/{number}/remove")).status == 303
    assert "Пока никто" in await visitor.text("/reports/mails")
    deeds = [
        row.action for row in await shop.rows("select action from audit_log where action like 'report.%' order by id")
    ]
    assert deeds == ["report.subscribed", "report.sent_now", "report.unsubscribed"]
    assert "boss" not in str(await shop.rows("select details from audit_log"))


@pytest.mark.parametrize(
    "wrong", [{"email": "boss"}, {"cron": "* * * * *"}, {"time": "later"}, {"campaign": "77"}, {"cron": "x" * 500}]
)
async def test_a_wrong_subscription_is_explained_and_what_was_typed_stays(
    sign_in: SignIn, shop: Shop, wrong: dict[str, str]
) -> None:
    visitor = await sign_in(Role.MANAGER)
    reply = await visitor.send("/reports/mails", SUBSCRIPTION | wrong)
    text = await reply.text()
    assert reply.status == 422
    assert 'role="alert"' in text
    assert f'value="{wrong.get("email", "boss@example.ru")}"' in text
    assert await shop.value("select count(*) from report_subscriptions") == 0
