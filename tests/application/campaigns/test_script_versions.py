"""A line that works on while scripts are edited at the desk."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import cast

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
from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.rehearsal.callee import rehearsed, serve
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock

WINBACK = DocumentId(kind=DocumentKind.SCRIPT, name="winback")
PLAN = Dialplan(
    name="default",
    trunks=(replace(TRUNK, host="hall", calls_per_second=100),),
    routes=(RouteRule(pattern="*", trunks=("out",)),),
    hours=AROUND_THE_CLOCK,
)


class _Reader(YamlDocuments):
    """Reads scripts; the trunk is the test's own, and nobody ever speaks."""

    def understanding(self, saved: object) -> LanguageUnderstanding:
        return cast(LanguageUnderstanding, None)

    def dialplan(self, name: str, saved: object) -> Dialplan:
        return PLAN


async def test_a_line_speaks_the_saved_version_in_its_next_call_and_writes_its_number_down(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    network, reader = FakeNetwork(), _reader()
    clock = VirtualClock(NOON - timedelta(seconds=asyncio.get_running_loop().time()))
    documents = DocumentsInForce(shop.open_unit, reader, dialplan="default", now=clock.now, actor="line")
    now = await documents.look()
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
    serving, stop, room = asyncio.create_task(hall), asyncio.Event(), WaitingRoom()
    claims = SharedClaims(shop.open_unit, clock)
    working = asyncio.create_task(work_line(station, a_line(), claims, room, stop))
    try:
        async with asyncio.timeout(40):
            await _call_somebody(shop, room, calls=1)
            text = (reader.text_of(WINBACK) or "").replace(
                "разговор записывается.", "запись разговора ведётся, разговор записывается."
            )
            draft = Draft(document=WINBACK, text=text, base=0)
            await save_draft(partial(SqlDeskUnit, shop.engine), reader, draft, by="Анна", now=clock.now())
            await _call_somebody(shop, room, calls=2)
    finally:
        stop.set()
        room.ring()
        await working
        serving.cancel()
        await asyncio.wait({serving})
    spoken = await shop.rows(
        "select c.script_version, t.text like '%ведётся%' from calls c join turns t on t.call_id = c.id"
        " where t.state = 'greeting' and t.speaker = 'bot' order by c.id"
    )
    assert [tuple(row) for row in spoken] == [(0, False), (1, True)]


def _reader() -> _Reader:
    return _Reader(scripts=PROJECT / "scripts", dialplan=PROJECT / "dialplans" / "default.yaml")


async def _call_somebody(shop: Shop, room: WaitingRoom, *, calls: int) -> None:
    await shop.campaign([await shop.customer()])
    room.ring()
    while await shop.value("select count(*) from calls where ended_at is not null") != calls:  # noqa: ASYNC110  # a row
        await asyncio.sleep(0.05)
