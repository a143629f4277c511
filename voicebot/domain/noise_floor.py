"""How loud the line is when nobody speaks."""

from typing import Final

QUIETEST_DBFS: Final = -65.0
"""A-law's idle noise; a floor below it would make every click loud."""
LOUDEST_DBFS: Final = -32.0
"""What is louder is speech that began with the call, not noise."""
_BUCKET_FRAMES: Final = 60
"""1.2 s: people pause for one frame more often than that, so louder noise is learned in 1.2 to 2.4 s."""
_BIAS_DB: Final = 1.5
"""How far the quietest of a hundred frames of white noise lies below their mean."""


class NoiseFloor:
    """The quietest frame of the last 1.2 to 2.4 seconds."""

    def __init__(self) -> None:
        self._now = self._before = LOUDEST_DBFS
        self._count = 0

    @property
    def dbfs(self) -> float:
        """Level of the noise."""
        return min(LOUDEST_DBFS, max(QUIETEST_DBFS, min(self._now, self._before) + _BIAS_DB))

    def hear(self, level_dbfs: float) -> None:
        """Take one frame into account."""
        self._count += 1
        if self._count > _BUCKET_FRAMES:
            self._before, self._now, self._count = self._now, level_dbfs, 1
        elif level_dbfs < self._now:
            self._now = level_dbfs
