"""Tokens and idempotency keys of the API in their tables."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.desk_tables import api_tokens, idempotency_keys
from voicebot.application.ports.api_tokens import COMMITTED, KeptAnswer
from voicebot.domain.api_token import ApiToken, Scope
from voicebot.domain.errors import NotFound


class SqlApiTokens:
    """The tokens of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, key: str, name: str, scopes: Iterable[Scope], *, by: str, at: datetime, expires_at: datetime | None
    ) -> ApiToken:
        values = {
            "name": name,
            "hash": key,
            "scopes": sorted(scopes),
            "created_by": by,
            "created_at": at,
            "expires_at": expires_at,
        }
        return _token((await self._connection.execute(insert(api_tokens).values(values).returning(api_tokens))).one())

    async def find(self, key: str) -> ApiToken | None:
        row = (await self._connection.execute(select(api_tokens).where(api_tokens.c.hash == key))).one_or_none()
        return None if row is None else _token(row)

    async def touch(self, token_id: int, *, at: datetime) -> None:
        await self._connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=at))

    async def all(self) -> tuple[ApiToken, ...]:
        rows = await self._connection.execute(select(api_tokens).order_by(api_tokens.c.id.desc()))
        return tuple(_token(row) for row in rows)

    async def revoke(self, token_id: int, *, at: datetime) -> ApiToken | None:
        mine = api_tokens.c.id == token_id
        query = update(api_tokens).where(mine, api_tokens.c.revoked_at.is_(None)).values(revoked_at=at)
        row = (await self._connection.execute(query.returning(api_tokens))).one_or_none()
        if row is not None:
            return _token(row)
        if await self._connection.scalar(select(api_tokens.c.id).where(mine)) is None:
            raise NotFound(f"no token {token_id}")
        return None


class SqlIdempotencyKeys:
    """The keys of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, caller: str, key: str, request_hash: str, *, at: datetime, dead_before: datetime) -> bool:
        row = insert(idempotency_keys).values(
            caller=caller, key=key, request_hash=request_hash, status=0, answer={}, at=at
        )
        mine = and_(idempotency_keys.c.status == 0, idempotency_keys.c.at < dead_before)
        claimed = await self._connection.execute(
            row.on_conflict_do_update(
                index_elements=["caller", "key"], set_={"request_hash": request_hash, "at": at}, where=mine
            ).returning(idempotency_keys.c.id)
        )
        return claimed.one_or_none() is not None

    async def find(self, caller: str, key: str) -> KeptAnswer | None:
        row = (await self._connection.execute(select(idempotency_keys).where(*_one(caller, key)))).one_or_none()
        return None if row is None else _kept(row)

    async def mark(self, caller: str, key: str, *, claimed_at: datetime) -> bool:
        ours = (*_one(caller, key), idempotency_keys.c.at == claimed_at, idempotency_keys.c.status.in_((0, COMMITTED)))
        marked = await self._connection.execute(update(idempotency_keys).where(*ours).values(status=COMMITTED))
        return marked.rowcount == 1

    async def keep(self, caller: str, key: str, status: int, answer: Mapping[str, object]) -> None:
        await self._connection.execute(
            update(idempotency_keys).where(*_one(caller, key)).values(status=status, answer=dict(answer))
        )

    async def free(self, caller: str, key: str, *, claimed_at: datetime, marked: bool) -> None:
        undone = idempotency_keys.c.status.in_((0, COMMITTED) if marked else (0,))
        ours = (*_one(caller, key), idempotency_keys.c.at == claimed_at, undone)
        await self._connection.execute(delete(idempotency_keys).where(*ours))

    async def forget(self, before: datetime) -> int:
        gone = await self._connection.execute(delete(idempotency_keys).where(idempotency_keys.c.at < before))
        return gone.rowcount


def _one(caller: str, key: str) -> tuple[Any, ...]:
    return (idempotency_keys.c.caller == caller, idempotency_keys.c.key == key)


def _kept(row: Row[*tuple[Any, ...]]) -> KeptAnswer:
    return KeptAnswer(request_hash=row.request_hash, status=row.status, answer=row.answer, at=row.at)


def _token(row: Row[*tuple[Any, ...]]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        # A scope of a newer program opens nothing here.
        scopes=frozenset(Scope(one) for one in row.scopes if one in set(Scope)),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
