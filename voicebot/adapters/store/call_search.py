"""Finding calls by what they are filed under and what was said, with bounded work."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.call_search_tables import BLOCK_BITS, call_search
from voicebot.adapters.store.campaign_tables import calls
from voicebot.domain.call_query import CallPlace, CallQuery

RUSSIAN: Final[ColumnElement[Any]] = literal_column("'russian'::regconfig")
_BLOCK: Final = 1 << BLOCK_BITS
_AT_ONCE: Final = 8
"""Blocks searched by one statement; it stops in the middle once a page is full."""
_ENOUGH_S: Final = 0.06
"""After that long the search stops and says how far it came: whoever wants to know more goes on from there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundCalls:
    """Numbers of calls, in the direction of the search."""

    ids: tuple[int, ...]
    stopped_at: int | None = None
    """The last call that was looked at, when time ran out; None: everything was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Span:
    """Calls to look among."""

    first: int
    last: int
    """Both inclusive."""
    newest_first: bool


async def find_calls(connection: AsyncConnection, wanted: CallQuery, place: CallPlace, limit: int) -> FoundCalls:
    """At most `limit` calls next to the place: the newest before it, or the oldest after it."""
    span = await _span(connection, wanted, place)
    if span is None:
        return FoundCalls(ids=())
    if not wanted.facets and not wanted.words:
        return FoundCalls(ids=await _in_order(connection, wanted, span, limit))
    # The statement is cheap, but its estimated cost would have the server compile it first.
    await connection.execute(select(func.set_config("jit", "off", True)))
    return await _through_blocks(connection, wanted, span, limit)


async def says_nothing(connection: AsyncConnection, words: str) -> bool:
    """Whether only words are looked for that every text has."""
    return not await connection.scalar(select(func.numnode(func.websearch_to_tsquery(RUSSIAN, words))))


def spoken_query(words: str) -> ColumnElement[Any]:
    """Any of the words looked for."""
    every = cast(func.plainto_tsquery(RUSSIAN, words), Text)
    return cast(func.replace(every, "' & '", "' | '"), TSQUERY)


async def _span(connection: AsyncConnection, wanted: CallQuery, place: CallPlace) -> _Span | None:
    """Calls are numbered as they are dialled, but for those of one moment: a block more each way holds them all."""
    first = await connection.scalar(select(func.min(calls.c.id)))
    last = await connection.scalar(select(func.max(calls.c.id)))
    if first is None or last is None:
        return None
    if wanted.since is not None:
        since = await _first_id(connection, select(calls.c.id).where(calls.c.dialled_at >= wanted.since), oldest=True)
        if since is None:
            return None
        first = max(first, since - _BLOCK)
    if wanted.until is not None:
        until = await _first_id(connection, select(calls.c.id).where(calls.c.dialled_at < wanted.until), oldest=False)
        if until is None:
            return None
        last = min(last, until + _BLOCK)
    first = max(first, place.after + 1) if place.after is not None else first
    last = min(last, place.before - 1) if place.before is not None else last
    return _Span(first=first, last=last, newest_first=place.after is None) if first <= last else None


async def _first_id(connection: AsyncConnection, query: Select[int], *, oldest: bool) -> int | None:
    order = calls.c.dialled_at if oldest else calls.c.dialled_at.desc()
    found: int | None = await connection.scalar(query.order_by(order).limit(1))
    return found


async def _in_order(connection: AsyncConnection, wanted: CallQuery, span: _Span, limit: int) -> tuple[int, ...]:
    query = select(calls.c.id).where(calls.c.id.between(span.first, span.last), *_dialled(calls.c.dialled_at, wanted))
    order = calls.c.id.desc() if span.newest_first else calls.c.id
    return tuple((await connection.scalars(query.order_by(order).limit(limit))).all())


async def _through_blocks(connection: AsyncConnection, wanted: CallQuery, span: _Span, limit: int) -> FoundCalls:
    """Block by block: however rare or common the words, and wherever they gather, a step costs little."""
    started = time.perf_counter()
    blocks = range(span.first >> BLOCK_BITS, (span.last >> BLOCK_BITS) + 1)
    ordered = blocks[::-1] if span.newest_first else blocks
    ids: list[int] = []
    for at in range(0, len(ordered), _AT_ONCE):
        some = ordered[at : at + _AT_ONCE]
        ids += (await connection.scalars(_some_blocks(wanted, span, some, limit - len(ids)))).all()
        if len(ids) >= limit:
            break
        if time.perf_counter() - started > _ENOUGH_S and some[-1] != ordered[-1]:
            edge = some[-1] << BLOCK_BITS if span.newest_first else ((some[-1] + 1) << BLOCK_BITS) - 1
            return FoundCalls(ids=tuple(ids), stopped_at=edge)
    return FoundCalls(ids=tuple(ids))


def _some_blocks(wanted: CallQuery, span: _Span, some: range, limit: int) -> Select[int]:
    block = func.generate_series(some[0], some[-1], some.step).table_valued("number").render_derived(name="block")
    filed = [literal("b:").concat(cast(block.c.number, Text)), *(literal(facet) for facet in wanted.facets)]
    conditions: list[ColumnElement[bool]] = [
        # One condition each: the index then leaps from list to list, instead of testing every entry of the shortest.
        call_search.c.facets.contains(cast(array([one]), ARRAY(Text)))
        for one in filed
    ]
    if wanted.words:
        said = call_search.c.words if wanted.everybody else call_search.c.heard
        conditions.append(said.bool_op("@@")(func.websearch_to_tsquery(RUSSIAN, wanted.words)))
    # An expression, so that nobody thinks of walking the primary key instead of the GIN index.
    number = call_search.c.call_id + 0
    inner = (
        select(call_search.c.call_id)
        .where(
            *conditions,
            call_search.c.call_id.between(span.first, span.last),
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
