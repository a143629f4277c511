"""The first page: live calls, the day, the queue, alarms."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop, outcome, unanswered_report
from tests.application.campaigns.shop import answered as talked
from tests.entrypoints.desk.conftest import NOON, MovingClock
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.alarms import Alarm, AlarmKind, DayCounts, PausedTrunk, alarms
from voicebot.domain.call import Cause
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_rules import ContactPolicy
from voicebot.domain.message import Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, unanswered
from voicebot.domain.user import Role
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.app import build_app
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={},
    sender=Sender(company="Пример", rules_url="https://example.ru/promo"),
    draw=lambda below: 7 % below,
)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def test_the_page_counts_the_day_and_names_who_waits(sign_in: SignIn, shop: Shop, clock: MovingClock) -> None:
    people = [await shop.customer() for _ in range(4)]
    await shop.campaign(people, name="Возврат")
    first, second = await shop.claim(), await shop.claim()
    angry = outcome(
        Disposition.COMPLAINT,
        FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="<b>ужас</b>"),
        group=Group.NEGATIVE,
    )
    await record_outcome(shop.open_unit, first.call.id, talked(NOON), angry, RULES)
    await record_outcome(
        shop.open_unit, second.call.id, unanswered_report(Cause.BUSY, NOON), unanswered(Cause.BUSY), RULES
    )
    live = await shop.claim()
    clock.time = NOON + timedelta(minutes=30)
    page = await (await sign_in(Role.MANAGER)).text("/")
    assert "Возврат" in page
    assert f'href="/calls/{live.call.id}"' in page
    assert "Иван Петрович" in page
    assert "срочных: 1" in page
    # Waiting: the third, and the busy one again.
    figures = [part.split("</span>")[0] for part in page.split('<span class="figure-big">')[1:]]
    assert figures == ["2", "3", "1", "0", "0", "1", "0", "0"]


async def test_names_are_masked_for_those_who_may_not_see_them(sign_in: SignIn, shop: Shop) -> None:
    await shop.campaign([await shop.customer()])
    await shop.claim()
    page = await (await sign_in(Role.AUDITOR)).text("/")
    assert "Иван" in page
    assert "Петрович" not in page


async def test_an_empty_day_says_so(sign_in: SignIn) -> None:
    page = await (await sign_in(Role.MANAGER)).text("/")
    assert "Сейчас никто не разговаривает." in page
    assert "Очередь пуста." in page


async def test_the_stream_sends_the_picture_again_when_it_changes(sign_in: SignIn, shop: Shop) -> None:
    visitor = await sign_in(Role.MANAGER)
    await shop.campaign([await shop.customer()], name="Возврат")
    reply = await visitor.get("/today/stream")
    assert reply.content_type == "text/event-stream"
    assert await reply.content.readline() == b"event: live\n"
    await shop.claim()
    seen = b""
    while "Иван Петрович".encode() not in seen:
        seen = await reply.content.readline()
    reply.close()


async def test_the_whole_application_answers_health_and_closes_its_streams(
    desk: Desk, shop: Shop, engine: AsyncEngine
) -> None:
    async def up() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("select 1"))

    app: web.Application = build_app(
        Api(settings=desk.settings, open_unit=desk.open_unit, clock=desk.clock, check=up), desk
    )
    async with TestClient(TestServer(app)) as browser:
        assert (await browser.get("/healthz")).status == 200
        assert (await browser.get("/nowhere")).status == 404


WEEK = DayCounts(dialled=1000, answered=600)
QUIET = DayCounts(dialled=100, answered=60, stops=1, sent=20, refused=1)


def test_an_ordinary_day_has_no_alarms() -> None:
    assert alarms(QUIET, WEEK, ()) == ()


@pytest.mark.parametrize(
    ("today", "kind"),
    [
        (DayCounts(dialled=100, answered=60, stops=4), AlarmKind.STOPS),
        (DayCounts(dialled=100, answered=41), AlarmKind.ANSWERED),
        (DayCounts(dialled=100, answered=60, sent=3, refused=2), AlarmKind.GATEWAY),
        (DayCounts(letters=1), AlarmKind.CRM),
    ],
)
def test_each_trouble_has_its_alarm(today: DayCounts, kind: AlarmKind) -> None:
    assert [one.kind for one in alarms(today, WEEK, ())] == [kind]


def test_few_calls_raise_no_alarm_and_a_paused_trunk_always_does() -> None:
    few = DayCounts(dialled=10, answered=2, stops=2, sent=1, refused=1)
    paused = PausedTrunk(name="carrier", until=NOON)
    assert alarms(few, WEEK, (paused,)) == (Alarm(kind=AlarmKind.TRUNK, subject="carrier", until=NOON),)
