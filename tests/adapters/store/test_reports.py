"""Reports count the same from the sums and from the calls themselves."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.application.campaign_results import campaign_results
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.reports import LineKey
from voicebot.application.refresh_reports import refresh_reports
from voicebot.domain.cohorts import cohorts
from voicebot.domain.customer import ValueClass
from voicebot.domain.escalation_work import work_figures
from voicebot.domain.lift import CALLED, CONTROL
from voicebot.domain.measures import Tally
from voicebot.domain.report import Grouping, ReportQuery, SplitKind

MOSCOW = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 11, 24)
ALL = ReportQuery(since=TODAY - timedelta(days=60), until=TODAY)


class Clock:
    """Stands; every look at the monotonic one takes a second."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time, self.looks = now, 0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        self.looks += 1
        return float(self.looks)

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def open_unit(engine: AsyncEngine) -> OpenDeskUnit:
    return functools.partial(SqlDeskUnit, engine)


class Book:
    """Writes calls as they came to an end, without the work that leads to them."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def lead(self, customer_id: int, campaign_id: int) -> int:
        found: int = await self.shop.value(
            f"select id from leads where customer_id = {customer_id} and campaign_id = {campaign_id}"
        )
        return found

    async def call(self, lead: int, at: datetime, **rest: object) -> int:
        """A talk of 40 seconds unless `rest` says otherwise."""
        values: dict[str, object] = {
            "attempt": 1,
            "direction": "out",
            "cause": "answered",
            "disposition": "declined",
            "outcome_group": "neutral",
            "script": "winback",
            "answered_at": at + timedelta(seconds=5),
            "ended_at": at + timedelta(seconds=45),
        } | rest
        if values["cause"] != "answered":
            values["answered_at"] = None
        columns = ", ".join(values)
        written = ", ".join("null" if one is None else f"'{one}'" for one in values.values())
        await self.shop.execute(
            f"insert into calls (lead_id, customer_id, phone, owner, verdict, offers, dialled_at, {columns})"
            f" select id, customer_id, '+7900' || lpad(id::text, 7, '0'), 'line', '{{}}', '{{}}', '{at}', {written}"
            f" from leads where id = {lead}"
        )
        number: int = await self.shop.value("select max(id) from calls")
        return number

    async def code(self, lead: int, at: datetime, *, redeemed: datetime | None = None, total: int = 0) -> None:
        await self.shop.execute(
            "insert into promo_codes (code, customer_id, campaign_id, percent, days, issued_at, valid_until)"
            f" select 'P' || id, customer_id, campaign_id, 10, 3, '{at}', '{at + timedelta(days=4)}'"
            f" from leads where id = {lead}"
        )
        if redeemed:
            await self.redeem(lead, redeemed, total)

    async def redeem(self, lead: int, at: datetime, total: int) -> None:
        await self.shop.execute(
            "insert into orders (external_id, customer_id, placed_at, total)"
            f" select 'r' || id, customer_id, '{at}', {total}"
            f" from leads where id = {lead}"
        )
        await self.shop.execute(
            f"update promo_codes set redeemed_at = '{at}', order_id = (select max(id) from orders)"
            f" where code = 'P{lead}'"
        )


async def fill(shop: Shop) -> tuple[int, list[int]]:
    """Four people of one campaign: accepted, declined, busy, rang back; the campaign and its leads."""
    people = [await shop.customer() for _ in range(4)]
    await shop.execute(f"update customers set value_class = 'A' where id = {people[0]}")
    campaign = await shop.campaign(people, name="Возврат")
    book = Book(shop)
    leads = [await book.lead(one, campaign.id) for one in people]
    long_ago, yesterday = NOON - timedelta(days=40), NOON - timedelta(days=1)
    yes = {"disposition": "accepted", "outcome_group": "interested", "cost": "2.50"}
    first = await book.call(leads[0], long_ago, nps=9, **yes)
    await book.code(leads[0], long_ago + timedelta(seconds=50))
    await shop.execute(f"insert into call_tags (call_id, tag) values ({first}, 'price')")
    await book.call(leads[1], long_ago, nps=3, disposition="hung_up", hangup_state="offer")
    # Shortly before midnight in Moscow, and after it: two days.
    await book.call(leads[2], datetime(2026, 11, 22, 20, 59, tzinfo=NOON.tzinfo), cause="busy", disposition="busy")
    await book.call(leads[2], datetime(2026, 11, 22, 21, 1, tzinfo=NOON.tzinfo), attempt=2, disposition="stop")
    await book.call(leads[3], yesterday, disposition="voicemail", outcome_group="none")
    await book.call(leads[3], NOON, direction="in", attempt=1)
    await shop.execute(
        "insert into messages"
        " (key, customer_id, campaign_id, call_id, channel, template, phone, text, state, created_at)"
        f" select 'm', customer_id, {campaign.id}, id, 'sms', 'promo', phone, 'x', 'sent', dialled_at"
        f" from calls where id = {first}"
    )
    return campaign.id, leads


async def counted(open_unit: OpenDeskUnit, by: Grouping | None, query: ReportQuery = ALL) -> Mapping[LineKey, Tally]:
    async with open_unit() as unit:
        return await unit.reports.tallies(query, by, zone=MOSCOW)


async def test_sums_and_calls_say_the_same_by_every_grouping(shop: Shop, open_unit: OpenDeskUnit) -> None:
    await fill(shop)
    live = {by: await counted(open_unit, by) for by in (*Grouping, None)}
    async with open_unit() as unit:
        splits = await unit.reports.splits(ALL, zone=MOSCOW)
    assert await refresh_reports(open_unit, Clock(), MOSCOW) >= 40
    assert {by: await counted(open_unit, by) for by in (*Grouping, None)} == live
    async with open_unit() as unit:
        assert await unit.reports.splits(ALL, zone=MOSCOW) == splits
    assert await shop.value("select count(*) from report_days") > 0
    assert await shop.value("select count(*) from report_days where day >= '2026-11-24'") == 0


async def test_every_count_is_what_its_name_says(shop: Shop, open_unit: OpenDeskUnit) -> None:
    await fill(shop)
    (total,) = (await counted(open_unit, None)).values()
    assert total == Tally(
        dialled=5,
        answered=4,
        machines=1,
        rang_back=1,
        talks=4,
        interested=1,
        neutral=3,
        stops=1,
        hang_ups=1,
        people_dialled=4,
        people_reached=4,  # the third at the second attempt, the fourth by ringing back
        talk_seconds=160,
        call_cost=Decimal("2.50"),
        messages=1,
        codes=1,
        scores=2,
        promoters=1,
        detractors=1,
    )
    by_class = await counted(open_unit, Grouping.VALUE_CLASS)
    assert {key.name: one.codes for key, one in by_class.items()} == {"A": 1, "": 0}
    days = await counted(open_unit, Grouping.DAY)
    assert [(key.day, one.dialled) for key, one in days.items()] == [
        (date(2026, 10, 15), 2),
        (date(2026, 11, 22), 1),
        (date(2026, 11, 23), 2),
        (TODAY, 0),
    ]
    async with open_unit() as unit:
        splits = await unit.reports.splits(ALL, zone=MOSCOW)
    assert splits[SplitKind.REASON] == {"price": 1}
    assert splits[SplitKind.STAGE] == {"offer": 1}
    assert splits[SplitKind.CAUSE] == {"busy": 1}
    assert splits[SplitKind.SCORE] == {"3": 1, "9": 1}


async def test_filters_narrow_every_count(shop: Shop, open_unit: OpenDeskUnit) -> None:
    campaign, _ = await fill(shop)
    await refresh_reports(open_unit, Clock(), MOSCOW)
    assert await counted(open_unit, None, replace(ALL, campaign_id=campaign + 1)) == {}
    assert await counted(open_unit, None, replace(ALL, script="reminder")) == {}
    (classed,) = (await counted(open_unit, None, replace(ALL, value_class=ValueClass.A))).values()
    assert (classed.dialled, classed.interested) == (1, 1)
    (recent,) = (await counted(open_unit, None, replace(ALL, since=date(2026, 11, 23)))).values()
    assert (recent.dialled, recent.people_dialled) == (2, 1)


async def test_late_news_reach_the_day_they_belong_to(shop: Shop, open_unit: OpenDeskUnit) -> None:
    _, leads = await fill(shop)
    clock = Clock()
    await refresh_reports(open_unit, clock, MOSCOW)
    clock.time += timedelta(days=3)
    book = Book(shop)
    await book.call(leads[0], clock.time - timedelta(hours=2), attempt=2, errand="reminder", disposition="informed")
    await shop.execute(f"update promo_codes set valid_until = '{clock.time + timedelta(days=9)}'")
    await book.redeem(leads[0], clock.time - timedelta(hours=1), 1500)
    assert await refresh_reports(open_unit, clock, MOSCOW) > 0
    old = replace(ALL, until=date(2026, 10, 31))
    (october,) = (await counted(open_unit, None, old)).values()
    assert (october.codes, october.redeemed, october.revenue) == (1, 1, Decimal(1500))
    assert (october.reminded, october.reminded_redeemed, october.missed) == (1, 1, 0)


async def test_after_a_long_pause_no_day_is_added_up_twice(shop: Shop, open_unit: OpenDeskUnit) -> None:
    await fill(shop)
    clock = Clock()
    await refresh_reports(open_unit, clock, MOSCOW)
    clock.time += timedelta(days=60)
    assert await refresh_reports(open_unit, clock, MOSCOW) == 60 + 1, "those that are missing, and the last one"
    assert await refresh_reports(open_unit, clock, MOSCOW) == 1, "yesterday's calls may have ended since"
    assert await shop.value("select before from report_state where part = 'days'") == clock.time.date()


async def test_another_time_zone_makes_other_days(shop: Shop, open_unit: OpenDeskUnit) -> None:
    await fill(shop)
    await refresh_reports(open_unit, Clock(), MOSCOW)
    vladivostok = ZoneInfo("Asia/Vladivostok")
    await refresh_reports(open_unit, Clock(), vladivostok)
    async with open_unit() as unit:
        days = await unit.reports.tallies(ALL, Grouping.DAY, zone=vladivostok)
    assert [key.day for key, one in days.items() if one.dialled and key.day > date(2026, 11, 1)] == [  # type: ignore[operator]
        date(2026, 11, 23)
    ]


async def test_the_groups_are_those_of_the_campaign_results(shop: Shop, open_unit: OpenDeskUnit) -> None:
    campaign, leads = await fill(shop)
    left_alone = [await shop.customer() for _ in range(3)]
    for one in left_alone:
        await shop.execute(
            f"insert into campaign_controls (campaign_id, customer_id, at) values ({campaign}, {one}, '{NOON}')"
        )
    book = Book(shop)
    for lead, total in ((leads[0], 1000), (leads[1], 2500)):
        await book.code(lead, NOON) if lead != leads[0] else None
        await book.redeem(lead, NOON + timedelta(days=2), total)
    clock = Clock(NOON + timedelta(days=31))
    await refresh_reports(open_unit, clock, MOSCOW)
    wanted = await campaign_results(shop.open_unit, "Возврат", now=clock.time)
    async with open_unit() as unit:
        (found,) = await unit.report_groups.groups()
        comebacks = await unit.report_groups.comebacks()
    assert (found.called, found.control) == (wanted.called, wanted.control)
    assert found.called.buyers == 2
    assert [(one.people, one.waiting) for one in comebacks[CALLED]] == [(0, 4)]
    assert [(one.people, one.waiting) for one in comebacks[CONTROL]] == [(0, 3)]


async def test_cohorts_are_made_of_first_orders(shop: Shop, open_unit: OpenDeskUnit) -> None:
    people = [await shop.customer() for _ in range(2)]
    placed = [(0, 1, 100), (0, 20, 200), (0, 65, 300), (1, 5, 50)]  # person, days after 1 September, RUB
    for number, (person, days, total) in enumerate(placed):
        at = datetime(2026, 9, 1, tzinfo=NOON.tzinfo) + timedelta(days=days)
        await shop.execute(
            "insert into orders (external_id, customer_id, placed_at, total)"
            f" values ('x{number}', {people[person]}, '{at}', {total})"
        )
    clock = Clock()
    await refresh_reports(open_unit, clock, MOSCOW)
    async with open_unit() as unit:
        (september,) = cohorts(await unit.report_groups.cohorts(), now=TODAY)
    assert (september.month, september.buyers) == (date(2026, 9, 1), 2)
    assert september.repeat_rates == (0.5, 0.5, 0.5)
    assert september.values == (Decimal(175), Decimal(175), Decimal(325))


async def test_work_on_all_orders_is_not_done_at_every_look(shop: Shop, open_unit: OpenDeskUnit) -> None:
    clock = Clock()
    await refresh_reports(open_unit, clock, MOSCOW)
    first = await shop.value("select at from report_state where part = 'cohorts'")
    clock.time += timedelta(seconds=90)  # it took a second, as this clock tells
    await refresh_reports(open_unit, clock, MOSCOW)
    assert await shop.value("select at from report_state where part = 'cohorts'") == first
    clock.time += timedelta(minutes=10)
    await refresh_reports(open_unit, clock, MOSCOW)
    assert await shop.value("select at from report_state where part = 'cohorts'") == clock.time


async def test_reactions_and_first_talks_are_those_of_the_queue(shop: Shop, open_unit: OpenDeskUnit) -> None:
    _, leads = await fill(shop)
    book, done = Book(shop), f"'{NOON}', 'Анна', 'won_back'"
    resolved = (done, done, "null, '', null")
    for number, (lead, minutes) in enumerate(((leads[0], 5), (leads[1], 15), (leads[2], 100))):
        call = await book.call(lead, NOON - timedelta(hours=3), attempt=10 + number)
        await shop.execute(
            "insert into escalations (customer_id, campaign_id, call_id, kind, urgent, reason, created_at,"
            " first_taken_at, resolved_at, resolved_by, resolution) select c.customer_id, l.campaign_id, c.id,"
            f" 'manager', false, '', '{NOON - timedelta(hours=2)}', '{NOON - timedelta(minutes=120 - minutes)}',"
            f" {resolved[number]} from calls c join leads l on l.id = c.lead_id where c.id = {call}"
        )
    await shop.execute(
        "insert into click_calls"
        " (escalation_id, customer_id, requested_by, manager_address, requested_at, ended_at, result)"
        f" select id, customer_id, 'anna', '+79160000001', '{NOON}', '{NOON}', 'talked' from escalations"
        " where resolved_at is not null"
    )
    yesterday = NOON - timedelta(days=1)
    async with open_unit() as unit:
        found = {by: await unit.reports.work(ALL, by, zone=MOSCOW) for by in (*Grouping, None)}
        reactions = await unit.escalation_queue.reactions(yesterday)
        wanted = work_figures(reactions, await unit.escalation_queue.closed(yesterday), since=yesterday)
    assert (wanted.median, wanted.p90, wanted.first_contact) == (timedelta(minutes=15), timedelta(minutes=100), 1.0)
    assert {one.total for one in found.values()} == {wanted}
    by_class = {key.name: one for key, one in found[Grouping.VALUE_CLASS].lines.items()}
    assert (by_class["A"].taken, by_class["A"].median, by_class[""].taken) == (1, timedelta(minutes=5), 2)
    assert [key.name for key in found[Grouping.CAMPAIGN].lines] == ["Возврат"]
