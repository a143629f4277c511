"""Real calls over loopback against a second process."""

import asyncio
import socket
import time
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pytest

from voicebot.adapters.pjsua2_endpoint import SipSettings
from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import (
    CallEvent,
    Connected,
    DigitPressed,
    Disconnected,
    Frame,
    PhoneCall,
    PlaybackEnded,
    Ringing,
)
from voicebot.domain.audio import Audio
from voicebot.domain.call import Cause
from voicebot.domain.dialplan import Srtp, Transport, Trunk
from voicebot.domain.errors import NoFreeSlot, TelephonyError
from voicebot.domain.phone import Phone
from voicebot.testing.tones import is_loud, loudest_hz, tone

if TYPE_CHECKING:
    from conftest import CalleeProcess

OURS = "+74951234567"
E_ = TypeVar("E_", bound=CallEvent)


@pytest.fixture
async def telephone() -> AsyncIterator[Pjsua2Telephone]:
    async with Pjsua2Telephone() as telephone:
        yield telephone


async def dial(
    telephone: Pjsua2Telephone, uri: str, *, recording: Path | None = None, ring_timeout_s: float = 30
) -> PhoneCall:
    return await telephone.dial(uri, caller_id=OURS, ring_timeout_s=ring_timeout_s, recording=recording)


async def next_of(call: PhoneCall, kind: type[E_], *, when: Callable[[E_], bool] = lambda event: True) -> E_:
    """The next event of a kind; all others on the way are dropped."""
    async with asyncio.timeout(20):
        async for event in call.events():
            if isinstance(event, kind) and when(event):
                return event
    raise AssertionError(f"the call ended without {kind.__name__}")


async def frames_of(call: PhoneCall, count: int) -> list[Frame]:
    return [await next_of(call, Frame) for _ in range(count)]


async def end(call: PhoneCall) -> Disconnected:
    await call.hang_up()
    return await next_of(call, Disconnected)


async def test_an_answered_call_rings_connects_carries_frames_and_ends(
    telephone: Pjsua2Telephone, callee: "CalleeProcess"
) -> None:
    call = await dial(telephone, callee.uri("listen"))
    events = call.events()
    assert [type(await anext(events)) for _ in range(3)] == [Ringing, Connected, Frame]
    frames = await frames_of(call, 50)
    assert {len(frame.samples) for frame in frames} == {320}
    stamps = [frame.at for frame in frames]
    assert stamps == sorted(stamps)
    assert 0.7 < stamps[-1] - stamps[0] < 1.9, "49 frames in about a second; a busy machine stalls and catches up"
    assert await end(call) == Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=True)
    assert [event async for event in events] == [], "nothing follows the end"
    invited = callee.wait_for(1, event="invited")[0]
    assert (invited["called"], invited["caller"]) == ("listen", OURS)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (486, Cause.BUSY),
        (603, Cause.REJECTED),
        (480, Cause.UNREACHABLE),
        (404, Cause.UNALLOCATED),
        (500, Cause.FAILED),
    ],
)
async def test_a_refusal_tells_its_cause(
    telephone: Pjsua2Telephone, callee: "CalleeProcess", code: int, cause: Cause
) -> None:
    call = await dial(telephone, callee.uri(str(code)))
    assert await next_of(call, Disconnected) == Disconnected(cause=cause, sip_code=code, by_us=False)


async def test_a_phone_that_rings_too_long_is_cancelled(telephone: Pjsua2Telephone, callee: "CalleeProcess") -> None:
    call = await dial(telephone, callee.uri("rings"), ring_timeout_s=0.3)
    assert await next_of(call, Disconnected) == Disconnected(cause=Cause.NO_ANSWER, sip_code=487, by_us=True)
    callee.wait_for(1, event="cancelled")


async def test_a_trunk_that_gives_no_sign_of_life_is_a_failure_not_a_missing_customer(
    telephone: Pjsua2Telephone,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        call = await dial(telephone, f"sip:x@127.0.0.1:{deaf.getsockname()[1]}", ring_timeout_s=0.2)
        began = time.monotonic()
        over = await next_of(call, Disconnected)
    assert (over.cause, over.by_us) == (Cause.FAILED, True)
    assert time.monotonic() - began < 16, "not the 32 s of SIP's timer"


async def test_the_far_end_may_hang_up(telephone: Pjsua2Telephone, callee: "CalleeProcess") -> None:
    call = await dial(telephone, callee.uri("bye"))
    assert await next_of(call, Disconnected) == Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=False)


async def test_hanging_up_twice_is_hanging_up_once(telephone: Pjsua2Telephone, callee: "CalleeProcess") -> None:
    call = await dial(telephone, callee.uri("listen"))
    await next_of(call, Connected)
    await call.hang_up()
    await call.hang_up()
    await next_of(call, Disconnected)
    await call.hang_up()
    callee.wait_for(1, event="over")


async def test_what_the_far_end_says_is_heard(telephone: Pjsua2Telephone, callee: "CalleeProcess") -> None:
    call = await dial(telephone, callee.uri("tone-700"))
    await next_of(call, Frame, when=lambda frame: is_loud(frame.samples))
    heard = b"".join(frame.samples for frame in await frames_of(call, 25))
    assert loudest_hz(heard) == 700
    await end(call)


async def test_what_is_played_reaches_the_far_end_within_60_ms(
    telephone: Pjsua2Telephone, callee: "CalleeProcess"
) -> None:
    call = await dial(telephone, callee.uri("listen"))
    await next_of(call, Connected)
    played = []
    for _ in range(5):
        await frames_of(call, 7)
        played.append(time.monotonic())
        number = await call.play(tone(1000, milliseconds=100))
        ended = await next_of(call, PlaybackEnded)
        assert ended.number == number
    heard = [report["at"] for report in callee.wait_for(5, event="loud")]
    # The best of five: a busy machine adds to each, a jitter buffer or a queue too long would add to all.
    assert min(1000 * (there - here) for here, there in zip(played, heard, strict=True)) < 60
    await end(call)


async def test_playbacks_queue_up_and_end_in_order(telephone: Pjsua2Telephone, callee: "CalleeProcess") -> None:
    call = await dial(telephone, callee.uri("listen"))
    await next_of(call, Connected)
    numbers = [await call.play(tone(500, milliseconds=90)) for _ in range(3)]
    seen: list[CallEvent] = []
    async with asyncio.timeout(20):
        async for event in call.events():
            seen.append(event)
            if isinstance(event, PlaybackEnded) and event.number == numbers[-1]:
                break
    ends = [index for index, event in enumerate(seen) if isinstance(event, PlaybackEnded)]
    assert [event.number for event in seen if isinstance(event, PlaybackEnded)] == numbers
    between = [event for event in seen[ends[0] : ends[-1]] if isinstance(event, Frame)]
    assert len(between) == 9, "180 ms of sound and no gap"
    await end(call)


async def test_stopped_playback_is_silent_at_once_and_never_comes_back(
    telephone: Pjsua2Telephone, callee: "CalleeProcess", tmp_path: Path
) -> None:
    call = await dial(telephone, callee.uri("listen"), recording=tmp_path / "call.wav")
    await next_of(call, Connected)
    stale = [await call.play(tone(400, milliseconds=600)), await call.play(tone(600, milliseconds=600))]
    await frames_of(call, 10)
    await call.stop_playing()
    fresh = await call.play(tone(1500, milliseconds=100))
    ended = await next_of(call, PlaybackEnded)
    assert ended.number == fresh
    assert ended.number not in stale
    await frames_of(call, 20)
    await end(call)
    ours, _ = read_stereo(tmp_path / "call.wav")
    sounding = [start for start in range(0, len(ours) - 320, 320) if is_loud(ours[start : start + 320])]
    before = sum(loudest_hz(ours[start : start + 320]) < 1000 for start in sounding)
    assert 9 <= before < 30, "10 frames and what a busy machine takes to hear of the cut, never the whole sound"
    assert all(loudest_hz(ours[start : start + 320]) > 1000 for start in sounding[-5:])
    assert sounding == list(range(sounding[0], sounding[-1] + 1, 320)), "the new sound follows without a gap"


async def test_the_recording_holds_us_left_and_them_right(
    telephone: Pjsua2Telephone, callee: "CalleeProcess", tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "folder" / "call.wav"
    call = await dial(telephone, callee.uri("tone-700"), recording=path)
    await next_of(call, Connected)
    await frames_of(call, 10)
    await call.play(tone(1300, milliseconds=300))
    await frames_of(call, 20)
    await call.hang_up()
    rest = [event async for event in call.events()]
    ours, theirs = read_stereo(path)
    assert len(ours) == 320 * (30 + sum(isinstance(event, Frame) for event in rest)), "every frame of the call"
    assert (loudest_hz(ours), loudest_hz(theirs)) == (1300, 700)
    assert not is_loud(ours[: 320 * 5])


async def test_an_unanswered_call_leaves_no_recording(
    telephone: Pjsua2Telephone, callee: "CalleeProcess", tmp_path: Path
) -> None:
    call = await dial(telephone, callee.uri("486"), recording=tmp_path / "call.wav")
    await next_of(call, Disconnected)
    assert not (tmp_path / "call.wav").exists()


async def test_keys_are_heard_both_ways(telephone: Pjsua2Telephone, callee: "CalleeProcess") -> None:
    call = await dial(telephone, callee.uri("keys"))
    digits = [(await next_of(call, DigitPressed)).digit for _ in range(3)]
    assert digits == ["1", "2", "3"]
    await call.press("9")
    await asyncio.to_thread(callee.wait_for, 1, event="digit", digit="9")
    with pytest.raises(ValueError, match="a key is one of"):
        await call.press("12")
    await end(call)


async def test_bridged_far_ends_hear_each_other_and_the_recording_goes_on(
    telephone: Pjsua2Telephone, callee: "CalleeProcess", tmp_path: Path
) -> None:
    customer = await dial(telephone, callee.uri("tone-700"), recording=tmp_path / "customer.wav")
    await next_of(customer, Connected)
    manager = await dial(telephone, callee.uri("tone-1900"), recording=tmp_path / "manager.wav")
    await next_of(manager, Connected)
    await customer.play(tone(300, milliseconds=5000))
    await frames_of(customer, 5)
    await customer.bridge(manager)
    await asyncio.to_thread(callee.wait_for, 2, event="loud")
    await frames_of(customer, 40)
    await end(manager)
    await frames_of(customer, 10)
    await end(customer)
    ours, theirs = read_stereo(tmp_path / "customer.wav")
    assert (loudest_hz(ours), loudest_hz(theirs)) == (1900, 700), "the manager takes our side of the recording"
    assert not is_loud(ours[-320:]), "after the manager has left there is silence"


async def test_a_fifth_call_finds_no_slot_until_one_is_free(
    telephone: Pjsua2Telephone, callee: "CalleeProcess"
) -> None:
    calls = [await dial(telephone, callee.uri("rings")) for _ in range(4)]
    with pytest.raises(NoFreeSlot):
        await dial(telephone, callee.uri("rings"))
    await calls.pop().hang_up()
    calls.append(await dial(telephone, callee.uri("rings")))
    for call in calls:
        await end(call)


async def test_a_dialling_that_is_cancelled_leaves_no_call_behind(
    telephone: Pjsua2Telephone, callee: "CalleeProcess"
) -> None:
    for milliseconds in range(12):
        dialling = asyncio.create_task(dial(telephone, callee.uri("rings"), ring_timeout_s=30))
        await asyncio.sleep(milliseconds / 1000)
        dialling.cancel()
        with suppress(asyncio.CancelledError):
            await (await dialling).hang_up()
    calls = [await dial(telephone, callee.uri("486")) for _ in range(4)]
    for call in calls:
        assert (await next_of(call, Disconnected)).cause is Cause.BUSY, "all four slots are free"
    rang = len([report for report in callee.reports() if report.get("called") == "rings"])
    async with asyncio.timeout(20):
        over = ("cancelled", "too late")
        while rang != len([report for report in callee.reports() if report["event"] in over]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # the callee writes in its own time


async def test_forty_calls_over_four_lines_leave_nothing_behind(
    telephone: Pjsua2Telephone, callee: "CalleeProcess", second_callee: "CalleeProcess"
) -> None:
    memory: list[int] = []

    async def line(far: "CalleeProcess") -> None:
        for _ in range(10):
            call = await dial(telephone, far.uri("tone-700"))
            await next_of(call, Frame, when=lambda frame: is_loud(frame.samples))
            await call.play(tone(900, milliseconds=40))
            await next_of(call, PlaybackEnded)
            assert (await end(call)).cause is Cause.ANSWERED
            memory.append(resident_kilobytes())

    async with asyncio.TaskGroup() as lines:
        # Two lines each: a callee's slot, too, is freed only a moment after its call.
        for far in (callee, callee, second_callee, second_callee):
            lines.create_task(line(far))
    assert memory[-1] - memory[11] < 3000, "kilobytes grown over the last 28 calls"


async def test_calls_that_live_when_the_telephone_is_switched_off_end_with_an_event(callee: "CalleeProcess") -> None:
    async with Pjsua2Telephone() as telephone:
        call = await dial(telephone, callee.uri("listen"))
        await next_of(call, Connected)
        ringing = await dial(telephone, callee.uri("rings"))
        await next_of(ringing, Ringing)
    assert (await next_of(call, Disconnected)).cause is Cause.ANSWERED
    assert (await next_of(ringing, Disconnected)).cause is Cause.NO_ANSWER
    callee.wait_for(1, event="over")
    with pytest.raises(TelephonyError, match="switched off"):
        await dial(telephone, callee.uri("listen"))


async def test_a_call_goes_over_tcp_with_encrypted_voice(callee: "CalleeProcess") -> None:
    trunk = Trunk(
        name="secret",
        host="127.0.0.1",
        port=callee.tcp,
        transport=Transport.TCP,
        srtp=Srtp.REQUIRED,
        caller_ids=(Phone(OURS),),
    )
    async with Pjsua2Telephone([trunk]) as telephone:
        call = await dial(telephone, f"sip:tone-700@127.0.0.1:{callee.tcp};transport=tcp")
        await next_of(call, Frame, when=lambda frame: is_loud(frame.samples))
        heard = b"".join(frame.samples for frame in await frames_of(call, 25))
        assert loudest_hz(heard) == 700
        await end(call)


async def test_a_port_in_use_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(TelephonyError, match=f"listen on 127.0.0.1 port {port} over udp"):
            async with Pjsua2Telephone(settings=SipSettings(port=port)):
                pass


async def test_what_is_no_sip_address_is_not_dialled(telephone: Pjsua2Telephone) -> None:
    with pytest.raises(TelephonyError, match="not a SIP URI"):
        await dial(telephone, "manager")


async def test_sound_of_another_format_is_refused(telephone: Pjsua2Telephone, callee: "CalleeProcess") -> None:
    call = await dial(telephone, callee.uri("listen"))
    wide = tone(500, milliseconds=20)
    with pytest.raises(ValueError, match="convert it first"):
        await call.play(Audio(format=type(wide.format)(rate_hz=16000), samples=wide.samples))
    await end(call)


def read_stereo(path: Path) -> tuple[bytes, bytes]:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 2, 2)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return both[:, 0].tobytes(), both[:, 1].tobytes()


def resident_kilobytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")
