"""How long the bot lets a customer wait, measured in the callee's own recording."""

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW_MS: Final = 5
"""Loudness is looked at in steps of this: the accuracy of every time below."""
LOUD: Final = 250
"""A step whose peak is above this is sound: speech peaks near 10,000; a silent A-law line stays at 8."""
PAUSE_S: Final = 0.35
"""A shorter silence belongs to the utterance (stops and word gaps of synthetic speech are below 0.2 s)."""
CLICK_S: Final = 0.02
"""A shorter sound is a click."""

Samples = NDArray[np.int16]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyGap:
    """One turn: the customer has finished, the bot begins."""

    customer_ended: float
    """Seconds from the beginning of the recording."""
    bot_began: float
    """Seconds from the beginning of the recording."""

    @property
    def milliseconds(self) -> float:
        """End of the customer's speech to the first sound of the bot."""
        return (self.bot_began - self.customer_ended) * 1000


def reply_gaps(customer: Samples, bot: Samples, rate_hz: int) -> tuple[ReplyGap, ...]:
    """Every turn in which the bot answered finished words of the customer.

    Not counted: words spoken while the bot was speaking (an interruption or a hum, there was no wait), and words the
    customer followed up with others before the bot began.
    """
    spoken = utterances(customer, rate_hz)
    replies = utterances(bot, rate_hz)
    gaps = []
    for index, (_, ended) in enumerate(spoken):
        if any(began <= ended < stopped for began, stopped in replies):
            continue
        began = next((began for began, _ in replies if began > ended), None)
        next_words = spoken[index + 1][0] if index + 1 < len(spoken) else float("inf")
        if began is not None and began < next_words:
            gaps.append(ReplyGap(customer_ended=ended, bot_began=began))
    return tuple(gaps)


def utterances(samples: Samples, rate_hz: int) -> list[tuple[float, float]]:
    """Stretches of sound as (first, last) moment in seconds; short pauses do not part them."""
    step = rate_hz * WINDOW_MS // 1000
    whole = samples[: samples.size - samples.size % step].astype(np.int32)
    loud = np.flatnonzero(np.abs(whole).reshape(-1, step).max(axis=1) > LOUD) if whole.size else np.array([], dtype=int)
    if not loud.size:
        return []
    breaks = np.flatnonzero(np.diff(loud) * step > PAUSE_S * rate_hz)
    firsts = loud[np.concatenate(([0], breaks + 1))] * step / rate_hz
    lasts = (loud[np.concatenate((breaks, [loud.size - 1]))] + 1) * step / rate_hz
    pairs = zip(firsts.tolist(), lasts.tolist(), strict=True)
    return [(first, last) for first, last in pairs if last - first >= CLICK_S]


def reply_gaps_of(recording: Path) -> tuple[ReplyGap, ...]:
    """The turns of a callee's stereo WAV (left = the customer, right = the bot); ValueError for any other file."""
    return reply_gaps(*read_callee(recording))


def read_callee(recording: Path) -> tuple[Samples, Samples, int]:
    """The customer, the bot and the rate of a callee's stereo WAV; ValueError for any other file."""
    with wave.open(str(recording), "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (2, 2):
            raise ValueError("a callee's recording has two channels of 16 bits")
        rate_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    return samples[:, 0].astype(np.int16), samples[:, 1].astype(np.int16), rate_hz
