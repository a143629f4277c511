"""What every pair of voice and ears must do, real or fake."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser
from voicebot.adapters.vosk_recogniser import VoskRecogniser, load_model
from voicebot.adapters.webrtcvad_detector import WebrtcVoiceDetector
from voicebot.application.ports.speech import SpeechRecogniser, SpeechSynthesiser, VoiceActivityDetector
from voicebot.config import Settings
from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio
from voicebot.domain.errors import SpeechError
from voicebot.testing.fake_speech import FakeRecogniser, FakeSynthesiser, FakeVoiceDetector
from voicebot.testing.line_conditions import frames


@dataclass(frozen=True, kw_only=True)
class _Pair:
    voice: SpeechSynthesiser
    ears: SpeechRecogniser


def _with_pre_roll(audio: Audio) -> Audio:
    """As turn-taking feeds it: 300 ms before the onset, 500 ms of end silence."""
    return Audio.joined([Audio.silence(300), audio, Audio.silence(500)])


@pytest.fixture(params=["real", "fake"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[_Pair]:
    if request.param == "fake":
        yield _Pair(voice=FakeSynthesiser(), ears=FakeRecogniser())
        return
    voice, ears = Pyttsx3Synthesiser(), VoskRecogniser(load_model(Settings().model))
    yield _Pair(voice=voice, ears=ears)
    ears.close()
    await voice.close()


async def test_what_the_voice_says_the_ears_hear(pair: _Pair) -> None:
    recognition = pair.ears.open()
    audio = await pair.voice.synthesise("мне это дорого")
    for frame in frames(_with_pre_roll(audio)):
        recognition.feed(frame)
    heard = await recognition.finish()
    assert heard.text == "мне это дорого"
    assert 0.5 < heard.confidence <= 1
    recognition.close()


async def test_each_utterance_starts_clean(pair: _Pair) -> None:
    recognition = pair.ears.open()
    heard = []
    for text in ("да", "нет", "да"):
        recognition.feed(_with_pre_roll(await pair.voice.synthesise(text)).samples)
        heard.append((await recognition.finish()).text)
    assert heard == ["да", "нет", "да"]
    recognition.close()


async def test_two_calls_do_not_hear_each_other(pair: _Pair) -> None:
    first, second = pair.ears.open(), pair.ears.open()
    yes = _with_pre_roll(await pair.voice.synthesise("да"))
    no = _with_pre_roll(await pair.voice.synthesise("нет"))
    for mine, yours in zip(frames(yes), frames(no), strict=False):
        first.feed(mine)
        second.feed(yours)
    assert ((await first.finish()).text, (await second.finish()).text) == ("да", "нет")
    first.close()
    second.close()


async def test_silence_is_heard_as_no_words_with_no_confidence(pair: _Pair) -> None:
    recognition = pair.ears.open()
    recognition.feed(Audio.silence(1000).samples)
    heard = await recognition.finish()
    assert (heard.text, heard.confidence, recognition.partial()) == ("", 0.0, "")
    recognition.close()


async def test_an_utterance_of_nothing_is_empty(pair: _Pair) -> None:
    recognition = pair.ears.open()
    assert (await recognition.finish()).text == ""
    recognition.close()


async def test_feeding_never_waits_for_the_decoder(pair: _Pair) -> None:
    recognition = pair.ears.open()
    frame = frames(await pair.voice.synthesise("подождите, мне это не интересно"))[3]
    took = []
    for _ in range(4):
        started = time.perf_counter()
        for _ in range(500):  # ten seconds of sound: a quarter of a second of decoding
            recognition.feed(frame)
        took.append(time.perf_counter() - started)
    assert min(took) < 0.1, "the best of four: another process may have had the processor meanwhile"
    await recognition.finish()
    recognition.close()


async def test_a_closed_recognition_takes_no_sound(pair: _Pair) -> None:
    recognition = pair.ears.open()
    recognition.close()
    recognition.close()
    with pytest.raises(SpeechError, match="closed"):
        recognition.feed(bytes(FRAME_BYTES))
    with pytest.raises(SpeechError, match="closed"):
        await recognition.finish()


async def test_the_voice_speaks_telephone_audio_and_nothing_for_no_words(pair: _Pair) -> None:
    assert (await pair.voice.synthesise("добрый день")).format == TELEPHONE
    assert (await pair.voice.synthesise(" . ")).samples == b""
    assert pair.voice.voice


_DETECTORS: list[Callable[[], Any]] = [WebrtcVoiceDetector, FakeVoiceDetector]


@pytest.mark.parametrize("make", _DETECTORS)
async def test_the_detector_hears_voice_and_no_voice_in_silence(make: Callable[[], VoiceActivityDetector]) -> None:
    detector = make()
    voice = Pyttsx3Synthesiser()
    speech = frames(await voice.synthesise("здравствуйте"))
    await voice.close()
    assert sum(detector.is_voice(frame) for frame in speech) > 0.8 * len(speech)
    silent = [detector.is_voice(frame) for frame in frames(Audio.silence(1000))]
    assert not any(silent[25:])


@pytest.mark.parametrize("make", _DETECTORS)
def test_the_detector_refuses_what_is_no_frame(make: Callable[[], VoiceActivityDetector]) -> None:
    with pytest.raises(ValueError, match="320"):
        make().is_voice(bytes(160))
