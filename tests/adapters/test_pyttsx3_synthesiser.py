"""The synthetic voice: level, edges, voices, and an engine that hangs or dies."""

import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser
from voicebot.adapters.telephone_sound import FULL_SCALE, PEAK_LIMIT, SPEECH_LEVEL_DBFS, speech_rms, to_signal
from voicebot.domain.audio import TELEPHONE, Audio
from voicebot.domain.errors import SpeechError


@pytest.fixture
async def voice() -> AsyncIterator[Pyttsx3Synthesiser]:
    voice = Pyttsx3Synthesiser()
    yield voice
    await voice.close()


def _dbfs(audio: Audio) -> float:
    return 20 * float(np.log10(speech_rms(to_signal(audio)) / FULL_SCALE))


async def test_sentences_come_at_telephone_level_without_clipping(voice: Pyttsx3Synthesiser) -> None:
    for text in ("да", "здравствуйте, это компания Пример", "тсс"):
        audio = await voice.synthesise(text)
        assert audio.format == TELEPHONE
        assert _dbfs(audio) == pytest.approx(SPEECH_LEVEL_DBFS, abs=1.5)
        assert np.abs(to_signal(audio)).max() <= FULL_SCALE * PEAK_LIMIT + 1


async def test_the_voice_is_heard_within_10_ms(voice: Pyttsx3Synthesiser) -> None:
    signal = np.abs(to_signal(await voice.synthesise("удобно ли вам говорить")))
    audible = np.flatnonzero(signal > signal.max() * 0.02)
    assert audible[0] <= TELEPHONE.rate_hz * 0.010
    assert signal.size - np.flatnonzero(signal > signal.max() * 0.005)[-1] <= TELEPHONE.rate_hz * 0.050


async def test_voices_rates_and_pitches_sound_and_are_named_differently() -> None:
    made = [
        Pyttsx3Synthesiser("ru"),
        Pyttsx3Synthesiser("ru+f4"),
        Pyttsx3Synthesiser("ru", rate=220),
        Pyttsx3Synthesiser("ru", pitch=90),
    ]
    audios = [await voice.synthesise("добрый день, меня зовут робот") for voice in made]
    for voice in made:
        await voice.close()
    assert len({voice.voice for voice in made}) == 4
    assert len({audio.samples for audio in audios}) == 4
    assert audios[2].seconds < 0.9 * audios[0].seconds


async def test_no_sentence_comes_back_empty(voice: Pyttsx3Synthesiser) -> None:
    """pyttsx3 loses about 1 in 100 on the first try; the worker asks again."""
    lengths = [(await voice.synthesise("можно")).seconds for _ in range(80)]
    assert min(lengths) > 0.9 * max(lengths)


async def test_an_unknown_voice_is_refused_by_name() -> None:
    voice = Pyttsx3Synthesiser("no-such-voice")
    with pytest.raises(SpeechError, match="no-such-voice"):
        await voice.synthesise("да")
    await voice.close()


async def test_a_worker_that_was_killed_is_replaced_and_the_sentence_is_said(voice: Pyttsx3Synthesiser) -> None:
    before = await voice.synthesise("да")
    worker = voice._worker
    assert worker is not None
    worker.kill()
    await worker.wait()
    assert (await voice.synthesise("да")).seconds == pytest.approx(before.seconds, rel=0.1)


def _worker_script(tmp_path: Path, answers: str) -> tuple[str, ...]:
    """A worker that is ready, counts its starts, and then does what `answers` says with each request."""
    script = tmp_path / "worker.py"
    script.write_text(
        f"import sys, time, struct, pathlib\n"
        f"starts = pathlib.Path({str(tmp_path / 'starts')!r})\n"
        f"starts.write_text(starts.read_text() + '.' if starts.exists() else '.')\n"
        f"out = sys.stdout.buffer\nout.write(b'R'); out.flush()\n"
        f"for line in sys.stdin.buffer:\n    {answers}\n    out.flush()\n"
    )
    return (sys.executable, "-S", str(script))


async def test_a_hung_engine_is_killed_tried_once_more_and_then_reported(tmp_path: Path) -> None:
    voice = Pyttsx3Synthesiser(command=_worker_script(tmp_path, "time.sleep(60)"), timeout_s=0.3)
    started = time.perf_counter()
    with pytest.raises(SpeechError, match=r"failed twice: no answer in 0\.3 s"):
        await voice.synthesise("да")
    assert time.perf_counter() - started < 30, "not the minute it would hang"
    assert (tmp_path / "starts").read_text() == ".."
    assert voice._worker is None


async def test_an_engine_that_dies_once_says_the_sentence_at_the_second_try(tmp_path: Path) -> None:
    dies_first = "len(starts.read_text()) == 1 and sys.exit(1); out.write(struct.pack('<cI', b'A', 2) + b'ok')"
    voice = Pyttsx3Synthesiser(command=_worker_script(tmp_path, dies_first))
    assert (await voice.synthesise("да")).samples == b"ok"
    await voice.close()


async def test_a_worker_that_cannot_start_is_an_error_of_speech() -> None:
    voice = Pyttsx3Synthesiser(command=("/nowhere/python",))
    with pytest.raises(SpeechError, match="does not start"):
        await voice.start()


async def test_closing_twice_is_fine_and_speaking_afterwards_starts_anew(voice: Pyttsx3Synthesiser) -> None:
    await voice.start()
    await voice.close()
    await voice.close()
    assert (await voice.synthesise("да")).samples
