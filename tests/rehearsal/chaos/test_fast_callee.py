"""The people of a chaos run, called by the real telephone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from voicebot.adapters.pjsua2_endpoint import SipSettings
from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import Connected, DigitPressed, Disconnected, PhoneCall
from voicebot.domain.audio import TELEPHONE, Audio
from voicebot.domain.call import Cause
from voicebot.rehearsal.callee import tone
from voicebot.rehearsal.chaos.fast_callee import HOST, FastCallee, Habit, habit_of
from voicebot.rehearsal.chaos.journal import SeenEnd, read_seen
from voicebot.rehearsal.chaos.rtp_sound import RtpStream, encode_alaw, is_speech


@asynccontextmanager
async def at_home(journal: Path) -> AsyncIterator[int]:
    """The callees' SIP port."""
    loop = asyncio.get_running_loop()
    spoken = encode_alaw(tone(400, 200).samples)
    transport, callee = await loop.create_datagram_endpoint(lambda: FastCallee(journal, spoken), local_addr=(HOST, 0))
    yield callee.address[1]
    await callee.close()
    transport.close()


async def call(telephone: Pjsua2Telephone, port: int, number: str) -> PhoneCall:
    return await telephone.dial(
        f"sip:{number}@{HOST}:{port}", caller_id="+74951234567", ring_timeout_s=1.0, recording=None
    )


async def lived(phone: PhoneCall) -> tuple[list[str], Disconnected]:
    """Talk for a second, and hang up on whoever has not by the time a key comes; the keys and the end."""
    keys = []
    async with asyncio.timeout(15):
        async for event in phone.events():
            if isinstance(event, Connected):
                await phone.play(Audio(format=TELEPHONE, samples=tone(700, 3000).samples))
            elif isinstance(event, DigitPressed):
                keys.append(event.digit)
                await phone.hang_up()
            elif isinstance(event, Disconnected):
                return keys, event
    raise AssertionError("a call's events end with Disconnected")


async def test_everybody_keeps_to_a_habit_and_it_is_all_in_the_log(tmp_path: Path) -> None:
    journal = tmp_path / "seen.jsonl"
    numbers = {habit: f"+7916000000{digit}" for digit in range(10) if (habit := habit_of(str(digit)))}
    wanted = (Habit.ACCEPTS, Habit.BUSY, Habit.AWAY, Habit.LEAVES)
    async with at_home(journal) as port, Pjsua2Telephone(settings=SipSettings(bind_address=HOST)) as telephone:
        phones = [await call(telephone, port, numbers[habit]) for habit in wanted]
        ends = dict(zip(wanted, await asyncio.gather(*(lived(phone) for phone in phones)), strict=True))
        await asyncio.sleep(0.3)  # the last BYE arrives
    assert ends[Habit.ACCEPTS][0] == ["1"]
    assert ends[Habit.BUSY][1].cause is Cause.BUSY
    assert ends[Habit.AWAY][1].cause is Cause.NO_ANSWER
    assert not ends[Habit.LEAVES][1].by_us
    seen = {one.behaviour: one for one in read_seen(journal)}
    assert {habit: seen[habit].end for habit in wanted} == {
        Habit.ACCEPTS: SeenEnd.BYE,
        Habit.BUSY: SeenEnd.REFUSED,
        Habit.AWAY: SeenEnd.CANCELLED,
        Habit.LEAVES: SeenEnd.LEFT,
    }
    talked = seen[Habit.ACCEPTS]
    assert talked.confirmed_at is not None
    assert talked.first_heard_at is not None
    assert talked.invited_at < talked.confirmed_at < talked.first_heard_at < talked.pressed[0].at <= talked.over_at
    assert talked.heard_s >= 1.0
    assert [press.digit for press in talked.pressed] == ["1"]


def test_a_law_there_and_back_is_near_enough() -> None:
    said = np.array([0, 8, -8, 1000, -1000, 12_000, -32_000], dtype="<i2")
    packet = next(RtpStream(1).sound(encode_alaw(said.tobytes())))
    assert is_speech(packet)
    assert not is_speech(next(RtpStream(1).sound(encode_alaw(bytes(320)))))
    assert not is_speech(next(RtpStream(1).key("1", 101))), "a key is no speech"
