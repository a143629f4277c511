"""What a telephone line does to sound, and what it carries besides speech: for tests and benchmarks."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio

_RATE: Final = TELEPHONE.rate_hz
_Signal = NDArray[np.float64]


def _signal(audio: Audio) -> _Signal:
    return np.frombuffer(audio.samples, dtype="<i2").astype(np.float64)


def _audio(signal: _Signal) -> Audio:
    return Audio(format=TELEPHONE, samples=np.clip(np.rint(signal), -32768, 32767).astype("<i2").tobytes())


def through_alaw(audio: Audio) -> Audio:
    """Coded to A-law and back (ITU-T G.711: 13 segments, 256 values)."""
    samples = np.frombuffer(audio.samples, dtype="<i2").astype(np.int64)
    magnitude = np.where(samples < 0, -samples - 1, samples)
    segment = np.maximum(np.frexp(np.maximum(magnitude, 1).astype(np.float64))[1] - 9, 0)
    step = 16 << segment
    rebuilt = magnitude // step * step + step // 2
    return _audio(np.where(samples < 0, -rebuilt, rebuilt).astype(np.float64))


def with_noise(audio: Audio, snr_db: float, seed: int = 1) -> Audio:
    """White noise under speech, `snr_db` below the RMS of the whole stretch's louder half."""
    signal = _signal(audio)
    powers = (signal[: signal.size - signal.size % 160].reshape(-1, 160) ** 2).mean(axis=1)
    speech = powers[powers >= powers.max() * 1e-3].mean()
    noise = np.random.default_rng(seed).normal(0, np.sqrt(speech) * 10 ** (-snr_db / 20), signal.size)
    return _audio(signal + noise)


def at_level(audio: Audio, gain_db: float) -> Audio:
    """Louder or quieter by `gain_db`."""
    return _audio(_signal(audio) * 10 ** (gain_db / 20))


def tone(frequencies_hz: tuple[float, ...], milliseconds: float, dbfs: float = -15) -> Audio:
    """Sines together: one is a voicemail beep, two a DTMF key, more a chord; `dbfs` is the RMS of all."""
    moments = np.arange(round(_RATE * milliseconds / 1000)) / _RATE
    waves = np.sum([np.sin(2 * np.pi * frequency * moments) for frequency in frequencies_hz], axis=0)
    return _audio(waves * 32767 * 10 ** (dbfs / 20) * np.sqrt(2 / len(frequencies_hz)))


def noise(milliseconds: float, dbfs: float = -45, seed: int = 2) -> Audio:
    """Steady white noise."""
    count = round(_RATE * milliseconds / 1000)
    return _audio(np.random.default_rng(seed).normal(0, 32767 * 10 ** (dbfs / 20), count))


def cough(dbfs: float = -18, bursts: int = 2, seed: int = 3) -> Audio:
    """A cough: bursts of throat-coloured noise, each with a sudden onset and a fast decay."""
    generator = np.random.default_rng(seed)
    parts: list[_Signal] = []
    for burst in range(bursts):
        count = round(_RATE * generator.uniform(0.16, 0.26))
        raw = generator.normal(0, 1, count)
        coloured = np.real(np.fft.irfft(np.fft.rfft(raw) * _throat(count), count))
        moments = np.arange(count) / _RATE
        envelope = np.minimum(moments / 0.008, 1) * np.exp(-moments / 0.09)
        shaped = coloured * envelope
        parts += [shaped / np.sqrt((shaped**2).mean()), np.zeros(round(_RATE * 0.09) if burst + 1 < bursts else 0)]
    return _audio(np.concatenate(parts) * 32767 * 10 ** (dbfs / 20))


def _throat(count: int) -> _Signal:
    """Broad resonances of an open throat: 500, 1500 and 2700 Hz."""
    bins = np.fft.rfftfreq(count, 1 / _RATE)
    shape: _Signal = np.full(bins.size, 0.15)
    for centre, width in ((500, 250), (1500, 500), (2700, 700)):
        shape += np.exp(-(((bins - centre) / width) ** 2))
    return shape


def frames(audio: Audio) -> list[bytes]:
    """Whole 20 ms frames; the last one is filled up with silence."""
    padded = audio.samples + bytes(-len(audio.samples) % FRAME_BYTES)
    return [padded[start : start + FRAME_BYTES] for start in range(0, len(padded), FRAME_BYTES)]
