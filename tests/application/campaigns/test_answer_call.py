"""Whole calls from customers: fake telephones in virtual time, the real database, the shipped scripts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from tests.application.campaigns.shop import Shop, a_line, unanswered_report
from voicebot.adapters.russian_understanding import load_understanding
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.yaml_scripts import load_scripts
from voicebot.application.claim_lead import Assignment, claim_lead
from voicebot.application.ports.outcome_spool import OutcomeSpool
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.station import Station
from voicebot.application.waiting_room import WaitingRoom
from voicebot.application.work_inbound import work_inbound
from voicebot.config import PROJECT
from voicebot.domain.call import Cause
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.dialplan import Dialplan, InboundRule, TransferTarget, Trunk
from voicebot.domain.outcome import unanswered
from voicebot.domain.phone import Phone
from voicebot.rehearsal.callee import Actor, Ring, Stage, rehearsed, ring_up, serve
from voicebot.rehearsal.persona import Answers, HangUp, Persona, Role, Say, WaitBot
from voicebot.rehearsal.witness import CallWitness
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock, VirtualTimeLoop, in_virtual_time

OURS = "+74951234567"
MANAGER = "+74950000001"
BEGAN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SCRIPTS = load_scripts(PROJECT / "scripts")
UNDERSTANDING = load_understanding(PROJECT / "scripts" / "phrases")
PLAN = Dialplan(
    name="default",
    trunks=(Trunk(name="out", host="carrier", caller_ids=(Phone(OURS),), ring_timeout_s=5.0),),
    routes=(),
    hours=AROUND_THE_CLOCK,
    transfer=(TransferTarget(name="manager", uri=f"sip:{MANAGER}@office"),),
)


def says(*lines: str) -> Persona:
    steps = [step for line in lines for step in (WaitBot(silence_ms=1200), Say(text=line))]
    return Persona(name="caller", description="звонит сам", script=tuple(steps))


@dataclass
class Reception:
    """A process that takes calls, and the network around it."""

    shop: Shop
    network: FakeNetwork
    station: Station
    folder: Path
    stop: asyncio.Event

    async def rung_by(self, *callers: tuple[str, Persona]) -> list[CallWitness]:
        """Everybody rings at once; what each of them saw and heard."""
        actors = [(number, await rehearsed(persona, FakePromptLibrary())) for number, persona in callers]
        rung = await asyncio.gather(*(self._rung_by(number, actor) for number, actor in actors))
        await asyncio.sleep(2.0)  # virtual: what came of the calls is written down
        return rung

    async def _rung_by(self, number: str, actor: Actor) -> CallWitness:
        stage = Stage(
            telephone=self.network.telephone(f"phone{number}"),
            journal=self.folder / "journal",
            now=self.station.clock.now,
            bot="us",
        )
        return await ring_up(Ring(actor=actor, number=number, called=OURS), stage)

    async def missed_by(self, customer_id: int, rules: OutcomeRules) -> None:
        """A campaign calls the customer in vain."""
        await self.shop.campaign([customer_id])
        assignment = cast(Assignment, await claim_lead(self.station.open_unit, a_line(), BEGAN - timedelta(hours=1)))
        report = unanswered_report(Cause.NO_ANSWER, BEGAN - timedelta(hours=1))
        await record_outcome(self.station.open_unit, assignment.call.id, report, unanswered(Cause.NO_ANSWER), rules)


@asynccontextmanager
async def reception(url: str, rules: OutcomeRules, folder: Path, plan: Dialplan = PLAN) -> AsyncIterator[Reception]:
    """The clock stands still while the database works: it is real."""
    engine = open_engine(url)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    shop = StillShop(engine)
    network = FakeNetwork(latency_s=0.02)
    station = Station(
        open_unit=shop.open_unit,
        telephone=network.telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=FakeVoiceDetector,
        library=FakePromptLibrary(),
        understanding=UNDERSTANDING,
        clock=VirtualClock(BEGAN),
        dialplan=plan,
        scripts=SCRIPTS,
        rules=rules,
        company="Пример",
        recordings=folder,
        spool=cast(OutcomeSpool, None),  # the database is never away
    )
    stop = asyncio.Event()
    working = asyncio.create_task(work_inbound(station, a_line("door"), WaitingRoom(), stop))
    await asyncio.sleep(0)
    try:
        yield Reception(shop=shop, network=network, station=station, folder=folder, stop=stop)
    finally:
        stop.set()
        await working
        with loop.standing_still():
            await engine.dispose()


class StillShop(Shop):
    """A shop whose database takes no virtual time."""

    @property
    def open_unit(self) -> Any:
        return self._unit

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[UnitOfWork]:
        with cast(VirtualTimeLoop, asyncio.get_running_loop()).standing_still():
            async with Shop(self.engine).open_unit() as unit:
                yield unit

    async def rows(self, query: str) -> list[Any]:
        with cast(VirtualTimeLoop, asyncio.get_running_loop()).standing_still():
            return await super().rows(query)

    async def customer(self, **rest: Any) -> int:
        with cast(VirtualTimeLoop, asyncio.get_running_loop()).standing_still():
            return await super().customer(**rest)


@in_virtual_time
async def test_a_customer_who_missed_us_rings_back_hears_why_and_accepts(
    database_url: str, rules: OutcomeRules, tmp_path: Path
) -> None:
    async with reception(database_url, rules, tmp_path) as ours:
        number = "+79160000001"
        await ours.missed_by(await ours.shop.customer(phones=(number,)), rules)
        (witness,) = await ours.rung_by((number, says("вы мне звонили", "да интересно")))
        assert witness.sip_code == 200
        turns = await ours.shop.rows("select speaker, state, text from turns order by call_id, position")
        calls = await ours.shop.rows("select direction, disposition, script, recording <> '' from calls order by id")
        leads = await ours.shop.rows("select state, attempts, disposition from leads")
        sent = await ours.shop.rows("select template, phone from messages")
        codes = await ours.shop.value("select count(*) from promo_codes")
    assert [(one.speaker, one.state) for one in turns] == [
        ("bot", "greeting_inbound"),
        ("bot", "greeting_inbound"),
        ("customer", "greeting_inbound"),
        ("bot", "offer"),
        ("customer", "offer"),
        ("bot", "accepted"),
    ]
    assert turns[0].text == "Здравствуйте! Это робот компании Пример, разговор записывается."
    assert turns[1].text.startswith("Иван Петрович, мы звонили вам")
    assert calls == [("out", "no_answer", "winback", False), ("in", "accepted", "winback", True)]
    assert leads == [("done", 1, "accepted")]
    assert (sent, codes) == ([("promo", number)], 1)


@in_virtual_time
async def test_two_ring_at_once_and_each_is_talked_to_about_their_own(
    database_url: str, rules: OutcomeRules, tmp_path: Path
) -> None:
    async with reception(database_url, rules, tmp_path) as ours:
        wanted, stranger = "+79160000001", "+79160000002"
        await ours.missed_by(await ours.shop.customer(phones=(wanted,)), rules)
        await ours.rung_by((wanted, says("да", "да интересно")), (stranger, says("где мой заказ", "нет")))
        calls = await ours.shop.rows(
            "select phone, script, disposition from calls where direction = 'in' order by phone"
        )
        asked = await ours.shop.rows("select kind, reason from escalations")
    assert calls == [(wanted, "winback", "accepted"), (stranger, "inbound", "wants_human")]
    assert asked == [("manager", "нет; где мой заказ")]


@in_virtual_time
async def test_a_stranger_who_wants_a_person_is_put_through(
    database_url: str, rules: OutcomeRules, tmp_path: Path
) -> None:
    async with reception(database_url, rules, tmp_path) as ours:
        manager = Persona(
            name="manager",
            description="менеджер",
            role=Role.MANAGER,
            script=(WaitBot(), Say(text="алло"), WaitBot(silence_ms=3000, timeout_ms=3000), HangUp()),
        )
        actors = {MANAGER: await rehearsed(manager, FakePromptLibrary())}
        office = serve(
            ours.network.telephone("office"), actors, journal=tmp_path / "office", now=ours.station.clock.now
        )
        serving = asyncio.create_task(office)
        await ours.rung_by(("+79160000009", says("соедините с менеджером")))
        calls = await ours.shop.rows("select disposition, phone from calls")
        asked = await ours.shop.value("select count(*) from escalations")
        people = await ours.shop.rows("select external_id, first_name from customers")
        serving.cancel()
        await asyncio.wait({serving})
    assert calls == [("wants_human", "+79160000009")]
    assert asked == 0, "a manager has taken the call"
    assert people == [("phone:+79160000009", "")]


@in_virtual_time
async def test_who_asks_to_be_left_alone_is_left_alone(database_url: str, rules: OutcomeRules, tmp_path: Path) -> None:
    async with reception(database_url, rules, tmp_path) as ours:
        number = "+79160000001"
        await ours.missed_by(await ours.shop.customer(phones=(number,)), rules)
        await ours.rung_by((number, says("не звоните мне больше")))
        await ours.rung_by((number, says("нет")))
        calls = await ours.shop.rows("select script, disposition from calls where direction = 'in' order by id")
        leads = await ours.shop.rows("select state from leads order by id limit 1")
        said = await ours.shop.value(
            "select text from turns where state = 'greeting_stopped' and speaker = 'bot' order by id desc limit 1"
        )
    assert calls == [("winback", "stop"), ("inbound", "informed")]
    assert leads == [("blocked",)]
    assert "номер исключён" in said


@in_virtual_time
async def test_who_gives_up_while_it_rings_leaves_no_call(
    database_url: str, rules: OutcomeRules, tmp_path: Path
) -> None:
    patient = replace(PLAN, inbound=InboundRule(ring_s=20.0))
    async with reception(database_url, rules, tmp_path, patient) as ours:
        await ours.missed_by(await ours.shop.customer(phones=("+79160000001",)), rules)
        before = await ours.shop.rows("select state, next_attempt_at from leads order by id")
        telephone = ours.network.telephone("phone")
        call = await telephone.dial(f"sip:{OURS}@us", caller_id="+79160000001", ring_timeout_s=5.0, recording=None)
        events = [event async for event in call.events()]
        await asyncio.sleep(1.0)
        calls = await ours.shop.value("select count(*) from calls where direction = 'in'")
        after = await ours.shop.rows("select state, next_attempt_at from leads order by id")
    assert len(events) == 2, "it rang, and that was all"
    assert (calls, after) == (0, before)


@in_virtual_time
async def test_somebody_in_a_call_hears_the_busy_tone_and_a_wrong_number_is_not_found(
    database_url: str, rules: OutcomeRules, tmp_path: Path
) -> None:
    async with reception(database_url, rules, tmp_path) as ours:
        number = "+79160000001"
        silent = Persona(name="silent", description="молчит", line=Answers())
        talking = asyncio.create_task(ours.rung_by((number, silent)))
        await asyncio.sleep(6.0)
        (again,) = await ours.rung_by((number, silent))
        (first,) = await talking
        scanner = ours.network.telephone("scanner")
        call = await scanner.dial("sip:100@us", caller_id="100", ring_timeout_s=5.0, recording=None)
        last = [event async for event in call.events()][-1]
        calls = await ours.shop.value("select count(*) from calls")
    assert (first.sip_code, again.sip_code) == (200, 486)
    assert getattr(last, "sip_code", 0) == 404
    assert calls == 1


@in_virtual_time
async def test_a_process_told_to_stop_finishes_its_calls_and_takes_no_more(
    database_url: str, rules: OutcomeRules, tmp_path: Path
) -> None:
    async with reception(database_url, rules, tmp_path) as ours:
        talking = asyncio.create_task(ours.rung_by(("+79160000001", says("где мой заказ", "нет"))))
        await asyncio.sleep(5.0)
        ours.stop.set()
        (late,) = await ours.rung_by(("+79160000002", says("алло")))
        (first,) = await talking
        calls = await ours.shop.rows("select disposition from calls")
    assert (first.sip_code, late.sip_code) == (200, 480)
    assert calls == [("wants_human",)]
