"""Whether sound over the bot's voice is speech that takes the turn, or only «угу» or a cough.

A hum («угу», «мм») has no vowel with a second formant, a cough has no pitch: both lack what every word of real speech
shows within its first syllables, frames that are loud, periodic and not dark. So the bot is stopped on the third such
frame, at the earliest 140 ms after the onset. What is only hummed for long, or what the recogniser already took for
words, stops it too. «ага» cannot be told from «а вы кто» in time; when its text turns out to be only a
backchannel the bot resumes.
"""

import re
from typing import Final

from voicebot.domain.audio import FRAME_MS

BRIGHT_FRAMES: Final = 3
"""Loud, periodic, not dark frames that prove speech: 60 ms of a vowel."""
EARLIEST_FRAMES: Final = 7
"""Never stop the bot before 140 ms of sound: a click in a vowel's clothes is shorter."""
HUM_FRAMES: Final = 27
"""540 ms of voiced sound without one clear vowel is no «угу» any more (slow voices take 400 ms for it)."""
LOUD_DB: Final = 10.0
"""A frame counts when it is at most this far below the loudest one so far: closures and hangover are noisy."""
PERIODIC: Final = 0.5
"""Periodicity of voiced sound; noise stays below 0.4."""
DARK_SHARE: Final = 0.02
"""Share of power above 1200 Hz under which a frame is a hum (see `Spectrum.high_share`)."""

_HUMS: Final = ("угу", "угу-угу", "ага", "ага-ага", "мм", "ммм", "м", "м-м", "мгм", "хм", "гм", "э", "ээ", "эээ", "э-э")
_BACKCHANNEL: Final = frozenset([*_HUMS, "а", "а-а", "ну", "ну-ну", "так", "понятно", "ясно", "алло", "але"])
"""Words that only say "I am listening"; said over the bot's voice they answer nothing."""
_BACKCHANNEL_PHRASES: Final = frozenset(("да слушаю", "слушаю", "слушаю вас", "да слушаю вас", "да алло", "алло да"))


def is_backchannel(text: str) -> bool:
    """Whether the words only say "I am listening"; no words at all are one too."""
    words = _words(text)
    return " ".join(words) in _BACKCHANNEL_PHRASES or all(word in _BACKCHANNEL for word in words)


def tells_something(text: str) -> bool:
    """Whether unfinished words are enough to stop the bot: one alone may yet be «угу» heard as «услугу»."""
    return not is_backchannel(text) and sum(word not in _BACKCHANNEL for word in _words(text)) > 1


def _words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text.lower().replace("ё", "е"))


class BargeInJudge:
    """Gathers evidence over one run of sound; start a new one for each run."""

    def __init__(self) -> None:
        self._frames = 0
        self._quiet = 0
        self._bright = 0
        self._voiced = 0
        self._loudest = -100.0

    def hear(self, level_dbfs: float, high_share: float, periodicity: float) -> None:
        """One frame loud enough to be speech."""
        self._frames += 1
        self._quiet = 0
        self._loudest = max(self._loudest, level_dbfs)
        if periodicity >= PERIODIC and level_dbfs >= self._loudest - LOUD_DB:
            self._voiced += 1
            self._bright += high_share >= DARK_SHARE

    def wait(self) -> None:
        """One frame too quiet to tell: only time passes."""
        if self._frames:
            self._frames += 1
            self._quiet += 1

    @property
    def quiet_ms(self) -> int:
        """How long the run has been quiet, milliseconds."""
        return self._quiet * FRAME_MS

    @property
    def is_speech(self) -> bool:
        """Whether the bot must stop."""
        proven = self._bright >= BRIGHT_FRAMES or self._voiced >= HUM_FRAMES
        return proven and self._frames >= EARLIEST_FRAMES
