"""What the fake telephone promises beyond the contract: exact latency, slots, unknown hosts."""

import asyncio

import pytest

from voicebot.application.ports.telephone import CallEvent, Connected, Disconnected, Frame, PlaybackEnded, Telephone
from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio
from voicebot.domain.call import Cause
from voicebot.domain.errors import NoFreeSlot, TelephonyError
from voicebot.testing.fake_telephone import FakeCall, FakeNetwork
from voicebot.testing.virtual_time import in_virtual_time

LOUD = Audio(format=TELEPHONE, samples=b"\x10\x27" * 800)  # 100 ms


async def talk(network: FakeNetwork) -> tuple[FakeCall, FakeCall]:
    ours = await network.telephone("us").dial("sip:+79160000001@them", caller_id="", ring_timeout_s=5, recording=None)
    theirs = await (await anext(network.telephone("them").incoming())).accept(recording=None)
    return ours, theirs


async def all_events(call: FakeCall) -> list[CallEvent]:
    return [event async for event in call.events()]


@in_virtual_time
async def test_sound_arrives_one_latency_later_to_the_frame() -> None:
    network = FakeNetwork(latency_s=0.1)
    network.telephone("them")
    ours, theirs = await talk(network)
    loop = asyncio.get_running_loop()
    await asyncio.sleep(1.005)
    played_at = loop.time()
    await theirs.play(LOUD)
    await asyncio.sleep(1)
    await ours.hang_up()
    events = await all_events(ours)
    loud = [event.at for event in events if isinstance(event, Frame) and any(event.samples)]
    assert len(loud) == 5
    assert 0.1 <= loud[0] - played_at <= 0.121
    assert loud[-1] - loud[0] == pytest.approx(0.08)
    assert isinstance(events[0], Connected)
    assert isinstance(events[-1], Disconnected)


@in_virtual_time
async def test_two_runs_are_the_same_to_the_last_event() -> None:
    async def run() -> list[CallEvent]:
        began = asyncio.get_running_loop().time()
        network = FakeNetwork(latency_s=0.05)
        network.telephone("them")
        ours, theirs = await talk(network)
        await ours.play(LOUD)
        await theirs.press("5")
        await asyncio.sleep(2)
        await theirs.hang_up()
        return [
            Frame(samples=event.samples, at=round(event.at - began, 6)) if isinstance(event, Frame) else event
            for event in await all_events(ours)
            if not isinstance(event, Connected | PlaybackEnded)
        ]

    assert await run() == await run()


@in_virtual_time
async def test_a_playback_ends_when_its_last_frame_has_been_heard_out() -> None:
    network = FakeNetwork()
    network.telephone("them")
    ours, _ = await talk(network)
    await asyncio.sleep(1.001)
    number = await ours.play(Audio(format=TELEPHONE, samples=bytes(FRAME_BYTES * 3 + 100)))
    await asyncio.sleep(1)
    await ours.hang_up()
    (ended,) = [event for event in await all_events(ours) if isinstance(event, PlaybackEnded)]
    assert ended.number == number
    assert ended.at == pytest.approx(1.02 + 4 * 0.02, abs=1e-6)


@in_virtual_time
async def test_a_fifth_call_finds_no_slot_on_either_side() -> None:
    network = FakeNetwork()
    them: Telephone = network.telephone("them")
    dials = [
        await network.telephone("us").dial("sip:1@them", caller_id="", ring_timeout_s=5, recording=None)
        for _ in range(4)
    ]
    with pytest.raises(NoFreeSlot):
        await network.telephone("us").dial("sip:1@them", caller_id="", ring_timeout_s=5, recording=None)
    other = await network.telephone("other").dial("sip:1@them", caller_id="", ring_timeout_s=5, recording=None)
    (busy,) = await all_events(other)
    assert busy == Disconnected(cause=Cause.BUSY, sip_code=486, by_us=False)
    await (await anext(them.incoming())).refuse(603)
    await all_events(dials[0])
    await network.telephone("us").dial("sip:1@them", caller_id="", ring_timeout_s=5, recording=None)


@in_virtual_time
async def test_a_host_nobody_listens_on_is_unreachable_and_a_bad_address_is_refused() -> None:
    us = FakeNetwork().telephone("us")
    call = await us.dial("sip:1@nowhere", caller_id="", ring_timeout_s=5, recording=None)
    assert await all_events(call) == [Disconnected(cause=Cause.UNREACHABLE, sip_code=503, by_us=False)]
    with pytest.raises(TelephonyError, match="sip:<number>@<host>"):
        await us.dial("+79160000001", caller_id="", ring_timeout_s=5, recording=None)


@in_virtual_time
async def test_an_answer_that_crosses_the_cancel_ends_both_sides() -> None:
    network = FakeNetwork(latency_s=0.2)
    them = network.telephone("them")
    ours = await network.telephone("us").dial("sip:1@them", caller_id="", ring_timeout_s=5, recording=None)
    incoming = await anext(them.incoming())
    theirs = await incoming.accept(recording=None)
    await ours.hang_up()
    ends = [(await all_events(call))[-1] for call in (ours, theirs)]
    assert [end.by_us for end in ends if isinstance(end, Disconnected)] == [True, False]
