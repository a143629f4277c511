"""The audit log as the desk reads it, in order of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain.audit import ChainedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditQuery:
    """Which entries; what is None or empty does not matter."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    """Exactly, such as `campaign:7`."""
    since: datetime | None = None
    """Done at this moment or later."""
    until: datetime | None = None
    """Done before this moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPlace:
    """An entry in the order of the page: the newest first."""

    at: datetime
    id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditNames:
    """What there is to choose from."""

    actors: tuple[str, ...]
    actions: tuple[str, ...]


class AuditPages(Protocol):
    """Pages of the audit log; each costs the same, however long the log is."""

    async def page(self, wanted: AuditQuery, *, behind: AuditPlace | None, limit: int) -> tuple[ChainedEntry, ...]:
        """At most `limit` entries older than the place, the newest first."""

    async def names(self) -> AuditNames:
        """Everybody who did something, and everything that was done, by name."""

    async def last(self) -> ChainedEntry | None:
        """The end of the chain; None while nothing was done."""
