"""The audit log as a chain of hashes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

GENESIS: Final = "0" * 64
"""What the first entry has for the hash of the entry before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """Who did what to whom, and when."""

    at: datetime
    """Aware."""
    actor: str
    """A named person, or the part of the program."""
    action: str
    """A stable word such as `campaign.released`."""
    subject: str = ""
    """What it was done to, such as `campaign:7`."""
    details: Mapping[str, object] = field(default_factory=dict)
    """JSON values without personal data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainedEntry:
    """An entry at its place in the chain."""

    id: int
    """1, 2, 3 ... without a gap."""
    entry: AuditEntry
    prev_hash: str
    """Hash of the entry before it; GENESIS for the first."""
    hash: str
    """SHA-256 of `prev_hash` and this entry, hexadecimal."""


def canonical(entry: AuditEntry) -> str:
    """The one way to write an entry.

    JSON with its keys in order, no blanks, letters as they are, the time in UTC with six digits of microseconds, whole
    numbers without a fraction (JSONB and Python agree on nothing else about 1e22).
    """
    content = {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": _plain(entry.details),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def entry_hash(prev_hash: str, entry: AuditEntry) -> str:
    """SHA-256 over the previous hash, a line feed and the canonical entry in UTF-8, hexadecimal.

    The database computes the same when it appends (`append_audit`).
    """
    return hashlib.sha256(f"{prev_hash}\n{canonical(entry)}".encode()).hexdigest()


def _plain(value: object) -> object:
    """The value as it comes back out of a JSONB column."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))  # as JSON writes it: int(3.502250861759033e16) ends in 28, not in 30
    return value


class Flaw(StrEnum):
    """How a chain can be broken."""

    CONTENT = "content"  # the entry does not say what was hashed: it was changed
    LINK = "link"  # it does not follow the entry before it: that one was changed or replaced
    GAP = "gap"  # numbers are missing or out of order: entries were deleted or moved
    HEAD = "head"  # the hash that was kept elsewhere is not in the chain: its end was cut off or written anew


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """The first place where a chain does not hold."""

    flaw: Flaw
    id: int
    """Of the entry that does not fit; for a missing head, of the last entry there is."""
    expected: str
    found: str

    def __str__(self) -> str:
        return f"entry {self.id}: {self.flaw}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """As much of a chain as has been followed and holds."""

    count: int = 0
    """Entries so far; the last one's number, too."""
    head: str = GENESIS
    """Hash of the last entry: kept elsewhere, it proves later that nothing before it was changed."""

    def append(self, entry: AuditEntry) -> ChainedEntry:
        """The entry at the end of this chain."""
        return ChainedEntry(id=self.count + 1, entry=entry, prev_hash=self.head, hash=entry_hash(self.head, entry))

    def follow(self, found: ChainedEntry) -> "Chain | Break":
        """The chain with `found` for its end, or why that cannot be."""
        if found.id != self.count + 1:
            return Break(flaw=Flaw.GAP, id=found.id, expected=f"entry {self.count + 1}", found=f"entry {found.id}")
        if found.prev_hash != self.head:
            return Break(flaw=Flaw.LINK, id=found.id, expected=self.head, found=found.prev_hash)
        proper = entry_hash(self.head, found.entry)
        if found.hash != proper:
            return Break(flaw=Flaw.CONTENT, id=found.id, expected=proper, found=found.hash)
        return Chain(count=found.id, head=found.hash)
