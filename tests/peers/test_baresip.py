"""Calls to baresip, a softphone people use."""

import asyncio
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import Connected, Disconnected, Frame, PhoneCall
from voicebot.domain.call import Cause
from voicebot.testing.tones import is_loud, loudest_hz, tone

if TYPE_CHECKING:
    from conftest import BaresipStarter

pytestmark = pytest.mark.peer

ECHO = """module aubridge.so
audio_source aubridge,echo
audio_player aubridge,echo
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
module_app menu.so
"""
"""What it would play is what it says."""


async def connect(telephone: Pjsua2Telephone, uri: str) -> PhoneCall:
    call = await telephone.dial(uri, caller_id="+74951234567", ring_timeout_s=15, recording=None)
    async with asyncio.timeout(20):
        async for event in call.events():
            assert not isinstance(event, Disconnected), event
            if isinstance(event, Connected):
                return call
    raise AssertionError("no answer")


async def loud_sound(call: PhoneCall, frames: int) -> bytes:
    """The next so many frames with a voice in them."""
    heard: list[bytes] = []
    async with asyncio.timeout(20):
        async for event in call.events():
            if isinstance(event, Frame) and is_loud(event.samples):
                heard.append(event.samples)
            if len(heard) == frames:
                break
    return b"".join(heard)


async def hang_up(call: PhoneCall) -> Disconnected:
    await call.hang_up()
    async for event in call.events():
        if isinstance(event, Disconnected):
            return event
    raise AssertionError("no end")


async def test_baresip_answers_and_is_heard(
    telephone: Pjsua2Telephone, start_baresip: "BaresipStarter", tmp_path: Path
) -> None:
    with wave.open(str(tmp_path / "speech.wav"), "wb") as speech:
        speech.setparams((1, 2, 8000, 0, "NONE", ""))
        speech.writeframes(tone(440, milliseconds=5000).samples)
    baresip = start_baresip(
        modules=f"module aufile.so\naudio_source aufile,{tmp_path / 'speech.wav'}\nmodule_app menu.so\n"
    )
    call = await connect(telephone, baresip.uri)
    assert loudest_hz(await loud_sound(call, 50)) == 440
    assert await hang_up(call) == Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=True)


async def test_baresip_hears_us_and_sends_it_back(telephone: Pjsua2Telephone, start_baresip: "BaresipStarter") -> None:
    baresip = start_baresip(modules=ECHO)
    call = await connect(telephone, baresip.uri)
    await call.play(tone(900, milliseconds=1500))
    assert loudest_hz(await loud_sound(call, 40)) == 900
    assert await hang_up(call) == Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=True)
