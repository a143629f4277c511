"""Personas behave as written, on the fake telephone in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.application.ports.telephone import (
    Connected,
    DigitPressed,
    Disconnected,
    Frame,
    PhoneCall,
    PlaybackEnded,
    Ringing,
)
from voicebot.domain.call import Cause
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.prompt import Piece, Prompt
from voicebot.rehearsal.callee import Actor, rehearsed, serve, who_answers
from voicebot.rehearsal.hearing import is_loud
from voicebot.rehearsal.persona import (
    Answers,
    Beep,
    Expectation,
    HangUp,
    Hum,
    KeepSilent,
    LineBehaviour,
    Persona,
    Press,
    Refuses,
    RingsOut,
    Say,
    Step,
    TalkOver,
    WaitBot,
)
from voicebot.rehearsal.witness import CallWitness, read_witnesses
from voicebot.testing.fake_prompt_library import TonePromptLibrary
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock, in_virtual_time

NUMBER = "+79160000001"
LIBRARY = TonePromptLibrary()


def persona(*script: Step, line: LineBehaviour | None = None, otherwise: str = "") -> Persona:
    expectation = Expectation(group=Group.NEUTRAL, disposition=Disposition.UNCLEAR)
    return Persona(
        name="somebody",
        description="кто-то",
        line=line or Answers(after_ms=600),
        script=script,
        otherwise=otherwise,
        expect=expectation,
    )


class Bot:
    """The calling side: says tones, keeps what it hears with times since the answer."""

    def __init__(self, call: PhoneCall) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self.answered_at = 0.0
        self.rang = False
        self.sounds: list[tuple[float, float]] = []
        self.digits: list[str] = []
        self.end: Disconnected | None = None
        self._connected = asyncio.Event()
        self._playback_ended = asyncio.Event()
        self.gone = asyncio.Event()

    async def listen(self) -> None:
        async for event in self._call.events():
            match event:
                case Ringing():
                    self.rang = True
                case Connected(at=at):
                    self.answered_at = at
                    self._connected.set()
                case Frame(samples=samples, at=at) if is_loud(samples):
                    self._hear(at - self.answered_at)
                case PlaybackEnded():
                    self._playback_ended.set()
                case DigitPressed(digit=digit):
                    self.digits.append(digit)
                case Disconnected():
                    self.end = event
                    self.gone.set()

    def _hear(self, at: float) -> None:
        if self.sounds and at - self.sounds[-1][1] < 0.2:
            self.sounds[-1] = (self.sounds[-1][0], at)
        else:
            self.sounds.append((at, at))

    @property
    def now(self) -> float:
        return self._loop.time() - self.answered_at

    async def answered(self) -> None:
        await self._connected.wait()

    async def begin_to_say(self, seconds: float) -> None:
        """Speak in the background."""
        text = "а" * round(seconds / 0.06)
        await self._call.play(await LIBRARY.render(Prompt(key="x", pieces=(Piece(text=text),))))

    async def say(self, seconds: float) -> float:
        """Speak; returns when it ended."""
        self._playback_ended.clear()
        await self.begin_to_say(seconds)
        await self._playback_ended.wait()
        return self.now

    async def hears(self, count: int) -> float:
        """Wait for the customer's count-th sound to be over; returns when it began."""
        # Every frame may change the answer, and time is virtual.
        while len(self.sounds) < count or self.now - self.sounds[count - 1][1] < 0.5:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return self.sounds[count - 1][0]

    async def leave(self) -> None:
        await self._call.hang_up()


Story = Callable[[Bot], Coroutine[None, None, None]]


async def rehearse(folder: Path, someone: Persona, story: Story, *, number: str = NUMBER) -> tuple[Bot, CallWitness]:
    network = FakeNetwork(latency_s=0.02)
    actors = {NUMBER: await rehearsed(someone, LIBRARY)}
    async with _serving(network, actors, folder):
        call = await network.telephone("bot").dial(
            f"sip:{number}@hall", caller_id="+74950000000", ring_timeout_s=20, recording=None
        )
        bot = Bot(call)
        async with asyncio.timeout(300), asyncio.TaskGroup() as tasks:
            tasks.create_task(bot.listen())
            tasks.create_task(story(bot))
        await asyncio.sleep(1)
    (witness,) = read_witnesses(folder)
    return bot, witness


@asynccontextmanager
async def _serving(network: FakeNetwork, actors: dict[str, Actor], folder: Path) -> AsyncIterator[None]:
    serving = asyncio.create_task(
        serve(network.telephone("hall"), actors, journal=folder / "witness-1.jsonl", now=VirtualClock().now)
    )
    yield
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


@in_virtual_time
async def test_it_answers_when_the_bot_has_finished_not_in_a_pause(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        await bot.say(1.2)
        await asyncio.sleep(0.4)
        ended = await bot.say(1.2)
        began = await bot.hears(1)
        assert began - ended == pytest.approx(0.8 + 0.3, abs=0.15)
        await bot.leave()

    bot, witness = await rehearse(tmp_path, persona(WaitBot(), Say(text="да удобно", reaction_ms=300)), story)
    assert bot.rang
    assert [said.text for said in witness.said] == ["да удобно"]
    assert len(witness.bot_began) == 1, "a pause within an utterance does not begin another"
    assert not witness.left_by_itself
    assert list(tmp_path.glob("*.wav")) == [Path(witness.recording)]  # noqa: ASYNC240  # the call is over


@in_virtual_time
async def test_it_goes_on_after_the_timeout_when_the_bot_says_nothing(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        assert await bot.hears(1) == pytest.approx(3.3, abs=0.1)
        await bot.leave()

    await rehearse(tmp_path, persona(WaitBot(timeout_ms=3000), Say(text="алло")), story)


@in_virtual_time
async def test_it_talks_over_the_bot(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        await asyncio.sleep(1)
        began = bot.now
        ended = await bot.say(4)
        assert bot.sounds[0][0] - began == pytest.approx(1.5, abs=0.15)
        assert bot.sounds[0][0] < ended
        await bot.leave()

    await rehearse(tmp_path, persona(TalkOver(text="да интересно", after_ms=1500)), story)


@in_virtual_time
async def test_after_a_hum_it_still_waits_for_the_end_of_what_the_bot_says(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        ended = await bot.say(5)
        assert await bot.hears(2) > ended
        assert bot.sounds[0][1] < ended
        await bot.leave()

    await rehearse(tmp_path, persona(Hum(after_ms=1000), WaitBot(), Say(text="да")), story)


@in_virtual_time
async def test_it_hangs_up_in_the_middle_of_the_second_utterance(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        await bot.say(2)
        await bot.hears(1)
        began = bot.now
        await bot.begin_to_say(6)
        await bot.gone.wait()
        assert bot.now - began == pytest.approx(1.5, abs=0.2)

    script = (WaitBot(), Say(text="да"), HangUp(utterance=2, after_ms=1500))
    bot, witness = await rehearse(tmp_path, persona(*script), story)
    assert bot.end == Disconnected(cause=Cause.ANSWERED, sip_code=200, by_us=False)
    assert witness.left_by_itself


@in_virtual_time
async def test_it_presses_keys(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        await bot.say(1)
        await asyncio.sleep(2)
        await bot.leave()

    bot, witness = await rehearse(tmp_path, persona(WaitBot(), Press(digit="1")), story)
    assert bot.digits == ["1"]
    assert witness.pressed == "1"


@in_virtual_time
async def test_a_machine_greets_and_beeps_without_waiting(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        assert await bot.hears(1) < 0.5
        began, ended = bot.sounds[0]
        assert ended - began == pytest.approx(len("оставьте сообщение") * 0.06 + 0.6, abs=0.1)
        await bot.leave()

    await rehearse(tmp_path, persona(Say(text="оставьте сообщение"), Beep(length_ms=600)), story)


@in_virtual_time
async def test_further_questions_get_the_last_resort_answer_three_times(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        for _ in range(5):
            await bot.say(1)
            await asyncio.sleep(4)
        await bot.leave()

    _, witness = await rehearse(tmp_path, persona(otherwise="не знаю"), story)
    assert [said.text for said in witness.said] == ["не знаю"] * 3


@in_virtual_time
async def test_a_silent_persona_leaves_a_dead_line_but_not_a_slow_bot(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.answered()
        await asyncio.sleep(30)
        await bot.say(1)
        await asyncio.sleep(30)
        assert bot.end is None
        await asyncio.sleep(20)
        assert bot.end is not None

    bot, witness = await rehearse(tmp_path, persona(KeepSilent(length_ms=500)), story)
    assert bot.sounds == []
    assert witness.left_by_itself


@pytest.mark.parametrize("code", [486, 603, 480, 503, 404])
def test_it_refuses_with_its_code(tmp_path: Path, code: int) -> None:
    @in_virtual_time
    async def refused() -> None:
        async def story(bot: Bot) -> None:
            await bot.gone.wait()

        bot, witness = await rehearse(tmp_path, persona(line=Refuses(sip_code=code)), story)
        assert bot.end is not None
        assert bot.end.sip_code == code
        assert (witness.sip_code, witness.recording) == (code, "")

    refused()


@in_virtual_time
async def test_a_phone_that_rings_out_witnesses_the_cancel(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.gone.wait()

    bot, witness = await rehearse(tmp_path, persona(line=RingsOut()), story)
    assert bot.rang
    assert bot.end is not None
    assert bot.end.cause is Cause.NO_ANSWER
    assert witness.sip_code == 487


@in_virtual_time
async def test_a_number_outside_the_cast_is_unknown(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.gone.wait()

    bot, witness = await rehearse(tmp_path, persona(), story, number="+79160000002")
    assert bot.end is not None
    assert bot.end.cause is Cause.UNALLOCATED
    assert (witness.persona, witness.called) == ("", "+79160000002")


@in_virtual_time
async def test_the_caller_may_give_up_while_it_rings(tmp_path: Path) -> None:
    async def story(bot: Bot) -> None:
        await asyncio.sleep(1)
        await bot.leave()

    bot, witness = await rehearse(tmp_path, persona(line=Answers(after_ms=5000)), story)
    assert bot.end is not None
    assert witness.sip_code == 487


def test_a_number_is_always_answered_by_the_same_one_and_its_neighbours_by_the_next() -> None:
    anyone = [Actor(persona=replace(persona(), name=name), lines={}) for name in ("one", "two", "three")]
    answers = [who_answers(f"+7916000000{last}", anyone) for last in range(6)]
    assert answers[:3] == answers[3:]
    assert {actor.persona.name for actor in answers if actor} == {"one", "two", "three"}


@pytest.mark.parametrize("name", ["manager", "", "+", "²"])
def test_nobody_answers_for_a_name(name: str) -> None:
    assert who_answers(name, [Actor(persona=persona(), lines={})]) is None


def test_no_number_is_answered_when_nobody_was_told_to() -> None:
    assert who_answers(NUMBER, []) is None
