"""Call-backs by a click on an imaginary network, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from voicebot.application.bridge_manager import ClaimedClick, bridge_manager
from voicebot.application.claim_lead import Line
from voicebot.application.ports.telephone import Disconnected, Frame, IncomingCall, PhoneCall
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.station import Station
from voicebot.application.waiting_room import WaitingRoom
from voicebot.domain.circuit_breaker import Breaker
from voicebot.domain.click_call import ClickCall, ClickLeg, ClickResult
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.dialplan import Dialplan, RouteRule, Trunk
from voicebot.domain.pacing import TrunkLoad
from voicebot.domain.phone import Phone
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, spoken
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock, in_virtual_time

OURS = "+74951234567"
CUSTOMER = Phone("+79160000001")
LINE = Line(owner="line-1", policy=ContactPolicy(hours=AROUND_THE_CLOCK), lease=timedelta(seconds=30))
SPEECH = spoken("алло")


@dataclass
class Notebook:
    """What was written down; in place of the database."""

    answered: list[ClickLeg] = field(default_factory=list)
    trunks_used: list[tuple[ClickLeg, str]] = field(default_factory=list)
    results: list[ClickResult] = field(default_factory=list)
    beats: int = 0
    lost_after: int = 10_000
    """Signs of life after which the line counts as dead."""

    async def keep(self, click_id: int, *, owner: str, until: datetime) -> bool:
        self.beats += 1
        return self.beats <= self.lost_after

    async def occupy(self, click_id: int, leg: ClickLeg, trunk: str) -> bool:
        self.trunks_used.append((leg, trunk))
        return True

    async def end(self, click_id: int, result: ClickResult, *, at: datetime) -> bool:
        self.results.append(result)
        return True

    async def lock(self, name: str, now: datetime) -> TrunkLoad:
        return TrunkLoad(name=name, next_call_at=now, live=0, breaker=Breaker())

    async def save(self, load: TrunkLoad) -> None:
        pass


class _Unit:
    """One transaction that writes into the notebook."""

    def __init__(self, book: Notebook) -> None:
        self.trunks = book
        self.click_calls = _Clicks(book)

    async def commit(self) -> None:
        pass


class _Clicks:
    def __init__(self, book: Notebook) -> None:
        self.keep, self.occupy, self.end = book.keep, book.occupy, book.end
        self._book = book

    async def answered(self, click_id: int, leg: ClickLeg, *, at: datetime) -> None:
        self._book.answered.append(leg)


def opener(book: Notebook) -> OpenUnit:
    @asynccontextmanager
    async def opened() -> AsyncIterator[_Unit]:
        yield _Unit(book)

    return cast(OpenUnit, opened)


Behaviour = Callable[[IncomingCall], Awaitable[None]]


@dataclass
class Town:
    """A manager's phone and a customer's, and everything heard there."""

    network: FakeNetwork
    book: Notebook = field(default_factory=Notebook)
    heard: dict[str, bytes] = field(default_factory=dict)
    callers: dict[str, str] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)
    """When each phone's call was over, loop seconds."""

    def at_home(self, host: str, behave: Behaviour) -> "asyncio.Task[None]":
        telephone = self.network.telephone(host)  # at once: who dials before the task runs finds it

        async def serve() -> None:
            async for incoming in telephone.incoming():
                self.callers[host] = incoming.caller
                await behave(incoming)

        return asyncio.create_task(serve())

    def answers(self, host: str, *, after_s: float, says: bool = True, stays_s: float = 60.0) -> "asyncio.Task[None]":
        async def behave(incoming: IncomingCall) -> None:
            await asyncio.sleep(after_s)
            call = await incoming.accept(recording=None)
            if says:
                await call.play(SPEECH)
            leaving = asyncio.get_running_loop().call_later(stays_s, lambda: asyncio.ensure_future(call.hang_up()))
            sounds = bytearray()
            async for event in call.events():
                if isinstance(event, Frame):
                    sounds += event.samples
                if isinstance(event, Disconnected):
                    self.left[host] = asyncio.get_running_loop().time()
            leaving.cancel()
            self.heard[host] = bytes(sounds)

        return self.at_home(host, behave)

    def refuses(self, host: str, code: int) -> "asyncio.Task[None]":
        return self.at_home(host, lambda incoming: incoming.refuse(code))

    def words_at(self, host: str) -> str:
        """Letters of the fake voice in what a phone heard."""
        samples = np.frombuffer(self.heard.get(host, b""), dtype="<i2")
        return bytes((samples[samples >= 8192] - 8192).astype(np.uint8)).decode(errors="ignore")


@asynccontextmanager
async def town(*, slots: int = 4) -> AsyncIterator[Town]:
    here = Town(network=FakeNetwork(slots=slots))
    before = asyncio.all_tasks()
    here.refuses("dead:5060", 500)
    yield here
    rest = asyncio.all_tasks() - before
    for one in rest:
        one.cancel()
    await asyncio.wait(rest)


def station(here: Town) -> Station:
    trunks = tuple(
        Trunk(name=name, host=name, calls_per_second=100, caller_ids=(Phone(OURS),), ring_timeout_s=20)
        for name in ("dead", "street")
    )
    routes = (RouteRule(pattern="*", trunks=("dead", "street")),)
    return Station(
        open_unit=opener(here.book),
        telephone=here.network.telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=cast(Any, None),
        library=FakePromptLibrary(),
        understanding=cast(Any, None),
        clock=VirtualClock(),
        dialplan=Dialplan(name="default", trunks=trunks, routes=routes),
        scripts={},
        rules=cast(Any, None),
        company="Пример",
        recordings=Path("unused"),
        spool=cast(Any, None),
    )


def claimed(address: str = "sip:anna@office") -> ClaimedClick:
    click = ClickCall(
        id=7,
        escalation_id=1,
        customer_id=1,
        campaign_id=1,
        requested_by="anna",
        manager_address=address,
        requested_at=VirtualClock().now(),
        owner=LINE.owner,
    )
    return ClaimedClick(click=click, customer=CUSTOMER)


async def call_back(here: Town, address: str = "sip:anna@office", room: WaitingRoom | None = None) -> ClickResult:
    result = await bridge_manager(station(here), LINE, claimed(address), room or WaitingRoom())
    await asyncio.sleep(0.1)  # the last BYE arrives
    assert here.book.results == [result]
    return result


@in_virtual_time
async def test_the_manager_is_rung_first_and_then_hears_the_customer() -> None:
    async with town() as here:
        here.answers("office", after_s=2, stays_s=60)
        here.answers("street:5060", after_s=5, stays_s=12)
        assert await call_back(here) is ClickResult.TALKED
        assert here.book.answered == [ClickLeg.MANAGER, ClickLeg.CUSTOMER]
        assert here.words_at("office").startswith("соединяю с клиентом")
        assert here.words_at("office").endswith("алло")
        assert "соединяю" not in here.words_at("street:5060")
        assert here.callers["street:5060"] == OURS
        assert here.left["office"] - here.left["street:5060"] < 0.1, "who is left alone is hung up on"


@in_virtual_time
async def test_a_trunk_that_fails_is_gone_around_and_its_line_is_free_again() -> None:
    async with town() as here:
        here.answers("office", after_s=1)
        here.answers("street:5060", after_s=1, stays_s=5)
        await call_back(here)
        used = [use for use in here.book.trunks_used if use[0] is ClickLeg.CUSTOMER]
        assert used == [(ClickLeg.CUSTOMER, "dead"), (ClickLeg.CUSTOMER, ""), (ClickLeg.CUSTOMER, "street")]


@in_virtual_time
async def test_a_manager_with_a_number_is_reached_over_the_dialplan() -> None:
    async with town() as here:
        here.answers("street:5060", after_s=1, says=False, stays_s=4)
        await call_back(here, "+79035556677")
        assert (ClickLeg.MANAGER, "street") in here.book.trunks_used


@in_virtual_time
async def test_nobody_rings_the_customer_of_a_manager_who_does_not_answer() -> None:
    async with town() as here:
        here.refuses("office", 486)
        here.answers("street:5060", after_s=1)
        assert await call_back(here) is ClickResult.MANAGER_AWAY
        assert "street:5060" not in here.callers


@pytest.mark.parametrize(
    ("code", "result", "told"),
    [(486, ClickResult.BUSY, "у клиента занято"), (480, ClickResult.NO_ANSWER, "клиент не отвечает")],
)
def test_the_manager_is_told_why_nobody_is_there(code: int, result: ClickResult, told: str) -> None:
    @in_virtual_time
    async def run() -> None:
        async with town() as here:
            here.answers("office", after_s=1, says=False)
            here.refuses("street:5060", code)
            assert await call_back(here) is result
            assert here.words_at("office").endswith(told)

    run()


@in_virtual_time
async def test_a_manager_who_hangs_up_stops_the_ringing() -> None:
    async with town() as here:
        here.answers("office", after_s=1, stays_s=3)
        cancelled: list[float] = []

        async def rings(incoming: IncomingCall) -> None:
            await incoming.cancelled()
            cancelled.append(asyncio.get_running_loop().time())

        here.at_home("street:5060", rings)
        assert await call_back(here) is ClickResult.GAVE_UP
        assert len(cancelled) == 1
        assert cancelled[0] - here.left["office"] < 0.1


@in_virtual_time
async def test_a_process_with_one_slot_waits_for_the_second_and_its_lines_hold_back() -> None:
    async with town(slots=2) as here:
        here.answers("office", after_s=1)
        here.answers("street:5060", after_s=1, stays_s=5)
        here.answers("elsewhere", after_s=0, stays_s=1000)
        room = WaitingRoom()
        other: PhoneCall = await here.network.telephone("us").dial(
            "sip:1@elsewhere", caller_id=OURS, ring_timeout_s=5, recording=None
        )
        bridging = asyncio.create_task(call_back(here, room=room))
        await asyncio.sleep(8)
        assert room.held_back
        assert "street:5060" not in here.callers
        await other.hang_up()
        assert await bridging is ClickResult.TALKED
        assert not room.held_back


@in_virtual_time
async def test_a_call_back_given_up_for_lost_hangs_up_on_both() -> None:
    async with town() as here:
        here.book.lost_after = 2
        here.answers("office", after_s=1, stays_s=1000)
        here.answers("street:5060", after_s=1, stays_s=1000)
        assert await call_back(here) is ClickResult.INTERRUPTED
        assert set(here.left) == {"office", "street:5060"}
        assert max(here.left.values()) < 32


@in_virtual_time
async def test_a_process_that_stops_hangs_up_and_writes_it_down() -> None:
    async with town() as here:
        here.answers("office", after_s=1, stays_s=1000)
        here.answers("street:5060", after_s=1, stays_s=1000)
        bridging = asyncio.create_task(bridge_manager(station(here), LINE, claimed(), WaitingRoom()))
        await asyncio.sleep(10)
        bridging.cancel()
        await asyncio.wait({bridging})
        await asyncio.sleep(0.1)
        assert set(here.left) == {"office", "street:5060"}
        assert here.book.results == [ClickResult.INTERRUPTED]
