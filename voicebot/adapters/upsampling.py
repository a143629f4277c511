"""Telephone audio for models that hear at 16 kHz."""

from typing import Final

import numpy as np

_HALF: Final = 16
_TAPS: Final = 2 * _HALF
_OFFSETS: Final = np.arange(-_HALF, _HALF) + 0.5
_SINC: Final = np.sinc(_OFFSETS) * np.kaiser(_TAPS, 6.0)
_BETWEEN: Final = _SINC / _SINC.sum()


class Upsampler:
    """Doubles the rate of a stream, chunk by chunk; keeps the seam between chunks, lags by 2 ms."""

    def __init__(self) -> None:
        self._tail = np.zeros(_TAPS - 1)

    def __call__(self, samples: bytes) -> bytes:
        """8 kHz PCM in, 16 kHz PCM out, twice as many samples."""
        stream = np.concatenate([self._tail, np.frombuffer(samples, dtype="<i2")])
        self._tail = stream[stream.size - _TAPS + 1 :]
        doubled = np.empty(2 * (stream.size - _TAPS + 1))
        doubled[0::2] = stream[_HALF - 1 : stream.size - _HALF]
        doubled[1::2] = np.convolve(stream, _BETWEEN, mode="valid")
        return np.clip(np.rint(doubled), -32768, 32767).astype("<i2").tobytes()
