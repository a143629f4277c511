"""Which frames hold speech: the detector's word, checked against the line's noise and the speaker's own level."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from voicebot.domain.noise_floor import NoiseFloor
from voicebot.domain.tones import Beep, BeepDetector, is_machine_sound
from voicebot.domain.voice_features import Samples, level_dbfs, periodicity, spectrum, to_samples

ONSET_DB: Final = 7.0
"""Speech begins this far above the noise."""
STAY_DB: Final = 5.0
"""Speech that has begun goes on while it is this far above the noise."""
FADE_DB: Final = 26.0
"""A frame this far below the speaker's own level is breath, room or hangover of the detector, not speech."""
QUIETEST_DBFS: Final = -54.0
"""What is quieter than this is no speech on any line."""
_FORGET_DB: Final = 0.1
"""How fast a shout is forgotten, dB per frame (5 dB a second)."""
_ONSET_WINDOW: Final = 5
_ONSET_FRAMES: Final = 3
"""Three frames out of five make an onset: clicks are shorter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameSound:
    """One frame as turn-taking sees it."""

    level_dbfs: float
    is_speech: bool
    beep: Beep | None = None
    """A beep that ended with this frame."""
    high_share: float = 0.0
    periodicity: float = 0.0
    """How well it repeats itself at a human pitch, 0..1; 0 where there is no speech."""


class FrameListener:
    """Judges frame after frame of one call; costs 6 us in silence, 50 us in speech."""

    def __init__(self) -> None:
        self._floor = NoiseFloor()
        self._beeps = BeepDetector()
        self._before: Samples = to_samples(bytes(320))
        self._speaker_dbfs = QUIETEST_DBFS
        self._is_speaking = False
        self._recent: deque[bool] = deque(maxlen=_ONSET_WINDOW)

    @property
    def noise_dbfs(self) -> float:
        """Level of the line's noise."""
        return self._floor.dbfs

    @property
    def is_onset(self) -> bool:
        """Whether the latest frames hold enough speech to say that somebody has begun."""
        return sum(self._recent) >= _ONSET_FRAMES

    @property
    def frames_since_onset(self) -> int:
        """How many frames ago the run of speech began, the latest one included."""
        return len(self._recent) - self._recent.index(True) if any(self._recent) else 0

    def hear(self, frame: bytes, is_voice: bool) -> FrameSound:
        """Judge one frame; `is_voice` is the detector's word. Raises ValueError for a frame that is not 320 bytes."""
        samples = to_samples(frame)
        level = level_dbfs(samples)
        self._floor.hear(level)
        is_loud = level >= self._threshold()
        sound = spectrum(samples, self._floor.dbfs) if is_loud else None
        is_speech = is_voice and sound is not None and not is_machine_sound(sound)
        self._follow(level, is_speech)
        heard = FrameSound(
            level_dbfs=level,
            is_speech=is_speech,
            beep=self._beeps.hear(sound),
            high_share=sound.high_share if sound else 0.0,
            periodicity=periodicity(self._before, samples) if is_speech else 0.0,
        )
        self._before = samples
        return heard

    def utterance_began(self) -> None:
        """From now on the lower threshold of speech that goes on holds."""
        self._is_speaking = True

    def utterance_ended(self) -> None:
        """The next onset needs the higher threshold again."""
        self._is_speaking = False
        self._speaker_dbfs = QUIETEST_DBFS
        self._recent.clear()

    def _threshold(self) -> float:
        if not self._is_speaking:
            return max(QUIETEST_DBFS, self._floor.dbfs + ONSET_DB)
        return max(QUIETEST_DBFS, self._floor.dbfs + STAY_DB, self._speaker_dbfs - FADE_DB)

    def _follow(self, level: float, is_speech: bool) -> None:
        self._recent.append(is_speech)
        self._speaker_dbfs -= _FORGET_DB
        if is_speech and level > self._speaker_dbfs:
            self._speaker_dbfs = level
