"""Finding calls by what they are filed under and what was said, with bounded work."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.call_search_tables import BLOCK_BITS, call_search
from voicebot.adapters.store.campaign_tables import calls
from voicebot.domain.call_query import CallPlace, CallQuery

RUSSIAN: Final[ColumnElement[Any]] = literal_column("'russian'::regconfig")
_NEAR: Final = 256
"""Calls next to the place that are read straight through: enough for everything that is common."""
_AT_ONCE: Final = range(4, 65)
"""Blocks searched by one statement, which stops once a page is full: few at first, more while it is quick."""
_QUICK_S: Final = 0.01
_DISORDER: Final = 200
"""Calls that may have been numbered in another order than they were dialled."""
ENOUGH_S: Final = 0.06
"""After that long the search stops and says how far it came: whoever wants to know more goes on from there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundCalls:
    """Numbers of calls, in the direction of the search."""

    ids: tuple[int, ...]
    stopped_at: int | None = None
    """The last call that was looked at, when time ran out; None: everything was."""
    too_common: bool = False
    """Only words were searched for that every text has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Span:
    """Calls to look among."""

    first: int
    last: int
    """Both inclusive."""
    newest_first: bool


async def find_calls(
    connection: AsyncConnection, wanted: CallQuery, place: CallPlace, limit: int, *, enough_s: float = ENOUGH_S
) -> FoundCalls:
    """At most `limit` calls next to the place: the newest before it, or the oldest after it.

    After `enough_s` seconds it stops between two steps and says how far it came.
    """
    span = await _span(connection, wanted, place)
    if span is None:
        return FoundCalls(ids=())
    if not wanted.facets and not wanted.words:
        return FoundCalls(ids=await _in_order(connection, wanted, span, limit))
    searched = await _searched(connection, wanted)
    if wanted.words and searched is None:
        return FoundCalls(ids=(), too_common=True)
    # The statements are cheap, but their estimated cost would have the server compile them first; and what a
    # block holds is overestimated, so that the whole table might be read instead of the index.
    await _plan(connection, jit="off", enable_seqscan="off")
    found = await _through_blocks(connection, wanted, span, limit, searched, time.perf_counter() + enough_s)
    await _plan(connection, enable_seqscan="on")
    return found


def spoken_query(words: str) -> ColumnElement[Any]:
    """Any of the words looked for."""
    every = cast(func.plainto_tsquery(RUSSIAN, words), Text)
    return cast(func.replace(every, "' & '", "' | '"), TSQUERY)


async def _searched(connection: AsyncConnection, wanted: CallQuery) -> ColumnElement[bool] | None:
    """The condition on the words; None when nothing is left of them to search for."""
    if not wanted.words:
        return None
    query = func.websearch_to_tsquery(RUSSIAN, wanted.words)
    nodes, tree = (await connection.execute(select(func.numnode(query), func.querytree(query)))).one()
    if not nodes:
        return None
    said = (call_search.c.words if wanted.everybody else call_search.c.heard).bool_op("@@")(query)
    # What merely lacks a word is all over the index, which would be read from end to end: a block is read instead.
    return said.is_(True) if tree == "T" else said


async def _plan(connection: AsyncConnection, **settings: str) -> None:
    """Settings of the planner until the end of the transaction."""
    await connection.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))


async def _span(connection: AsyncConnection, wanted: CallQuery, place: CallPlace) -> _Span | None:
    """Calls are numbered as they are dialled."""
    first = await connection.scalar(select(func.min(calls.c.id)))
    last = await connection.scalar(select(func.max(calls.c.id)))
    if first is None or last is None:
        return None
    if wanted.since is not None:
        since = await _edge(connection, calls.c.dialled_at >= wanted.since, oldest=True)
        if since is None:
            return None
        first = max(first, since)
    if wanted.until is not None:
        until = await _edge(connection, calls.c.dialled_at < wanted.until, oldest=False)
        if until is None:
            return None
        last = min(last, until)
    first = max(first, place.after + 1) if place.after is not None else first
    last = min(last, place.before - 1) if place.before is not None else last
    return _Span(first=first, last=last, newest_first=place.after is None) if first <= last else None


async def _edge(connection: AsyncConnection, dialled: ColumnElement[bool], *, oldest: bool) -> int | None:
    """The number at which a stretch of time begins or ends."""
    order = (calls.c.dialled_at, calls.c.id) if oldest else (calls.c.dialled_at.desc(), calls.c.id.desc())
    there = select(calls.c.id).where(dialled).order_by(*order).limit(_DISORDER).subquery()
    edge: int | None = await connection.scalar(select(func.min(there.c.id) if oldest else func.max(there.c.id)))
    return edge


async def _in_order(connection: AsyncConnection, wanted: CallQuery, span: _Span, limit: int) -> tuple[int, ...]:
    query = select(calls.c.id).where(calls.c.id.between(span.first, span.last), *_dialled(calls.c.dialled_at, wanted))
    order = calls.c.id.desc() if span.newest_first else calls.c.id
    return tuple((await connection.scalars(query.order_by(order).limit(limit))).all())


async def _through_blocks(
    connection: AsyncConnection,
    wanted: CallQuery,
    span: _Span,
    limit: int,
    searched: ColumnElement[bool] | None,
    deadline: float,
) -> FoundCalls:
    """Block by block: however rare or common the words, and wherever they gather, a step costs little."""
    ids, rest = await _near(connection, wanted, span, searched)
    if len(ids) >= limit or rest is None:
        return FoundCalls(ids=tuple(ids[:limit]))
    blocks = range(rest.first >> BLOCK_BITS, (rest.last >> BLOCK_BITS) + 1)
    ordered = blocks[::-1] if rest.newest_first else blocks
    at, count = 0, _AT_ONCE[0]
    while at < len(ordered) and len(ids) < limit:
        begun = time.perf_counter()
        if begun > deadline:
            edge = ordered[at - 1] << BLOCK_BITS if rest.newest_first else (ordered[at] << BLOCK_BITS) - 1
            return FoundCalls(ids=tuple(ids), stopped_at=edge if at else _beside(rest))
        some = ordered[at : at + count]
        ids += (await connection.scalars(_some_blocks(wanted, rest, some, limit - len(ids), searched))).all()
        at += len(some)
        if time.perf_counter() - begun < _QUICK_S:
            count = min(2 * count, _AT_ONCE[-1])
    return FoundCalls(ids=tuple(ids))


def _beside(rest: _Span) -> int:
    """The last call that was read when the rest has yet to be."""
    return rest.last + 1 if rest.newest_first else rest.first - 1


async def _near(
    connection: AsyncConnection, wanted: CallQuery, span: _Span, searched: ColumnElement[bool] | None
) -> tuple[list[int], _Span | None]:
    """What fits among the nearest calls, and where to look on; None when those were all."""
    fits = and_(*(_filed(facet) for facet in wanted.facets), *([] if searched is None else [searched]))
    fits = and_(fits, *_dialled(call_search.c.dialled_at, wanted))
    number = call_search.c.call_id
    query = select(number, fits).where(number.between(span.first, span.last)).limit(_NEAR)
    rows = (await connection.execute(query.order_by(number.desc() if span.newest_first else number))).all()
    ids = [row[0] for row in rows if row[1]]
    if len(rows) < _NEAR:
        return ids, None
    edge = rows[-1][0]
    if span.newest_first:
        rest = _Span(first=span.first, last=edge - 1, newest_first=True)
    else:
        rest = _Span(first=edge + 1, last=span.last, newest_first=False)
    return ids, rest if rest.first <= rest.last else None


def _filed(facet: ColumnElement[str] | str) -> ColumnElement[bool]:
    """One condition each: the index then leaps from list to list, instead of testing every entry of the shortest."""
    return call_search.c.facets.contains(
        cast(array([literal(facet) if isinstance(facet, str) else facet]), ARRAY(Text))
    )


def _some_blocks(
    wanted: CallQuery, span: _Span, some: range, limit: int, searched: ColumnElement[bool] | None
) -> Select[int]:
    block = func.generate_series(some[0], some[-1], some.step).table_valued("number").render_derived(name="block")
    conditions = [_filed(literal("b:").concat(cast(block.c.number, Text))), *map(_filed, wanted.facets)]
    if searched is not None:
        conditions.append(searched)
    # An expression, so that nobody thinks of walking the primary key instead of the GIN index.
    number = call_search.c.call_id + 0
    inner = (
        select(call_search.c.call_id)
        .where(
            *conditions,
            number.between(span.first, span.last),
            *_dialled(call_search.c.dialled_at, wanted),
        )
        .order_by(number.desc() if span.newest_first else number)
        .limit(limit)
        .lateral("inside")
    )
    # The blocks are looked into one after the other, and no longer than needed: a nested loop keeps their order.
    return select(inner.c.call_id).select_from(block).join(inner, true()).limit(limit)


def _dialled(column: ColumnElement[datetime], wanted: CallQuery) -> list[ColumnElement[bool]]:
    return [
        *([column >= wanted.since] if wanted.since is not None else []),
        *([column < wanted.until] if wanted.until is not None else []),
    ]
