"""How long what was said is kept (152-FZ art. 5 p. 7: no longer than the purpose needs)."""

from dataclasses import dataclass
from typing import Final

DISPUTED: Final = ("спор", "dispute")
"""Tags that keep a call from being cleared: somebody argues about it, and it is the proof."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionTerms:
    """Days since the call; 0 keeps for ever."""

    recordings: int
    transcripts: int
