"""Where outcomes wait that the database cannot take."""

from dataclasses import dataclass
from typing import Protocol

from voicebot.domain.attempt import AttemptEnding


@dataclass(frozen=True, kw_only=True, slots=True)
class SpooledOutcome:
    """What came of one call of this machine."""

    call_id: int
    owner: str
    """The line that made the call: a call of another database may bear the same number."""
    ending: AttemptEnding


class OutcomeSpool(Protocol):
    """Outlives the process; holds an outcome only while the database is away."""

    async def keep(self, spooled: SpooledOutcome) -> None:
        """Hold it durably, in place of an earlier one of the same call and line; raises StoreError when that fails."""

    async def forget(self, spooled: SpooledOutcome) -> None:
        """It is written down now; nothing happens when it was not held."""

    async def waiting(self) -> tuple[SpooledOutcome, ...]:
        """All that are held, oldest call first."""
