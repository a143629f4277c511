"""Calls to sipp: what a network may answer, by a stack that is not ours."""

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

import pytest

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
from voicebot.domain.call import Cause
from voicebot.testing.tones import tone

if TYPE_CHECKING:
    from conftest import SippStarter

pytestmark = pytest.mark.peer

EVENTS = 120
"""Payload type that pjsua2 offers for telephone events."""


async def dial(telephone: Pjsua2Telephone, uri: str, *, ring_timeout_s: float = 15) -> PhoneCall:
    return await telephone.dial(uri, caller_id="+74951234567", ring_timeout_s=ring_timeout_s, recording=None)


async def until(call: PhoneCall, kind: type[CallEvent]) -> list[CallEvent]:
    """All events up to the first of `kind`."""
    seen: list[CallEvent] = []
    async with asyncio.timeout(20):
        async for event in call.events():
            seen.append(event)
            if isinstance(event, kind):
                return seen
    raise AssertionError(f"no {kind.__name__} in {[event for event in seen if not isinstance(event, Frame)]}")


async def next_frames(call: PhoneCall, count: int) -> None:
    for _ in range(count):
        await until(call, Frame)


@pytest.mark.parametrize(
    ("code", "cause"),
    [(486, Cause.BUSY), (404, Cause.UNALLOCATED), (480, Cause.UNREACHABLE), (603, Cause.REJECTED)],
)
async def test_a_refusal_tells_its_cause(
    telephone: Pjsua2Telephone, start_sipp: "SippStarter", code: int, cause: Cause
) -> None:
    sipp = start_sipp("refuse", code=code)
    call = await dial(telephone, sipp.uri)
    (*_, over) = await until(call, Disconnected)
    assert over == Disconnected(cause=cause, sip_code=code, by_us=False)
    sipp.assert_followed()


async def test_a_phone_that_rings_out_is_cancelled(telephone: Pjsua2Telephone, start_sipp: "SippStarter") -> None:
    sipp = start_sipp("ring_out")
    call = await dial(telephone, sipp.uri, ring_timeout_s=1)
    seen = await until(call, Disconnected)
    assert seen == [
        Ringing(early_media=False),
        Disconnected(cause=Cause.NO_ANSWER, sip_code=487, by_us=True),
    ]
    sipp.assert_followed()


async def test_early_media_is_told_and_its_sound_is_not_the_conversation(
    telephone: Pjsua2Telephone, start_sipp: "SippStarter"
) -> None:
    sipp = start_sipp("early_media")
    call = await dial(telephone, sipp.uri)
    seen = await until(call, Frame)
    assert [type(event) for event in seen] == [Ringing, Connected, Frame]
    assert seen[0] == Ringing(early_media=True)
    await call.hang_up()
    await until(call, Disconnected)
    sipp.assert_followed()


async def test_the_far_side_may_say_goodbye(telephone: Pjsua2Telephone, start_sipp: "SippStarter") -> None:
    sipp = start_sipp("far_bye")
    call = await dial(telephone, sipp.uri)
    (*_, over) = await until(call, Disconnected)
    assert over == Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=False)
    sipp.assert_followed()


async def test_hold_and_a_change_of_codec_are_survived(telephone: Pjsua2Telephone, start_sipp: "SippStarter") -> None:
    sipp = start_sipp("reinvite")
    call = await dial(telephone, sipp.uri)
    await until(call, Connected)
    await next_frames(call, 50)
    number = await call.play(tone(800, milliseconds=200))
    (*_, ended) = await until(call, PlaybackEnded)
    assert isinstance(ended, PlaybackEnded)
    assert ended.number == number
    await call.hang_up()
    (*_, over) = await until(call, Disconnected)
    assert over == Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=True)
    sipp.assert_followed()
    assert sipp.messages().count("a=recvonly") == 1, "our answer to the hold"


async def test_keys_pressed_by_sip_info_are_heard(telephone: Pjsua2Telephone, start_sipp: "SippStarter") -> None:
    sipp = start_sipp("info_digits")
    call = await dial(telephone, sipp.uri)
    (*_, pressed) = await until(call, DigitPressed)
    assert pressed == DigitPressed(digit="5")
    await call.hang_up()
    await until(call, Disconnected)
    sipp.assert_followed()


async def test_keys_pressed_by_rfc_4733_are_heard_once_each(
    telephone: Pjsua2Telephone, start_sipp: "SippStarter"
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
        voice.bind(("127.0.0.1", 0))
        voice.setblocking(False)
        sipp = start_sipp("answer", voice_port=voice.getsockname()[1])
        call = await dial(telephone, sipp.uri)
        await until(call, Connected)
        _, ours = await asyncio.get_running_loop().sock_recvfrom(voice, 2048)
        pressing = asyncio.create_task(press_keys(voice, ours, "0129"))
        pressed = [(await until(call, DigitPressed))[-1] for _ in range(4)]
        await pressing
        await next_frames(call, 10)
        await call.hang_up()
        rest = await until(call, Disconnected)
    assert pressed == [DigitPressed(digit=digit) for digit in "0129"]
    assert not [event for event in rest if isinstance(event, DigitPressed)]
    sipp.assert_followed()


async def press_keys(voice: socket.socket, to: tuple[str, int], digits: str) -> None:
    """Events as RFC 4733 section 2.5 wants them: one timestamp a key, growing duration, the end sent three times."""
    sequence, timestamp = 100, 8000
    for digit in digits:
        packets = [(duration, False) for duration in range(160, 801, 160)] + [(800, True)] * 3
        for position, (duration, end) in enumerate(packets):
            mark = 0x80 if position == 0 else 0
            header = struct.pack("!BBHII", 0x80, mark | EVENTS, sequence, timestamp, 0x1234)
            event = struct.pack("!BBH", int(digit), (0x80 if end else 0) | 10, duration)
            await asyncio.get_running_loop().sock_sendto(voice, header + event, to)
            sequence += 1
            await asyncio.sleep(0.02)
        timestamp += 1600
