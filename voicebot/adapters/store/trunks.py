"""Trunks in their table; their live calls are rows of `calls`, `click_calls` and `trial_calls`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, ScalarSelect, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls
from voicebot.adapters.store.click_call_tables import click_calls
from voicebot.adapters.store.engine_tables import trunks
from voicebot.adapters.store.trial_call_tables import trial_calls
from voicebot.domain.circuit_breaker import Breaker, TrunkResult
from voicebot.domain.pacing import TrunkLoad


def _live_of(trunk: Column[str], ended_at: Column[datetime]) -> ScalarSelect[int]:
    live = select(func.count()).where(trunk == trunks.c.name, ended_at.is_(None))
    return live.correlate(trunks).scalar_subquery()


_LIVE = (
    _live_of(calls.c.trunk, calls.c.ended_at)
    + _live_of(click_calls.c.manager_trunk, click_calls.c.ended_at)
    + _live_of(click_calls.c.customer_trunk, click_calls.c.ended_at)
    + _live_of(trial_calls.c.trunk, trial_calls.c.ended_at)
).label("live")
_KNOWN = select(trunks, _LIVE)


class SqlTrunks:
    """The trunks as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def look(self, names: Iterable[str], now: datetime) -> dict[str, TrunkLoad]:
        wanted = list(names)
        known = {row.name: _load(row) for row in await self._rows(_KNOWN.where(trunks.c.name.in_(wanted)))}
        return {
            name: known.get(name, TrunkLoad(name=name, next_call_at=now, live=0, breaker=Breaker())) for name in wanted
        }

    async def lock(self, name: str, now: datetime) -> TrunkLoad:
        # Makes the row or takes its lock, in one statement. The calls are counted in the next one: its snapshot is
        # taken after the lock was won, and so sees what the line before us has written.
        row = insert(trunks).values(name=name, next_call_at=now)
        await self._connection.execute(
            row.on_conflict_do_update(index_elements=["name"], set_={"name": row.excluded.name})
        )
        (found,) = await self._rows(_KNOWN.where(trunks.c.name == bindparam("wanted")), {"wanted": name})
        return _load(found)

    async def save(self, load: TrunkLoad) -> None:
        breaker = load.breaker
        await self._connection.execute(
            update(trunks)
            .where(trunks.c.name == load.name)
            .values(
                next_call_at=load.next_call_at,
                paused_until=breaker.paused_until,
                trips=breaker.trips,
                reason=breaker.reason,
                results=[{"at": one.at.isoformat(), "failed": one.failed} for one in breaker.results],
            )
        )

    async def occupy(self, call_id: int, name: str) -> bool:
        moved = await self._connection.execute(
            update(calls).where(calls.c.id == call_id, calls.c.ended_at.is_(None)).values(trunk=name)
        )
        return moved.rowcount == 1

    async def known(self) -> tuple[TrunkLoad, ...]:
        return tuple(_load(row) for row in await self._rows(_KNOWN.order_by(trunks.c.name)))

    async def _rows(self, query: Any, values: dict[str, object] | None = None) -> list[Row[*tuple[Any, ...]]]:
        return list(await self._connection.execute(query, values))


def _load(row: Row[*tuple[Any, ...]]) -> TrunkLoad:
    results = (TrunkResult(at=datetime.fromisoformat(one["at"]), failed=bool(one["failed"])) for one in row.results)
    return TrunkLoad(
        name=row.name,
        next_call_at=row.next_call_at,
        live=row.live,
        breaker=Breaker(results=tuple(results), trips=row.trips, paused_until=row.paused_until, reason=row.reason),
    )
