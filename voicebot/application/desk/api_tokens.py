"""Making, showing and revoking tokens of the API."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.json_input import storable
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.api_token import LONGEST_NAME, PREFIX, ApiToken, Scope
from voicebot.domain.errors import BadInput, Problem

MOST_DAYS: Final = 3650
KEYS_KEPT: Final = timedelta(hours=48)
"""How long an idempotency key is remembered; callers are promised a day."""
_SEEN_EVERY: Final = timedelta(minutes=1)
"""The last use is kept to the minute: one write for many requests."""


def key_of(shown: str) -> str:
    """What a token is found by; it is as random as its hash, so no salt is needed."""
    return hashlib.sha256(shown.encode("utf-8", "surrogateescape")).hexdigest()


async def make_token(
    open_unit: OpenDeskUnit, name: str, scopes: Iterable[str], *, days: int | None, by: str, now: datetime
) -> tuple[str, ApiToken]:
    """What must be shown, told this once, and the token; raises BadInput with everything that is wrong."""
    name, wanted = " ".join(name.split()), sorted(set(scopes))
    _check(name, wanted, days, by)
    shown = PREFIX + secrets.token_urlsafe(32)
    expires_at = None if days is None else now + timedelta(days=days)
    async with open_unit() as unit:
        made = await unit.api_tokens.add(
            key_of(shown), name, [Scope(one) for one in wanted], by=by, at=now, expires_at=expires_at
        )
        await unit.audit.record(
            at=now, actor=by, action="token.created", subject=f"token:{made.id}", details={"scopes": [*wanted]}
        )
        await unit.commit()
    return shown, made


async def revoke_token(open_unit: OpenDeskUnit, token_id: int, *, by: str, now: datetime) -> None:
    """From now on it opens nothing, on every machine; raises NotFound."""
    async with open_unit() as unit:
        if await unit.api_tokens.revoke(token_id, at=now) is not None:
            await unit.audit.record(at=now, actor=by, action="token.revoked", subject=f"token:{token_id}")
            await unit.commit()


async def know_token(open_unit: OpenDeskUnit, shown: str, now: datetime) -> ApiToken | None:
    """The token that is shown; None for one that opens nothing."""
    async with open_unit() as unit:
        token = await unit.api_tokens.find(key_of(shown))
        if token is None or not token.good(now):
            return None
        if token.used_at is None or now - token.used_at >= _SEEN_EVERY:
            await unit.api_tokens.touch(token.id, at=now)
            await unit.commit()
    return token


def _check(name: str, scopes: list[str], days: int | None, by: str) -> None:
    known = set(Scope)
    rules = (
        ("name", not name or not storable(name), "is missing", "say what the token is for"),
        ("name", len(name) > LONGEST_NAME, f"is longer than {LONGEST_NAME} characters", ""),
        ("scopes", not scopes, "none is named", f"choose among {', '.join(Scope)}"),
        (
            "scopes",
            any(one not in known for one in scopes),
            f"there is no {', '.join(repr(one[:40]) for one in scopes if one not in known)}",
            f"choose among {', '.join(Scope)}",
        ),
        ("days", days is not None and not 1 <= days <= MOST_DAYS, f"must be 1 to {MOST_DAYS}", ""),
        ("by", not by.strip(), "is empty", "it is written into the audit log"),
    )
    problems = [Problem(source=at, where="", message=what, repair=repair) for at, bad, what, repair in rules if bad]
    if problems:
        raise BadInput(problems)


async def forget_keys(open_unit: OpenDeskUnit, now: datetime) -> int:
    """Task FORGET_KEYS: idempotency keys that nobody sends again; returns how many."""
    async with open_unit() as unit:
        gone = await unit.idempotency_keys.forget(now - KEYS_KEPT)
        await unit.commit()
    return gone
