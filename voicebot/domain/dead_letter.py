"""What was given up and waits for a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.domain.errors import BadInput


class LetterKind(StrEnum):
    """What it is; with its number that makes the name: `crm:12`."""

    CRM = "crm"  # news the CRM did not take
    SMS = "sms"  # a message no gateway took, or of which nobody knows whether it did
    JOB = "job"  # a job that broke down


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterName:
    """Names one dead letter."""

    kind: LetterKind
    number: int

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """One piece of work that was given up."""

    name: LetterName
    what: str
    """News kind, template of the message or task."""
    customer_id: int | None
    state: str
    """failed; unknown where a message may have been sent."""
    attempts: int
    error: str
    """Without personal data; empty when nothing is known (the program's log tells)."""
    at: datetime
    """When it was born."""


def parse_letter(written: str) -> LetterName:
    """`crm:12` as a name; raises BadInput."""
    kind, _, number = written.partition(":")
    if kind not in set(LetterKind) or not number.isdecimal():
        raise BadInput.one(
            f"'{written}'", "names nothing", repair="write crm:12, sms:7 or job:33, as `jobs failed` does"
        )
    return LetterName(kind=LetterKind(kind), number=int(number))
