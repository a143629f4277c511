"""A line that works on while scripts are edited at the desk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests.application.campaigns.shop import NOON, Shop, a_line
from tests.application.campaigns.test_make_call import MACHINE, TRUNK
from voicebot.adapters.outcome_spool import FileOutcomeSpool
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.yaml_documents import YamlDocuments
from voicebot.application.desk.documents import Draft, save_draft
from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.record_outcome import OutcomeRules
from voicebot.application.shared_claims import SharedClaims
from voicebot.application.station import Station
from voicebot.application.waiting_room import WaitingRoom
from voicebot.application.work_line import work_line
from voicebot.config import PROJECT
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.dialplan import Dialplan, RouteRule
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion
from voicebot.rehearsal.callee import rehearsed, serve
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock

WINBACK = DocumentId(kind=DocumentKind.SCRIPT, name="winback")
DIALPLAN = DocumentId(kind=DocumentKind.DIALPLAN, name="default")
PLAN = Dialplan(
    name="default",
    trunks=(replace(TRUNK, host="hall", calls_per_second=100),),
    routes=(RouteRule(pattern="*", trunks=("out",)),),
    hours=AROUND_THE_CLOCK,
)


class _Reader(YamlDocuments):
    """Reads scripts; the trunk is the test's own, and nobody ever speaks."""

    plan = PLAN

    def understanding(self, saved: object) -> LanguageUnderstanding:
        return cast(LanguageUnderstanding, None)

    def dialplan(self, name: str, saved: object) -> Dialplan:
        return self.plan


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a line goes by, and the line at work."""

    shop: Shop
    reader: _Reader
    clock: VirtualClock
    station: Station
    documents: DocumentsInForce
    room: WaitingRoom = field(default_factory=WaitingRoom)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[None]:
        """A line at work as long as the block runs; a call under way is finished."""
        stop, claims = asyncio.Event(), SharedClaims(self.shop.open_unit, self.clock)
        working = asyncio.create_task(work_line(self.station, a_line(), claims, self.room, stop))
        try:
            async with asyncio.timeout(40):
                yield
        finally:
            stop.set()
            await working

    async def save(self, document: DocumentId, old: str, new: str) -> None:
        """Save the document at the desk, with `new` for `old`."""
        draft = Draft(document=document, text=(self.reader.text_of(document) or "").replace(old, new), base=0)
        saved = await save_draft(
            partial(SqlDeskUnit, self.shop.engine), self.reader, draft, by="Анна", now=self.clock.now()
        )
        assert isinstance(saved, NewVersion)

    async def call_somebody(self, *, calls: int) -> None:
        """Have one more customer called; `calls` are then over."""
        await self.shop.campaign([await self.shop.customer()])
        self.room.ring()
        while await self.shop.value("select count(*) from calls where ended_at is not null") != calls:  # noqa: ASYNC110  # a row
            await asyncio.sleep(0.05)


@pytest.fixture
async def work(shop: Shop, rules: OutcomeRules, tmp_path: Path) -> AsyncIterator[Work]:
    """Everybody who is called is an answering machine."""
    network, reader = FakeNetwork(), _Reader(scripts=PROJECT / "scripts", dialplan=PROJECT / "dialplans/default.yaml")
    clock = VirtualClock(NOON - timedelta(seconds=asyncio.get_running_loop().time()))
    documents = DocumentsInForce(shop.open_unit, reader, dialplan="default", now=clock.now, actor="line")
    now = await documents.look()
    documents.opened(now.dialplan)
    station = Station(
        open_unit=shop.open_unit,
        telephone=network.telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=FakeVoiceDetector,
        library=FakePromptLibrary(),
        understanding=now.understanding,
        clock=clock,
        dialplan=now.dialplan,
        scripts=now.scripts,
        rules=rules,
        company="Пример",
        recordings=tmp_path,
        spool=FileOutcomeSpool(tmp_path / "spool"),
        documents=documents,
    )
    machine = await rehearsed(MACHINE, FakePromptLibrary())
    hall = serve(network.telephone("hall:5060"), {}, journal=tmp_path / "journal", now=clock.now, anyone=[machine])
    serving = asyncio.create_task(hall)
    yield Work(shop=shop, reader=reader, clock=clock, station=station, documents=documents)
    serving.cancel()
    await asyncio.wait({serving})


async def test_a_line_speaks_the_saved_version_in_its_next_call_and_writes_its_number_down(work: Work) -> None:
    async with work.line():
        await work.call_somebody(calls=1)
        await work.save(WINBACK, "разговор записывается.", "запись разговора ведётся, разговор записывается.")
        await work.call_somebody(calls=2)
    spoken = await work.shop.rows(
        "select c.script_version, t.text like '%ведётся%' from calls c join turns t on t.call_id = c.id"
        " where t.state = 'greeting' and t.speaker = 'bot' order by c.id"
    )
    assert [tuple(row) for row in spoken] == [(0, False), (1, True)]


async def test_a_line_whose_telephone_is_to_be_opened_again_claims_nobody(work: Work) -> None:
    work.reader.plan = replace(PLAN, trunks=(replace(PLAN.trunks[0], host="hall2"),))
    await work.shop.campaign([await work.shop.customer()])
    await work.save(DIALPLAN, "lines: 4", "lines: 9")
    async with work.line():
        await work.documents.rewired.wait()
    assert await work.shop.value("select count(*) from calls") == 0
