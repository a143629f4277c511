"""What people write for the bot to go by: scripts, phrase books, dialplans, and their versions."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What a document made at the desk may be called: it is part of an address and of a path."""
LONGEST: Final = 300_000
"""Characters of one text; the largest shipped phrase book has 45,000."""


RESERVED: Final = frozenset({"phrases", "shared"})
"""Names no script made at the desk may have: they are addresses of their own there."""


class DocumentKind(StrEnum):
    """What a document is about."""

    SCRIPT = "script"  # a conversation
    SHARED = "shared"  # states and interrupts that several conversations include
    PHRASES = "phrases"  # how people put their answers
    DIALPLAN = "dialplan"  # how it is dialled


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class DocumentId:
    """One document."""

    kind: DocumentKind
    name: str
    """File name without its ending."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewVersion:
    """A text somebody saves."""

    document: DocumentId
    number: int
    """Counts from 1; the file, where there is one, is number 0."""
    text: str
    author: str
    note: str = ""
    """What was changed and why, in the author's words."""
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Version(NewVersion):
    """A text as it was saved."""

    id: int
    """Grows with every version of any document: the greatest tells whether something is new."""
