"""Selections out of the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.customers import SqlCustomers
from voicebot.adapters.store.segment_sql import lapsed, objections, permitted, spared
from voicebot.domain.segment import Exclusion, ExclusionReason, Segment, SegmentPreview, SelectionRules

_MATCHED, _ALLOWED = "matched", "allowed"
_PLANNING: Final = {"work_mem": "192MB", "jit": "off", "enable_nestloop": "off"}
"""Hashes of a million ids stay in memory; compiling costs more than it gains; the planner underrates how many pass the
anti-joins and would look up hundreds of thousands of rows one by one (1.6 times the bare anti-join instead of 2.9)."""


class SqlSelection:
    """The selections of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def allowed(self, segment: Segment, rules: SelectionRules, *, at: datetime) -> tuple[int, ...]:
        query = allowed_ids(segment, rules, at).order_by(customers.c.id)
        async with planned_for_masses(self._connection):
            return tuple((await self._connection.execute(query)).scalars())

    async def controls(self, segment: Segment, rules: SelectionRules, *, at: datetime) -> tuple[int, ...]:
        query = lapsed(segment, at).where(spared(customers.c.id, rules, at)).order_by(customers.c.id)
        async with planned_for_masses(self._connection):
            return tuple((await self._connection.execute(query)).scalars())

    async def preview(self, segment: Segment, rules: SelectionRules, *, at: datetime, examples: int) -> SegmentPreview:
        async with planned_for_masses(self._connection):
            rows = (await self._connection.execute(_counted(segment, rules, at, examples))).all()
        found = {row.what: (row.customers, row.examples or ()) for row in rows}
        shown = {customer for _, ids in found.values() for customer in ids}
        people = {one.id: one for one in await SqlCustomers(self._connection).find(tuple(shown))}
        return SegmentPreview(
            at=at,
            matched=found[_MATCHED][0],
            allowed=found[_ALLOWED][0],
            examples=tuple(people[one] for one in found[_ALLOWED][1]),
            exclusions=tuple(
                Exclusion(reason=reason, count=count, examples=tuple(people[one] for one in ids))
                for reason in ExclusionReason
                for count, ids in (found[reason],)
                if count
            ),
        )


@asynccontextmanager
async def planned_for_masses(connection: AsyncConnection) -> AsyncIterator[None]:
    """Planner settings for a query that reads whole tables; the rest of the transaction gets its own ones back."""
    before = (await connection.execute(select(*(func.current_setting(name) for name in _PLANNING)))).one()
    await connection.execute(select(*(func.set_config(name, value, True) for name, value in _PLANNING.items())))
    yield
    restored = zip(_PLANNING, before, strict=True)
    await connection.execute(select(*(func.set_config(name, value, True) for name, value in restored)))


def allowed_ids(segment: Segment, rules: SelectionRules, at: datetime) -> Select[int]:
    """Ids of the segment's customers who may be called, in any order."""
    return lapsed(segment, at).where(permitted(customers.c.id, rules, at))


def _counted(segment: Segment, rules: SelectionRules, at: datetime, examples: int) -> Select[*tuple[Any, ...]]:
    """One row for all, one for those allowed, one per reason: what, customers, first ids."""
    found = lapsed(segment, at).cte("lapsed")
    groups: dict[str, ColumnElement[bool]] = {_MATCHED: true(), _ALLOWED: permitted(found.c.id, rules, at)}
    groups.update({reason.value: holds for reason, holds in objections(found.c.id, rules, at).items()})
    first_ids = func.array_agg(aggregate_order_by(found.c.id, found.c.id), type_=ARRAY(BigInteger))
    rows = (
        select(literal(name).label("what"), func.count().label("customers"), first_ids[1:examples].label("examples"))
        .select_from(found)
        .where(condition)
        for name, condition in groups.items()
    )
    return select(union_all(*rows).subquery())
