"""A voice without a speech engine: a tone as long as the words would take."""

import numpy as np

from voicebot.domain.audio import TELEPHONE, Audio
from voicebot.domain.prompt import Prompt


class TonePromptLibrary:
    """Renders every prompt as a 300 Hz tone, about 60 ms a letter (people speak 12-15 letters a second)."""

    def __init__(self, *, ms_per_letter: int = 60) -> None:
        self._ms_per_letter = ms_per_letter

    async def render(self, prompt: Prompt) -> Audio:
        """Telephone audio whose length tells the prompt apart."""
        count = len(prompt.text) * self._ms_per_letter * TELEPHONE.rate_hz // 1000
        wave = 6000 * np.sin(2 * np.pi * 300 * np.arange(count) / TELEPHONE.rate_hz)
        return Audio(format=TELEPHONE, samples=np.rint(wave).astype("<i2").tobytes())
