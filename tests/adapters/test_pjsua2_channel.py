"""What the threads of a call hand each other."""

import asyncio
import threading
from pathlib import Path

import numpy as np

from voicebot.adapters.pjsua2_channel import CallChannel, LoopGate
from voicebot.adapters.pjsua2_recording import RecordingWriter
from voicebot.application.ports.telephone import CallEvent, Connected, Disconnected, Frame, PlaybackEnded
from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio
from voicebot.domain.call import Cause

LOUD = b"\0\x10" * 160
SILENCE = bytes(FRAME_BYTES)
OVER = Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=False)


def new_channel() -> CallChannel:
    return CallChannel(LoopGate(asyncio.get_running_loop()))


async def seen(channel: CallChannel) -> list[CallEvent]:
    await asyncio.sleep(0)
    return [channel.events.get_nowait() for _ in range(channel.events.qsize())]


async def test_early_media_is_not_the_conversation() -> None:
    channel = new_channel()
    channel.playback.add(Audio(format=TELEPHONE, samples=LOUD))
    channel.far_frame(LOUD)
    assert channel.next_frame() == SILENCE, "what is queued waits for the answer"
    assert await seen(channel) == []
    channel.connect()
    assert channel.next_frame() == LOUD
    channel.far_frame(LOUD)
    assert [type(event) for event in await seen(channel)] == [Connected, PlaybackEnded, Frame]


async def test_an_empty_frame_is_20_ms_of_silence() -> None:
    channel = new_channel()
    channel.connect()
    channel.far_frame(b"")
    frame = (await seen(channel))[-1]
    assert isinstance(frame, Frame)
    assert frame.samples == SILENCE


async def test_nothing_follows_the_end() -> None:
    channel = new_channel()
    channel.connect()
    channel.finish(OVER)
    channel.far_frame(LOUD)
    channel.finish(OVER)
    assert channel.next_frame() == SILENCE
    assert [type(event) for event in await seen(channel)] == [Connected, Disconnected]


async def test_the_end_is_told_once_the_recording_is_complete(tmp_path: Path) -> None:
    with RecordingWriter() as writer:
        channel = new_channel()
        channel.recording = writer.open(tmp_path / "call.wav")
        channel.connect()
        channel.far_frame(LOUD)
        channel.finish(OVER)
        async with asyncio.timeout(20):
            while not isinstance(await channel.events.get(), Disconnected):
                pass
        assert (tmp_path / "call.wav").stat().st_size == 44 + 2 * FRAME_BYTES


async def test_two_voices_on_our_side_are_added_without_wrapping_around(tmp_path: Path) -> None:
    with RecordingWriter() as writer:
        customer, manager = new_channel(), new_channel()
        customer.recording = writer.open(tmp_path / "call.wav")
        for channel in (customer, manager):
            channel.connect()
        customer.join(manager)
        customer.playback.add(Audio(format=TELEPHONE, samples=b"\x30\x75" * 160))  # 30000
        manager.far_frame(b"\x30\x75" * 160)
        customer.next_frame()
        customer.far_frame(LOUD)
        customer.finish(OVER)
        async with asyncio.timeout(20):
            while not isinstance(await customer.events.get(), Disconnected):
                pass
    left = np.frombuffer((tmp_path / "call.wav").read_bytes()[44:], "<i2")[::2]
    assert set(left.tolist()) == {32767}


async def test_events_of_many_threads_all_arrive_and_each_threads_in_order() -> None:
    gate = LoopGate(asyncio.get_running_loop())
    arrived: list[tuple[int, int]] = []

    def post(thread: int) -> None:
        for number in range(500):
            gate.post(lambda number=number: arrived.append((thread, number)))  # type: ignore[misc]  # bound now

    threads = [threading.Thread(target=post, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)
    for number in range(4):
        assert [position for thread, position in arrived if thread == number] == list(range(500))
