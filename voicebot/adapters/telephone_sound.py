"""Bring any sound to the telephone's format."""

from math import ceil, gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.domain.audio import TELEPHONE, Audio

Signal = NDArray[np.float64]
"""Mono samples, -32768..32767."""

FULL_SCALE: Final = 32767.0
SPEECH_LEVEL_DBFS: Final = -20.0
"""RMS of speech on the line: loud and clear through G.711, with room for its peaks (speech peaks ~14 dB above RMS)."""
PEAK_LIMIT: Final = 0.89
"""No sample is louder than this share of full scale (-1 dBFS)."""
LEAD_MS: Final = 5.0
"""Sound kept before the first audible moment: a fade-in, and all the silence the caller hears before the bot."""
TAIL_MS: Final = 20.0
"""Sound kept after the last audible moment: a fade-out."""
AUDIBLE_DB: Final = -38.0
"""What is quieter than this below the loudest 5 ms counts as silence when trimming."""
JOIN_MS: Final = 40.0
"""Silence between spliced pieces: the pause between two words of one phrase."""


def to_signal(audio: Audio) -> Signal:
    """All channels mixed to one."""
    samples = np.frombuffer(audio.samples, dtype="<i2").astype(np.float64)
    mixed: Signal = samples.reshape(-1, audio.format.channels).mean(axis=1)
    return mixed


def to_audio(signal: Signal) -> Audio:
    """Telephone audio of samples that are at 8 kHz already."""
    whole = np.clip(np.rint(signal), -32768, 32767).astype("<i2")
    return Audio(format=TELEPHONE, samples=whole.tobytes())


def resampled(signal: Signal, from_hz: int, to_hz: int) -> Signal:
    """The same sound at another rate, band-limited below the lower Nyquist frequency.

    Works on the whole signal in the frequency domain: exact for files and prompts, not meant for streams.
    """
    if from_hz == to_hz or not signal.size:
        return signal
    common = gcd(from_hz, to_hz)
    step_in, step_out = from_hz // common, to_hz // common
    margin = from_hz // 10  # silence at the seam keeps the end from wrapping round into the beginning
    blocks = ceil((signal.size + margin) / step_in)
    length_in, length_out = blocks * step_in, blocks * step_out
    spectrum = np.fft.rfft(signal, length_in)
    bins = min(length_in, length_out) // 2 + 1
    kept = np.zeros(length_out // 2 + 1, dtype=np.complex128)
    kept[:bins] = spectrum[:bins] * _low_pass(bins)
    wanted = ceil(signal.size * to_hz / from_hz)
    result: Signal = np.fft.irfft(kept, length_out)[:wanted] * (length_out / length_in)
    return result


def _low_pass(bins: int) -> Signal:
    """Flat to 92 % of the Nyquist frequency, then a cosine slope to zero: a sharp edge would ring audibly."""
    edge = int(bins * 0.92)
    slope = 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, bins - edge))
    return np.concatenate([np.ones(edge), slope])


def trimmed(signal: Signal, rate_hz: int = TELEPHONE.rate_hz) -> Signal:
    """Without leading and trailing silence, faded at both ends; unchanged when nothing is audible."""
    window = max(1, rate_hz // 200)
    blocks = signal[: signal.size - signal.size % window].reshape(-1, window)
    levels = np.sqrt((blocks**2).mean(axis=1))
    if not levels.size or levels.max() < 1:
        return signal
    audible = np.flatnonzero(levels > levels.max() * 10 ** (AUDIBLE_DB / 20))
    lead, tail = round(rate_hz * LEAD_MS / 1000), round(rate_hz * TAIL_MS / 1000)
    first = max(0, int(audible[0]) * window - lead)
    last = min(signal.size, (int(audible[-1]) + 1) * window + tail)
    cut = signal[first:last].copy()
    lead, tail = min(lead, cut.size), min(tail, cut.size)
    cut[:lead] *= np.linspace(0, 1, lead)
    cut[cut.size - tail :] *= np.linspace(1, 0, tail)
    return cut


def levelled(signal: Signal, rate_hz: int = TELEPHONE.rate_hz, dbfs: float = SPEECH_LEVEL_DBFS) -> Signal:
    """At the level of telephone speech, measured where there is speech; never clipped."""
    loudness = speech_rms(signal, rate_hz)
    if loudness < 1:
        return signal
    gain = FULL_SCALE * 10 ** (dbfs / 20) / loudness
    loudest = float(np.abs(signal).max()) * gain
    return signal * (gain * min(1.0, FULL_SCALE * PEAK_LIMIT / loudest))


def speech_rms(signal: Signal, rate_hz: int = TELEPHONE.rate_hz) -> float:
    """RMS over the 20 ms windows within 30 dB of the loudest one: pauses do not count."""
    window = max(1, rate_hz // 50)
    if signal.size < window:
        return float(np.sqrt((signal**2).mean())) if signal.size else 0.0
    powers = (signal[: signal.size - signal.size % window].reshape(-1, window) ** 2).mean(axis=1)
    return float(np.sqrt(powers[powers >= powers.max() * 1e-3].mean()))


def to_telephone(audio: Audio) -> Audio:
    """Speech from anywhere, ready for the line: mono, 8 kHz, trimmed, at telephone level."""
    signal = resampled(to_signal(audio), audio.format.rate_hz, TELEPHONE.rate_hz)
    return to_audio(levelled(trimmed(signal)))


def spliced(parts: list[Audio]) -> Audio:
    """Pieces of one phrase, already levelled, after one another with a short breath between them."""
    pause = Audio.silence(JOIN_MS)
    woven = [parts[0]]
    for part in parts[1:]:
        woven += [pause, part]
    return Audio.joined(woven)
