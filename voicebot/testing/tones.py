"""Sounds that tests can tell apart."""

import numpy as np

from voicebot.domain.audio import TELEPHONE, Audio

_LOUD = 2000


def tone(frequency_hz: int, *, milliseconds: int) -> Audio:
    """A sine of two thirds of full scale."""
    times = np.arange(TELEPHONE.rate_hz * milliseconds // 1000) / TELEPHONE.rate_hz
    return Audio(format=TELEPHONE, samples=(21000 * np.sin(2 * np.pi * frequency_hz * times)).astype("<i2").tobytes())


def is_loud(samples: bytes) -> bool:
    """Whether a frame holds a tone rather than silence."""
    return bool(np.abs(np.frombuffer(samples, "<i2").astype(np.int32)).max() > _LOUD)


def loudest_hz(samples: bytes) -> int:
    """Frequency with the most energy, to 10 Hz."""
    spectrum = np.abs(np.fft.rfft(np.frombuffer(samples, "<i2")))
    hertz = np.fft.rfftfreq(len(samples) // 2, 1 / TELEPHONE.rate_hz)
    return int(round(hertz[spectrum.argmax()], -1))
