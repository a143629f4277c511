"""Trial calls on an imaginary network, in virtual time: the manager hears what customers hear, and nothing is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from tests.application.conversation.rehearsed_call import SCRIPT, UNDERSTANDING
from tests.scenarios.sample import VARIABLES
from voicebot.application.claim_lead import Line
from voicebot.application.ports.telephone import Telephone
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.station import Station
from voicebot.application.try_script import try_script
from voicebot.domain.circuit_breaker import Breaker
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.dialplan import Dialplan, RouteRule, Trunk
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.pacing import TrunkLoad
from voicebot.domain.phone import Phone
from voicebot.domain.trial_call import TrialCall, TrialEnding, TrialResult
from voicebot.rehearsal.callee import rehearsed, serve
from voicebot.rehearsal.persona_files import read_personas
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock, run_in_virtual_time

PERSONAS = {persona.name: persona for persona in read_personas()}
OURS = "+74951234567"
MINE = "+79035556677"
LINE = Line(owner="line-1", policy=ContactPolicy(hours=AROUND_THE_CLOCK), lease=timedelta(seconds=30))


@dataclass
class Notebook:
    """What was written down; in place of the database."""

    answered_at: datetime | None = None
    trunks_used: list[str] = field(default_factory=list)
    endings: list[TrialEnding] = field(default_factory=list)
    beats: int = 0
    lost_after: int = 10_000

    async def keep(self, trial_id: int, *, owner: str, until: datetime) -> bool:
        self.beats += 1
        return self.beats <= self.lost_after

    async def answered(self, trial_id: int, *, at: datetime) -> None:
        self.answered_at = at

    async def occupy(self, trial_id: int, trunk: str) -> bool:
        self.trunks_used.append(trunk)
        return True

    async def end(self, trial_id: int, ending: TrialEnding, *, at: datetime) -> bool:
        self.endings.append(ending)
        return True

    async def lock(self, name: str, now: datetime) -> TrunkLoad:
        return TrunkLoad(name=name, next_call_at=now, live=0, breaker=Breaker())

    async def save(self, load: TrunkLoad) -> None:
        pass


class _Unit:
    """One transaction that writes into the notebook, and knows of nothing else: no lead, no call, no stop-list."""

    def __init__(self, book: Notebook) -> None:
        self.trial_calls = self.trunks = book

    async def commit(self) -> None:
        pass


def opener(book: Notebook) -> OpenUnit:
    @asynccontextmanager
    async def opened() -> AsyncIterator[_Unit]:
        yield _Unit(book)

    return cast(OpenUnit, opened)


def station(network: FakeNetwork, book: Notebook) -> Station:
    trunks = tuple(
        Trunk(name=name, host=name, calls_per_second=100, caller_ids=(Phone(OURS),), ring_timeout_s=20)
        for name in ("dead", "street")
    )
    return Station(
        open_unit=opener(book),
        telephone=network.telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=FakeVoiceDetector,
        library=FakePromptLibrary(),
        understanding=UNDERSTANDING,
        clock=VirtualClock(),
        dialplan=Dialplan(name="default", trunks=trunks, routes=(RouteRule(pattern="*", trunks=("dead", "street")),)),
        scripts={"winback": SCRIPT},
        rules=cast(Any, None),
        company="Пример",
        recordings=Path("unused"),
        spool=cast(Any, None),
    )


def trial(address: str = MINE, script: str = "winback") -> TrialCall:
    return TrialCall(
        id=7,
        requested_by="anna",
        address=address,
        script=script,
        dialplan="default",
        variables=VARIABLES,
        about="campaign:1",
        requested_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        owner=LINE.owner,
    )


async def tried(persona: str, wanted: TrialCall, folder: Path, book: Notebook) -> TrialResult:
    network, clock = FakeNetwork(latency_s=0.02), VirtualClock()
    actors = {MINE: await rehearsed(PERSONAS[persona], FakePromptLibrary())}
    before, serving = asyncio.all_tasks(), list[asyncio.Task[None]]()
    for host in ("street:5060", "office"):
        telephone = network.telephone(host)  # at once: who dials before the task runs finds it
        serving.append(asyncio.create_task(serve(telephone, actors, journal=folder / "journal.jsonl", now=clock.now)))
    serving.append(asyncio.create_task(_refuses(network.telephone("dead:5060"))))
    try:
        return await try_script(station(network, book), LINE, wanted)
    finally:
        await asyncio.sleep(1.0)
        rest = asyncio.all_tasks() - before
        for one in rest:
            one.cancel()
        await asyncio.wait(rest)


async def _refuses(telephone: Telephone) -> None:
    async for incoming in telephone.incoming():
        await incoming.refuse(500)


def test_the_manager_talks_to_the_bot_over_the_trunk_that_works(tmp_path: Path) -> None:
    book = Notebook()
    assert run_in_virtual_time(tried("accepts", trial(), tmp_path, book)) is TrialResult.TALKED
    (ending,) = book.endings
    assert (ending.group, ending.disposition) == (Group.INTERESTED, Disposition.ACCEPTED)
    assert "робот" in ending.turns[0].text
    assert book.answered_at is not None
    assert book.trunks_used == ["dead", "", "street"], "a trunk that fails is gone around, its line is free again"


def test_a_demand_never_to_be_called_stops_nobody(tmp_path: Path) -> None:
    """The unit of the test has no stop-list: asking for it would fail."""
    book = Notebook()
    assert run_in_virtual_time(tried("stop", trial(), tmp_path, book)) is TrialResult.TALKED
    assert book.endings[0].disposition is Disposition.STOP


def test_who_asks_for_a_person_hears_what_customers_hear_when_nobody_answers(tmp_path: Path) -> None:
    book = Notebook()
    assert run_in_virtual_time(tried("wants_human", trial(), tmp_path, book)) is TrialResult.TALKED
    assert book.trunks_used == ["dead", "", "street"], "no manager is rung"


@pytest.mark.parametrize(
    ("persona", "result"),
    [("busy", TrialResult.BUSY), ("rings_out", TrialResult.AWAY), ("no_such_number", TrialResult.NO_WAY)],
)
def test_the_desk_is_told_why_nobody_talked(persona: str, result: TrialResult, tmp_path: Path) -> None:
    book = Notebook()
    assert run_in_virtual_time(tried(persona, trial(), tmp_path, book)) is result
    assert book.endings == [TrialEnding(result=result)]


def test_a_sip_phone_is_rung_directly(tmp_path: Path) -> None:
    book = Notebook()
    assert run_in_virtual_time(tried("accepts", trial(f"sip:{MINE}@office"), tmp_path, book)) is TrialResult.TALKED
    assert book.trunks_used == []


def test_a_script_the_line_does_not_know_rings_nobody(tmp_path: Path) -> None:
    book = Notebook()
    assert run_in_virtual_time(tried("accepts", trial(script="new"), tmp_path, book)) is TrialResult.NO_SCRIPT
    assert book.trunks_used == []


def test_a_trial_given_up_for_lost_is_hung_up_on(tmp_path: Path) -> None:
    book = Notebook(lost_after=0)
    assert run_in_virtual_time(tried("silent", trial(), tmp_path, book)) is TrialResult.INTERRUPTED
    assert book.endings == [TrialEnding(result=TrialResult.INTERRUPTED)]
