"""Tokens and idempotency keys of the API, as the use cases ask for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from voicebot.domain.api_token import ApiToken, Scope


class ApiTokens(Protocol):
    """The tokens; keys are SHA-256 of what callers show: the table opens no door."""

    async def add(
        self, key: str, name: str, scopes: Iterable[Scope], *, by: str, at: datetime, expires_at: datetime | None
    ) -> ApiToken:
        """A new one."""

    async def find(self, key: str) -> ApiToken | None:
        """The token with this key, good or not."""

    async def touch(self, token_id: int, *, at: datetime) -> None:
        """It was shown."""

    async def all(self) -> tuple[ApiToken, ...]:
        """Every token, those that are good no longer too; the newest first."""

    async def revoke(self, token_id: int, *, at: datetime) -> ApiToken | None:
        """It opens nothing any more; None when it was revoked already. Raises NotFound."""


COMMITTED: Final = 102
"""Status of a key whose work is in the database, while nobody has kept the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswer:
    """What is known of a request that came under the same key."""

    request_hash: str
    """SHA-256 of what was asked."""
    status: int
    """Of the answer; 0 while the work is being done, COMMITTED when it was and the answer is not known yet."""
    at: datetime
    """When the work was claimed."""
    answer: Mapping[str, object]
    """Body and headers."""


class IdempotencyKeys(Protocol):
    """What requests were answered, by caller and key."""

    async def claim(self, caller: str, key: str, request_hash: str, *, at: datetime, dead_before: datetime) -> bool:
        """Whether the work is ours to do; not when somebody does it, or has done it.

        A claim from before `dead_before` that was never answered belongs to a process that died: it is taken over.
        """

    async def find(self, caller: str, key: str) -> KeptAnswer | None:
        """What was claimed or answered under the key."""

    async def mark(self, caller: str, key: str, *, claimed_at: datetime) -> bool:
        """In the transaction of the work: it is done. False when somebody has taken the claim over."""

    async def keep(self, caller: str, key: str, status: int, answer: Mapping[str, object]) -> None:
        """The work is done."""

    async def free(self, caller: str, key: str, *, claimed_at: datetime, marked: bool) -> None:
        """Nothing was done: the key may come again; not so one that is marked, unless `marked`, or taken over."""

    async def forget(self, before: datetime) -> int:
        """Strike out what is older; returns how many."""
