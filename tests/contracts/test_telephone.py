"""What every Telephone does, the fake one in virtual time and the real one over the loopback interface."""

import asyncio
import math
import struct
import wave
from array import array
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import (
    CallEvent,
    Connected,
    DigitPressed,
    Disconnected,
    Frame,
    IncomingCall,
    PhoneCall,
    PlaybackEnded,
    Ringing,
    Telephone,
)
from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio, AudioFormat
from voicebot.domain.call import Cause
from voicebot.domain.errors import TelephonyError
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualTimeLoop

CUSTOMER = "+79160000001"

_Kind = TypeVar("_Kind", bound=CallEvent)


@dataclass
class Line:
    """Two telephones that reach each other; one and the same where a process can hold one only."""

    caller: Telephone
    callee: Telephone
    address: str
    run: Callable[[Coroutine[None, None, None]], None]
    arrivals: AsyncIterator[IncomingCall] | None = None
    next_arrival: "asyncio.Task[IncomingCall] | None" = None

    async def dial(self, *, ring_timeout_s: float = 15, recording: Path | None = None) -> PhoneCall:
        if self.arrivals is None:
            self.arrivals = self.callee.incoming()
        if self.next_arrival is None:
            self.next_arrival = asyncio.create_task(_next(self.arrivals))
            await asyncio.sleep(0)  # somebody waits for calls before the first one comes
        return await self.caller.dial(
            f"sip:{CUSTOMER}@{self.address}",
            caller_id="+74950000000",
            ring_timeout_s=ring_timeout_s,
            recording=recording,
        )

    async def arriving(self) -> IncomingCall:
        assert self.next_arrival is not None, "dial first"
        arrival, self.next_arrival = self.next_arrival, None
        return await arrival

    async def talk(self, recording: Path | None = None, their_recording: Path | None = None) -> tuple["Ear", "Ear"]:
        """Both ends of an answered call."""
        ours = await self.dial(recording=recording)
        theirs = await (await self.arriving()).accept(recording=their_recording)
        ears = Ear(ours), Ear(theirs)
        for ear in ears:
            await ear.until(Connected)
        return ears


async def _next(arrivals: AsyncIterator[IncomingCall]) -> IncomingCall:
    return await anext(arrivals)


class Ear:
    """Reads one end's events, keeping all but the frames."""

    def __init__(self, call: PhoneCall) -> None:
        self.call = call
        self.events: AsyncIterator[CallEvent] = call.events()
        self.kept: list[CallEvent] = []
        self.frames: list[Frame] = []

    async def until(self, kind: type[_Kind]) -> _Kind:
        async for event in self.events:
            if isinstance(event, Frame):
                self.frames.append(event)
            else:
                self.kept.append(event)
            if isinstance(event, kind):
                return event
        raise AssertionError(f"the call ended without {kind.__name__}: {self.kept}")

    async def until_loud(self) -> Frame:
        while True:
            frame = await self.until(Frame)
            if loudness(frame.samples) > 1000:
                return frame

    async def until_quiet(self) -> Frame:
        while True:
            frame = await self.until(Frame)
            if loudness(frame.samples) < 200:
                return frame

    async def rest(self) -> Disconnected:
        return await self.until(Disconnected)


def tone(seconds: float, hz: int = 440) -> Audio:
    samples = array("h", (int(9000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(int(seconds * 8000))))
    return Audio(format=TELEPHONE, samples=samples.tobytes())


def loudness(samples: bytes) -> float:
    values = struct.unpack(f"<{len(samples) // 2}h", samples)
    return math.sqrt(sum(value * value for value in values) / max(1, len(values)))


@pytest.fixture(scope="module", params=["fake", "pjsua2"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    opened = _fake_line if request.param == "fake" else _loopback_line
    with opened() as line:
        yield line


@contextmanager
def _fake_line() -> Iterator[Line]:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        network = FakeNetwork(latency_s=0.03)
        yield Line(
            caller=network.telephone("us"),
            callee=network.telephone("them"),
            address="them",
            run=lambda story: runner.run(asyncio.wait_for(story, 60)),
        )


@contextmanager
def _loopback_line() -> Iterator[Line]:
    """pjsua2 calling itself: one endpoint is all a process can have."""
    with asyncio.Runner() as runner:
        telephone = runner.run(Pjsua2Telephone().__aenter__())
        try:
            host, port = telephone.address()
            yield Line(
                caller=telephone,
                callee=telephone,
                address=f"{host}:{port}",
                run=lambda story: runner.run(asyncio.wait_for(story, 60)),
            )
        finally:
            runner.run(telephone.__aexit__())


def test_an_answered_call_rings_then_connects_and_carries_frames_both_ways(line: Line) -> None:
    async def story() -> None:
        ours = Ear(await line.dial())
        incoming = await line.arriving()
        assert (incoming.called, incoming.caller) == (CUSTOMER, "+74950000000")
        await incoming.ring()
        await ours.until(Ringing)
        theirs = Ear(await incoming.accept(recording=None))
        await ours.until(Connected)
        await theirs.until(Connected)
        assert theirs.kept == [event for event in theirs.kept if isinstance(event, Connected)]
        assert [type(event) for event in ours.kept] == [Ringing, Connected]
        for ear in (ours, theirs):
            for _ in range(10):
                frame = await ear.until(Frame)
                assert len(frame.samples) == FRAME_BYTES
        await ours.call.hang_up()
        await asyncio.gather(ours.rest(), theirs.rest())

    line.run(story())


def test_frames_come_every_20_ms_and_their_times_rise(line: Line) -> None:
    async def story() -> None:
        ours, theirs = await line.talk()
        for _ in range(60):
            await ours.until(Frame)
        times = [frame.at for frame in ours.frames]
        assert times == sorted(times)
        assert (times[-1] - times[9]) / (len(times) - 10) == pytest.approx(0.020, abs=0.008)
        await theirs.call.hang_up()
        await asyncio.gather(ours.rest(), theirs.rest())

    line.run(story())


def test_what_one_end_plays_the_other_hears_and_the_player_learns_of_its_end(line: Line) -> None:
    async def story() -> None:
        ours, theirs = await line.talk()
        first = await ours.call.play(tone(0.3))
        second = await ours.call.play(tone(0.2))
        assert first != second
        await theirs.until_loud()
        ends = [await ours.until(PlaybackEnded)]
        so_far = len(ours.frames)
        ends.append(await ours.until(PlaybackEnded))
        assert [end.number for end in ends] == [first, second]
        assert len(ours.frames) - so_far == 10, "0.2 s, counted in frames: a busy machine cannot stretch them"
        await theirs.until_quiet()
        await ours.call.hang_up()
        await theirs.rest()
        loud = [frame for frame in theirs.frames if loudness(frame.samples) > 1000]
        assert len(loud) == pytest.approx(25, abs=8), "give or take what a jitter buffer fills in or leaves out"

    line.run(story())


def test_stopped_playback_falls_silent_at_once_and_what_was_queued_is_never_heard(line: Line) -> None:
    async def story() -> None:
        ours, theirs = await line.talk()
        await ours.call.play(tone(3))
        await ours.call.play(tone(3))
        loud = await theirs.until_loud()
        await ours.call.stop_playing()
        quiet = await theirs.until_quiet()
        assert quiet.at - loud.at < 1.5, "long before the end of three seconds of tone"
        later = await ours.call.play(tone(0.1))
        assert (await ours.until(PlaybackEnded)).number == later
        await ours.call.hang_up()
        await theirs.rest()
        after = [frame for frame in theirs.frames if frame.at > quiet.at and loudness(frame.samples) > 1000]
        assert len(after) <= 8, "only the tone played afterwards is heard"

    line.run(story())


def test_a_pressed_key_arrives(line: Line) -> None:
    async def story() -> None:
        ours, theirs = await line.talk()
        for digit in "19":
            await theirs.call.press(digit)
            assert (await ours.until(DigitPressed)).digit == digit
        await ours.call.hang_up()
        await asyncio.gather(ours.rest(), theirs.rest())

    line.run(story())


@pytest.mark.parametrize("we_leave", [True, False])
def test_both_ends_learn_who_hung_up(line: Line, we_leave: bool) -> None:
    async def story() -> None:
        ours, theirs = await line.talk()
        await (ours if we_leave else theirs).call.hang_up()
        ends = await asyncio.gather(ours.rest(), theirs.rest())
        assert [end.cause for end in ends] == [Cause.ANSWERED] * 2
        assert [end.by_us for end in ends] == [we_leave, not we_leave]
        await ours.call.hang_up()  # idempotent
        assert [event async for event in ours.events] == [], "nothing follows the end"

    line.run(story())


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (486, Cause.BUSY),
        (603, Cause.REJECTED),
        (480, Cause.UNREACHABLE),
        (503, Cause.UNREACHABLE),
        (404, Cause.UNALLOCATED),
    ],
)
def test_a_refusal_is_the_calls_only_end(line: Line, code: int, cause: Cause) -> None:
    async def story() -> None:
        ours = Ear(await line.dial())
        await (await line.arriving()).refuse(code)
        end = await ours.rest()
        assert (end.cause, end.sip_code, end.by_us) == (cause, code, False)
        assert not any(isinstance(event, Connected) for event in ours.kept)

    line.run(story())


def test_nobody_answering_within_the_ring_timeout_cancels_the_call(line: Line) -> None:
    async def story() -> None:
        ours = Ear(await line.dial(ring_timeout_s=0.5))
        incoming = await line.arriving()
        await incoming.ring()
        end = await ours.rest()
        await incoming.cancelled()
        assert end.cause is Cause.NO_ANSWER

    line.run(story())


def test_hanging_up_while_it_rings_cancels_the_call(line: Line) -> None:
    async def story() -> None:
        ours = Ear(await line.dial())
        incoming = await line.arriving()
        await incoming.ring()
        await ours.until(Ringing)
        await ours.call.hang_up()
        await incoming.cancelled()
        end = await ours.rest()
        assert (end.cause, end.by_us) == (Cause.NO_ANSWER, True)
        with pytest.raises(TelephonyError):
            await incoming.accept(recording=None)

    line.run(story())


def test_bridged_far_ends_hear_each_other(line: Line) -> None:
    async def story() -> None:
        to_customer, customer = await line.talk()
        to_manager, manager = await line.talk()
        await to_customer.call.bridge(to_manager.call)
        await customer.call.play(tone(0.5))
        await manager.until_loud()
        await manager.call.play(tone(0.5))
        await customer.until_loud()
        for ear in (to_customer, to_manager):
            await ear.call.hang_up()
        await asyncio.gather(*(ear.rest() for ear in (to_customer, customer, to_manager, manager)))

    line.run(story())


def test_the_recording_has_us_on_the_left_and_the_far_end_on_the_right(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"

    async def story() -> None:
        ours, theirs = await line.talk(recording=path)
        await ours.call.play(tone(0.4))
        await ours.until(PlaybackEnded)
        await theirs.call.play(tone(0.8))
        await theirs.until(PlaybackEnded)
        await ours.until_quiet()
        await ours.call.hang_up()
        await asyncio.gather(ours.rest(), theirs.rest())

    line.run(story())
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        samples = array("h", file.readframes(file.getnframes()))
    left, right = (sum(1 for value in samples[side::2] if abs(value) > 2000) / 8000 for side in (0, 1))
    share = 0.86  # of a 9000-high tone above 2000
    assert left == pytest.approx(0.4 * share, abs=0.08)
    # What came over the network has lost frames where the machine stalled.
    assert right == pytest.approx(0.8 * share, abs=0.3)


def test_other_audio_than_a_line_carries_is_refused(line: Line) -> None:
    async def story() -> None:
        ours, theirs = await line.talk()
        with pytest.raises(ValueError, match="8000"):
            await ours.call.play(Audio.silence(20, AudioFormat(rate_hz=22050)))
        await ours.call.hang_up()
        await asyncio.gather(ours.rest(), theirs.rest())

    line.run(story())


def test_calls_after_one_another_find_their_slots_free_again(line: Line) -> None:
    async def story() -> None:
        for _ in range(6):
            ours, theirs = await line.talk()
            await ours.call.hang_up()
            await asyncio.gather(ours.rest(), theirs.rest())

    line.run(story())
