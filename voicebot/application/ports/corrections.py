"""What people say the customer said and meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain.call import Turn
from voicebot.domain.intent import Intent


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """One line of a transcript, set right."""

    words: str
    """As it was said."""
    intent: Intent
    """What was meant."""
    corrected_by: str
    at: datetime
    exported_at: datetime | None = None
    """When it became a test case; None before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectedLine:
    """A correction as a test case of the phrase books."""

    id: int
    state: str
    """Script state in which it was said."""
    heard: str
    """As the recogniser wrote it."""
    words: str
    was: str
    """The intent it was taken for; empty for none."""
    intent: Intent


class Corrections(Protocol):
    """The corrections of all transcripts."""

    async def line(self, call_id: int, turn_id: int) -> Turn:
        """The line as it was written down; raises NotFound unless it belongs to the call."""

    async def put(self, turn_id: int, turn: Turn, correction: Correction) -> None:
        """Set a line right, in place of what was said of it before."""

    async def withdraw(self, turn_id: int) -> bool:
        """The line was right; False when nobody had said otherwise."""

    async def to_export(self, *, again: bool) -> tuple[CorrectedLine, ...]:
        """Those that are no test cases yet, or all of them; in order."""

    async def page(self, *, again: bool, after: int, limit: int) -> tuple[CorrectedLine, ...]:
        """The same behind number `after`, at most `limit`; nobody else is kept from them."""

    async def exported(self, ids: Iterable[int], *, at: datetime) -> int:
        """They are test cases now; how many of them there are."""
