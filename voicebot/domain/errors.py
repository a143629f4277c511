"""One tree of everything that can go wrong.

    VoicebotError
    ├── BadInput              the user's file, argument or setting is wrong (exit code 2)
    │   └── ConfigurationError  a setting or a secret from the environment
    ├── NotFound              the named customer, call, campaign does not exist (exit code 2)
    ├── IllegalMove           a state machine was asked for a move its table forbids
    ├── StoreError            the database refused or is away
    ├── SpeechError           recogniser or synthesiser failed
    ├── TelephonyError        the SIP stack failed on our side
    │   └── NoFreeSlot        all call slots of this process are taken just now (retryable)
    └── GatewayError          a gateway of messages or of the CRM refused or is away

Messages say what to do and never hold personal data: mask phones with `Phone.masked`.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong in a user's input, with its repair."""

    source: str
    """File, setting or argument as the user named it."""
    where: str
    """Line, state, row:column ... inside the source; empty when it is the source as a whole."""
    message: str
    """What is wrong."""
    repair: str = ""
    """What to do about it; empty when the message says it already."""
    column: int = 0
    """In the line that `where` names, counting from 1; 0 when only the line is known."""

    def __str__(self) -> str:
        place = f"{self.source}:{self.where}" if self.where else self.source
        return f"{place}: {self.message}" + (f" ({self.repair})" if self.repair else "")


class VoicebotError(Exception):
    """Root of the tree; `retryable` tells whether the same call may succeed later."""

    retryable: bool = False
    exit_code: int = 1


class BadInput(VoicebotError):
    """The input is wrong; carries *every* problem found, not just the first."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def one(cls, source: str, message: str, *, where: str = "", repair: str = "") -> "BadInput":
        """A single problem, without the ceremony."""
        return cls([Problem(source=source, where=where, message=message, repair=repair)])


class ConfigurationError(BadInput):
    """A setting or a secret from the environment is wrong or missing."""


class NotFound(VoicebotError):
    """The named thing does not exist."""

    exit_code = 2


class IllegalMove(VoicebotError):
    """A state machine was asked for a move its table forbids."""

    def __init__(self, *, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: '{event}' is not allowed in state '{state}'")


class StoreError(VoicebotError):
    """The database refused or is away."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class SpeechError(VoicebotError):
    """Recogniser or synthesiser failed."""


class TelephonyError(VoicebotError):
    """The SIP stack failed on our side; says nothing about the customer."""


class NoFreeSlot(TelephonyError):
    """All call slots of this process are taken just now (PJSUA_MAX_CALLS is 4)."""

    retryable = True


class GatewayError(VoicebotError):
    """A gateway of messages or of the CRM refused what it was handed, or is away.

    `retry_after_s`: it asked not to be tried again sooner. `uncertain`: it may have taken it all the same, so that
    trying again could double it where the gateway knows no idempotency key.
    """

    def __init__(
        self, message: str, *, retryable: bool, retry_after_s: float | None = None, uncertain: bool = False
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.uncertain = uncertain
