"""Machine sounds: the beep of an answering machine, keys, call progress."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from voicebot.domain.audio import FRAME_MS
from voicebot.domain.voice_features import Spectrum

LONE_SINE: Final = 0.9
"""Share of a frame's power in one frequency that makes it a sine (0.97 at 15 dB of noise)."""
KEY_PAIR: Final = 0.93
"""Share of a frame's power in two frequencies that makes it a DTMF key."""
BEEP_HZ: Final = (380.0, 2040.0)
"""Where answering machines beep: 400 to 2000 Hz, and a little for the measurement."""
PROGRESS_HZ: Final = (410.0, 440.0)
"""425 Hz: ring-back and busy in Russia, no beep."""
BEEP_MS: Final = 150
"""A beep lasts at least this long."""
LONG_BEEP_MS: Final = 1000
"""A beep is reported at its end, or after this long."""
_STEADY_HZ: Final = 12.0
"""How far a machine's frequency may wander; a hummed note wanders more in 150 ms."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beep:
    """A beep that has ended (or is long enough to be sure)."""

    frequency_hz: float
    milliseconds: int


def is_machine_sound(sound: Spectrum) -> bool:
    """Whether a frame is a lone sine or a key, and therefore not speech."""
    return _is_sine(sound) or (sound.pair_share >= KEY_PAIR and 650 <= sound.peak_hz <= 1700)


def _is_sine(sound: Spectrum) -> bool:
    return sound.tone_share >= LONE_SINE and sound.peak_hz >= BEEP_HZ[0]


class BeepDetector:
    """Counts frames of one steady sine."""

    def __init__(self) -> None:
        self._frequencies: deque[float] = deque(maxlen=LONG_BEEP_MS // FRAME_MS)
        self._reported = False

    def hear(self, sound: Spectrum | None) -> Beep | None:
        """One frame (None when it is too quiet to matter); a beep once, when it is over or has lasted a second."""
        if sound is not None and _is_sine(sound) and self._goes_on(sound.peak_hz):
            self._frequencies.append(sound.peak_hz)
            if len(self._frequencies) == self._frequencies.maxlen and not self._reported:
                self._reported = True
                return self._beep()
            return None
        beep = None if self._reported else self._beep()
        self._frequencies.clear()
        self._reported = False
        return beep

    def _goes_on(self, frequency_hz: float) -> bool:
        # The first frame of a beep holds its onset and lies a little off: compare with the one before.
        return not self._frequencies or abs(frequency_hz - self._frequencies[-1]) <= _STEADY_HZ

    def _beep(self) -> Beep | None:
        lasted = len(self._frequencies) * FRAME_MS
        if lasted < BEEP_MS - FRAME_MS:  # the frames of its onset and end are no pure sine
            return None
        frequency = sorted(self._frequencies)[len(self._frequencies) // 2]
        is_beep = BEEP_HZ[0] <= frequency <= BEEP_HZ[1] and not PROGRESS_HZ[0] <= frequency <= PROGRESS_HZ[1]
        return Beep(frequency_hz=frequency, milliseconds=lasted) if is_beep else None
