"""Reply gaps are read out of a recording to 5 ms."""

import wave
from pathlib import Path

import numpy as np
import pytest

from voicebot.rehearsal.reply_gaps import Samples, reply_gaps, reply_gaps_of, utterances

RATE = 8000


def channel(*sounds: tuple[float, float], seconds: float = 12.0) -> Samples:
    """Tones from..until in seconds over the noise of a silent A-law line."""
    samples = np.random.default_rng(1).choice(np.array([-8, 8], dtype=np.int16), round(seconds * RATE))
    for began, ended in sounds:
        first, last = round(began * RATE), round(ended * RATE)
        samples[first:last] = 7000 * np.sin(np.arange(last - first) * 0.3)
    return samples


def gaps(customer: Samples, bot: Samples) -> list[float]:
    return [round(gap.milliseconds, 1) for gap in reply_gaps(customer, bot, RATE)]


def test_a_turn_is_measured_to_five_milliseconds() -> None:
    customer = channel((2.0, 3.1234))
    bot = channel((0.1, 1.5), (3.9011, 6.0))
    assert gaps(customer, bot) == [pytest.approx((3.9011 - 3.1234) * 1000, abs=10)]


def test_every_turn_counts_once() -> None:
    customer = channel((2.0, 2.5), (5.0, 5.2), (8.0, 9.0))
    bot = channel((0.0, 1.0), (3.2, 4.0), (5.9, 7.0), (9.75, 11.0))
    assert gaps(customer, bot) == [pytest.approx(700, abs=10), pytest.approx(700, abs=10), pytest.approx(750, abs=10)]


def test_pauses_inside_the_customers_words_do_not_end_the_turn() -> None:
    customer = channel((2.0, 2.4), (2.7, 3.0))
    assert gaps(customer, channel((0.0, 1.0), (3.6, 5.0))) == [pytest.approx(600, abs=10)]


def test_an_interruption_and_a_hum_have_no_gap() -> None:
    customer = channel((2.0, 2.4), (6.0, 7.5))
    bot = channel((0.0, 4.0), (5.0, 6.3), (8.0, 9.0))
    assert gaps(customer, bot) == [pytest.approx(500, abs=10)], "the hum at 2.0 is not answered; the barge-in at 6.0 is"


def test_words_nobody_answered_have_no_gap() -> None:
    assert gaps(channel((2.0, 3.0), (4.0, 5.0)), channel((0.0, 1.0))) == []
    assert gaps(channel((2.0, 3.0), (4.0, 5.0)), channel((5.5, 7.0))) == [pytest.approx(500, abs=10)]


def test_silence_and_clicks_are_no_utterance() -> None:
    samples = channel()
    samples[8000:8040] = 9000
    assert utterances(samples, RATE) == []
    assert utterances(np.array([], dtype=np.int16), RATE) == []


def test_a_callees_recording_is_read_left_customer_right_bot(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    stereo = np.column_stack([channel((2.0, 3.0)), channel((0.0, 1.0), (3.65, 5.0))])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(stereo.astype("<i2").tobytes())
    (gap,) = reply_gaps_of(path)
    assert gap.milliseconds == pytest.approx(650, abs=10)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mono.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"\0\0" * 100)
    with pytest.raises(ValueError, match="two channels"):
        reply_gaps_of(path)
