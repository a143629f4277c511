"""What a callee hears of the bot: utterances and pauses."""

from typing import Final

import numpy as np

LOUD_RMS: Final = 200.0
"""A frame above this is the bot speaking: prompts are near 3,000, a silent A-law line is below 10."""
BETWEEN_UTTERANCES_S: Final = 0.7
"""A longer pause begins a new utterance; pauses between sentences of one prompt are shorter."""
_CLICK_FRAMES: Final = 2
"""Fewer loud frames in a row are a click."""
_FRAME_S: Final = 0.02


def is_loud(frame: bytes) -> bool:
    """Whether a telephone frame holds more than line noise."""
    samples = np.frombuffer(frame, dtype="<i2").astype(np.float32)
    return bool(samples.size) and float(np.sqrt((samples * samples).mean())) > LOUD_RMS


class Hearing:
    """Follows the bot's speech frame by frame; times are the frames' own."""

    def __init__(self) -> None:
        self.utterances: list[float] = []
        """When each utterance began."""
        self.last_sound_at: float | None = None
        self.loud_frames = 0
        """Frames of speech so far."""
        self._in_a_row = 0

    def frame(self, at: float, *, loud: bool) -> None:
        """Take in 20 ms."""
        if not loud:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        if self._in_a_row < _CLICK_FRAMES:
            return
        if self.last_sound_at is None or at - self.last_sound_at > BETWEEN_UTTERANCES_S:
            self.utterances.append(at - (self._in_a_row - 1) * _FRAME_S)
        self.last_sound_at = at
        self.loud_frames += 1

    def quiet_for(self, at: float) -> float:
        """Seconds since the last sound; endless when there was none."""
        return float("inf") if self.last_sound_at is None else at - self.last_sound_at
