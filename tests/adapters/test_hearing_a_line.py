"""Ears end to end: line, detector, turn-taking and the shipped model together."""

from collections.abc import AsyncIterator

import pytest

from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser
from voicebot.adapters.vosk_recogniser import VoskRecogniser, load_model
from voicebot.adapters.webrtcvad_detector import WebrtcVoiceDetector
from voicebot.config import Settings
from voicebot.domain.audio import Audio
from voicebot.domain.dialogue_actions import Listen
from voicebot.domain.intent import ListenKind, Question
from voicebot.domain.turn_events import AudioToRecognise, BargeIn, EndOfSpeech, Verdict
from voicebot.domain.turn_taking import TurnTaking
from voicebot.testing.line_conditions import at_level, cough, frames, noise, through_alaw, with_noise

LISTEN = Listen(
    kind=ListenKind.OPEN,
    question=Question(context="reason", kind=ListenKind.OPEN),
    end_silence_ms=700,
    longest_speech_s=15,
    patience_s=5,
)


class _Line:
    """Everything that hears one call."""

    def __init__(self, recogniser: VoskRecogniser) -> None:
        self.turns = TurnTaking()
        self.texts: list[tuple[str, Verdict]] = []
        self.interruptions = 0
        self._recognition = recogniser.open()
        self._detector = WebrtcVoiceDetector()
        self._now = 0.0

    async def hear(self, *sounds: Audio, snr_db: float | None = None) -> None:
        sound = Audio.joined(list(sounds))
        for frame in frames(through_alaw(with_noise(sound, snr_db) if snr_db else sound)):
            self._now += 0.02
            for event in self.turns.frame(frame, self._detector.is_voice(frame), self._now):
                match event:
                    case AudioToRecognise(samples=samples):
                        self._recognition.feed(samples)
                    case BargeIn():
                        self.interruptions += 1
                        self.turns.bot_stopped(self._now)
                    case EndOfSpeech():
                        text = (await self._recognition.finish()).text
                        self.texts.append((text, self.turns.heard(text)))
                        self.turns.listen(LISTEN, self._now)


@pytest.fixture
async def voice() -> AsyncIterator[Pyttsx3Synthesiser]:
    voice = Pyttsx3Synthesiser("ru+m3", rate=155)
    yield voice
    await voice.close()


@pytest.fixture
async def line() -> AsyncIterator[_Line]:
    recogniser = VoskRecogniser(load_model(Settings().model))
    line = _Line(recogniser)
    line.turns.listen(LISTEN, 0.0)
    yield line
    recogniser.close()


@pytest.mark.parametrize("snr_db", [None, 20])
async def test_a_talk_is_heard_turn_by_turn(voice: Pyttsx3Synthesiser, line: _Line, snr_db: float | None) -> None:
    said = ["это очень дорого", "нет", "перезвоните завтра вечером", "да"]
    for text in said:
        await line.hear(Audio.silence(600), await voice.synthesise(text), Audio.silence(1000), snr_db=snr_db)
    assert [text for text, _ in line.texts] == said


async def test_a_quiet_speaker_is_understood(voice: Pyttsx3Synthesiser, line: _Line) -> None:
    quiet = at_level(await voice.synthesise("соедините с менеджером"), -18)
    await line.hear(noise(800, dbfs=-62), quiet, noise(1000, dbfs=-62))
    assert line.texts == [("соедините с менеджером", Verdict.ANSWER)]


async def test_words_over_the_bot_stop_it_and_are_whole(voice: Pyttsx3Synthesiser, line: _Line) -> None:
    line.turns.bot_started(0.0, barge_in=True)
    await line.hear(Audio.silence(1500), await voice.synthesise("не звоните мне больше"), Audio.silence(1000))
    assert line.interruptions == 1
    assert line.texts == [("не звоните мне больше", Verdict.ANSWER)]


async def test_agreement_hummed_and_a_cough_over_the_bot_change_nothing(voice: Pyttsx3Synthesiser, line: _Line) -> None:
    line.turns.bot_started(0.0, barge_in=True)
    await line.hear(
        Audio.silence(1500), await voice.synthesise("угу"), Audio.silence(1500), cough(), Audio.silence(1500)
    )
    assert line.interruptions == 0
    assert [verdict for _, verdict in line.texts] == [Verdict.IGNORE, Verdict.IGNORE]
    assert line.texts[0][0] == "угу"


async def test_an_answer_over_a_prompt_that_goes_on_is_heard_at_its_end(voice: Pyttsx3Synthesiser, line: _Line) -> None:
    line.turns.bot_started(0.0, barge_in=False)
    await line.hear(Audio.silence(500), await voice.synthesise("это очень дорого"), Audio.silence(2000))
    assert line.texts == []
    [end] = line.turns.bot_stopped(99.0)
    assert isinstance(end, EndOfSpeech)
    assert (await line._recognition.finish()).text == "это очень дорого"
