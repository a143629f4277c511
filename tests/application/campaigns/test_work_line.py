"""A line at work: woken by news, patient with full trunks, around those that fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from tests.application.campaigns.shop import NOON, Shop, a_line, unanswered_report
from voicebot.adapters.outcome_spool import FileOutcomeSpool
from voicebot.adapters.postgres_listener import PostgresDoorbell
from voicebot.adapters.yaml_scripts import load_script
from voicebot.application.ports.telephone import IncomingCall
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.shared_claims import SharedClaims
from voicebot.application.station import Station
from voicebot.application.trunk_lines import TrunkLine, take_line
from voicebot.application.waiting_room import waiting_at
from voicebot.application.work_line import work_line
from voicebot.config import PROJECT
from voicebot.domain.call import Cause
from voicebot.domain.dialplan import Dialplan, MassCallLabel, RouteRule, Trunk
from voicebot.domain.outcome import unanswered
from voicebot.domain.phone import Phone
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock

LABEL = MassCallLabel(contract="1", name="Пример", category="реклама")
BUSY, BROKEN = 486, 500


def a_trunk(name: str, *, lines: int = 4) -> Trunk:
    """A trunk that leads to the host of its name."""
    caller_ids = (Phone("+74951234567"),)
    return Trunk(name=name, host=name, lines=lines, calls_per_second=100, caller_ids=caller_ids, label=LABEL)


class Street:
    """Telephones that answer every call at once with a code of their own, and count."""

    def __init__(self) -> None:
        self.network = FakeNetwork()
        self.calls: dict[str, int] = {}
        self.rang = asyncio.Event()

    async def answer(self, host: str, code: int) -> None:
        """Refuse whoever rings at `host`, for ever."""
        self.calls[host] = 0
        async for incoming in self.network.telephone(f"{host}:5060").incoming():
            await self._refuse(host, incoming, code)

    async def _refuse(self, host: str, incoming: IncomingCall, code: int) -> None:
        self.calls[host] += 1
        self.rang.set()
        await incoming.refuse(code)


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    street = Street()
    answering = [
        asyncio.create_task(street.answer("main", BUSY)),
        asyncio.create_task(street.answer("broken", BROKEN)),
    ]
    yield street
    for one in answering:
        one.cancel()
    await asyncio.wait(answering)


@asynccontextmanager
async def at_work(
    shop: Shop, rules: OutcomeRules, street: Street, folder: Path, *trunks: Trunk
) -> AsyncIterator[VirtualClock]:
    """One line that works; its clock shows the shop's noon when it begins."""
    clock = VirtualClock(NOON - timedelta(seconds=asyncio.get_running_loop().time()))
    routes = (RouteRule(pattern="*", trunks=tuple(trunk.name for trunk in trunks)),)
    station = Station(
        open_unit=shop.open_unit,
        telephone=street.network.telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=FakeVoiceDetector,
        library=FakePromptLibrary(),
        understanding=cast(LanguageUnderstanding, None),  # nobody ever speaks
        clock=clock,
        dialplan=Dialplan(name="default", trunks=trunks, routes=routes),
        scripts={"winback": load_script(PROJECT / "scripts" / "winback.yaml")},
        rules=rules,
        company="Пример",
        recordings=folder,
        spool=FileOutcomeSpool(folder / "spool"),
    )
    stop = asyncio.Event()
    url = shop.engine.url.render_as_string(hide_password=False)
    async with waiting_at(PostgresDoorbell(url)) as room, asyncio.timeout(60):
        await room.wait(0, 10.0, stop)
        claims = SharedClaims(station.open_unit, station.clock)
        working = asyncio.create_task(work_line(station, a_line(), claims, room, stop))
        try:
            yield clock
        finally:
            stop.set()
            room.ring()
            await working


async def until(shop: Shop, query: str, wanted: object) -> None:
    while await shop.value(query) != wanted:  # noqa: ASYNC110  # a row of the database: there is no event
        await asyncio.sleep(0.02)


async def test_an_idle_line_is_woken_and_dials_within_a_second(
    shop: Shop, rules: OutcomeRules, street: Street, tmp_path: Path
) -> None:
    loop, people = asyncio.get_running_loop(), [await shop.customer() for _ in range(3)]
    async with at_work(shop, rules, street, tmp_path, a_trunk("main")):
        waits = []
        for customer_id in people:
            await asyncio.sleep(0.3)  # the line has gone to sleep, for five seconds if nobody wakes it
            campaign = await shop.campaign([customer_id])
            street.rang.clear()
            async with shop.open_unit() as unit:
                await unit.wake.lines()
                await unit.commit()
            began = loop.time()
            await street.rang.wait()
            waits.append(loop.time() - began)
            await until(shop, f"select count(*) from leads where campaign_id = {campaign.id} and attempts = 1", 1)
    assert sorted(waits)[1] < 1.0, waits
    assert street.calls["main"] == 3


async def test_a_line_sleeps_until_the_next_lead_is_due(
    shop: Shop, rules: OutcomeRules, street: Street, tmp_path: Path
) -> None:
    await shop.campaign([await shop.customer()])
    async with shop.engine.begin() as connection:
        await connection.execute(text("update leads set next_attempt_at = :at"), {"at": NOON + timedelta(seconds=1.5)})
    async with at_work(shop, rules, street, tmp_path, a_trunk("main")) as clock:
        await street.rang.wait()
        late = clock.now() - NOON - timedelta(seconds=1.5)
    assert timedelta(0) <= late < timedelta(seconds=3), "without looking it up, the line would sleep for five seconds"


async def test_a_full_trunk_costs_the_lead_no_attempt(
    shop: Shop, rules: OutcomeRules, street: Street, tmp_path: Path
) -> None:
    narrow = a_trunk("main", lines=1)
    await shop.campaign([await shop.customer()])
    other = await shop.claim(a_line("another machine"))
    assert isinstance(await take_line(shop.open_unit, other.call.id, narrow, NOON), TrunkLine)
    await shop.campaign([await shop.customer()])
    async with at_work(shop, rules, street, tmp_path, narrow):
        await asyncio.sleep(0.5)
        assert street.calls["main"] == 0
        assert await shop.value("select max(attempts) from leads where lease_owner = ''") == 0
        report = unanswered_report(Cause.BUSY)
        await record_outcome(shop.open_unit, other.call.id, report, unanswered(Cause.BUSY), rules)
        await street.rang.wait()
        await until(shop, "select count(*) from calls where cause = 'busy'", 2)


async def test_a_trunk_that_fails_is_gone_around_and_then_left_alone(
    shop: Shop, rules: OutcomeRules, street: Street, tmp_path: Path
) -> None:
    await shop.campaign([await shop.customer() for _ in range(7)])
    async with at_work(shop, rules, street, tmp_path, a_trunk("broken"), a_trunk("main")):
        await until(shop, "select count(*) from calls where cause = 'busy'", 7)
    assert street.calls == {"broken": 5, "main": 7}
    assert [tuple(row) for row in await shop.rows("select distinct trunk, sip_code from calls")] == [("main", BUSY)]
    assert await shop.value("select reason from trunks where name = 'broken'") == "5 of the last 5 calls failed"


async def test_with_every_trunk_paused_leads_wait_undialled(
    shop: Shop, rules: OutcomeRules, street: Street, tmp_path: Path
) -> None:
    await shop.campaign([await shop.customer() for _ in range(7)])
    async with at_work(shop, rules, street, tmp_path, a_trunk("broken")):
        await until(shop, "select count(*) from trunks where paused_until is not null", 1)
        await until(shop, "select count(*) from calls where ended_at is null", 0)
        await asyncio.sleep(0.5)
    assert street.calls["broken"] == 5
    assert await shop.value("select count(*) from leads where state in ('queued', 'scheduled') and attempts = 0") == 2
