"""Interruptions are read out of a recording to 5 ms."""

import numpy as np
import pytest

from voicebot.rehearsal.interruptions import interruptions
from voicebot.rehearsal.reply_gaps import Samples

RATE = 8000


def channel(*sounds: tuple[float, float], seconds: float = 12.0) -> Samples:
    """Tones from..until in seconds."""
    samples = np.zeros(round(seconds * RATE), dtype=np.int16)
    for began, ended in sounds:
        first, last = round(began * RATE), round(ended * RATE)
        samples[first:last] = 7000 * np.sin(np.arange(last - first) * 0.3)
    return samples


def stop_times(customer: Samples, bot: Samples) -> list[float]:
    return [once.milliseconds for once in interruptions(customer, bot, RATE)]


def test_the_bot_that_stops_is_measured_from_the_first_sound_of_the_customer() -> None:
    assert stop_times(channel((3.0, 4.5)), channel((1.0, 3.2345), (6.0, 8.0))) == [pytest.approx(234.5, abs=10)]


def test_the_bot_that_speaks_on_is_measured_to_the_end_of_its_line() -> None:
    bot = channel((1.0, 2.0), (2.2, 5.0))  # a breath between two words parts no line
    assert stop_times(channel((1.5, 1.9)), bot) == [pytest.approx(3500, abs=10)]


def test_an_answer_and_words_between_two_sentences_are_no_interruption() -> None:
    assert stop_times(channel((2.1, 2.4), (6.0, 7.0)), channel((1.0, 2.0), (2.6, 5.0))) == []
