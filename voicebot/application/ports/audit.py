"""The audit log, as the use cases ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain.audit import ChainedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """Which entries to list; what is None or empty does not matter."""

    subjects: tuple[str, ...] = ()
    """Done to one of these."""
    actor: str = ""
    since: datetime | None = None
    """Done at this moment or later."""
    limit: int = 50
    """The newest ones first."""


class AuditLog(Protocol):
    """Who did what and when; written to the end only."""

    async def record(
        self,
        *,
        at: datetime,
        actor: str,
        action: str,
        subject: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Write one line; it takes its place in the chain when the unit commits.

        `actor`: a named person or the part of the program; `action`: a stable word such as `campaign.released`;
        `subject`: what it was done to, such as `campaign:7`; `details`: JSON values without personal data.
        """

    async def after(self, entry_id: int, *, limit: int) -> tuple[ChainedEntry, ...]:
        """The entries with greater numbers, ascending, at most `limit`; those of this unit are not among them yet."""

    async def find(self, wanted: AuditFilter) -> tuple[ChainedEntry, ...]:
        """Entries, the newest first."""
