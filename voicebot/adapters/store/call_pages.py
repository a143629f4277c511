"""Calls as the desk shows them, out of the tables."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, and_, func, select, text, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.call_log import SqlCallLog, turn_of
from voicebot.adapters.store.call_search import RUSSIAN, find_calls, spoken_query
from voicebot.adapters.store.call_search_tables import call_reviews
from voicebot.adapters.store.campaign_tables import call_tags, calls, campaigns, leads, promo_codes, turns
from voicebot.adapters.store.corrections import correction_of
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.desk_tables import corrections
from voicebot.application.ports.call_pages import CallChoices, CallLine, CallList, CallPage, CallRow, Excerpt
from voicebot.domain.call import Cause, Direction, Speaker
from voicebot.domain.call_query import CallPlace, CallQuery
from voicebot.domain.customer import PersonName
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import LeadErrand
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import Phone

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Around found words: characters of no alphabet, taken out of the text before they are set."""
_MARKS: Final = f"HighlightAll=true, StartSel={_OPEN}, StopSel={_CLOSE}"
_CAMPAIGNS: Final = 300
"""The newest ones; a longer list nobody can choose from."""
_EVERY_VALUE: Final = """
    WITH RECURSIVE found AS (
        (SELECT {column} AS value FROM {table} WHERE {column} > '' ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM {table} WHERE {column} > found.value ORDER BY {column} LIMIT 1)
        FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL LIMIT 500
    """
"""Leaps from value to value in the index: few values in many rows."""


class SqlCallPages:
    """The questions of the pages of calls in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, wanted: CallQuery, place: CallPlace, *, limit: int) -> CallList:
        found = await find_calls(self._connection, wanted, place, limit + 1)
        if found.too_common:
            return CallList(rows=(), too_common=True)
        ids, more = found.ids[:limit], len(found.ids) > limit
        if place.after is not None and not more and found.stopped_at is None:
            return await self.find(wanted, CallPlace(), limit=limit)  # the newest there are: a whole page of them
        rows = await self._rows(ids, wanted)
        on = ids[-1] if more else found.stopped_at
        if place.after is not None:
            return CallList(rows=rows, older=min(ids) if ids else place.after + 1, newer=on)
        newer = None
        if place.before is not None:
            newer = ids[0] if ids else place.before - 1
        looked_to = None if more or found.stopped_at is None else await self._dialled_at(found.stopped_at)
        return CallList(rows=rows, older=on, newer=newer, looked_to=looked_to)

    async def choices(self) -> CallChoices:
        known = await self._connection.execute(
            select(campaigns.c.id, campaigns.c.name).order_by(campaigns.c.id.desc()).limit(_CAMPAIGNS)
        )
        tags = await self._connection.scalars(text(_EVERY_VALUE.format(column="tag", table="call_tags")))
        states = _EVERY_VALUE.format(column="hangup_state", table="calls").replace(
            "hangup_state >", "hangup_state <> '' AND hangup_state >"
        )  # in the words of the partial index
        return CallChoices(
            campaigns=tuple((row.id, row.name) for row in known),
            tags=tuple(tags),
            hangup_states=tuple(await self._connection.scalars(text(states))),
        )

    async def show(self, call_id: int) -> CallPage:
        row = (await self._connection.execute(_ONE_CALL.where(calls.c.id == call_id))).one_or_none()
        if row is None:
            raise NotFound(f"no call {call_id}")
        record = await SqlCallLog(self._connection).show(call_id)
        said = select(turns, *_CORRECTION).outerjoin(corrections, corrections.c.turn_id == turns.c.id)
        spoken = await self._connection.execute(said.where(turns.c.call_id == call_id).order_by(turns.c.position))
        theirs = select(calls.c.id).where(calls.c.customer_id == row.customer_id).limit(1)
        here = (row.dialled_at, call_id)
        moment = func.row(calls.c.dialled_at, calls.c.id)
        return CallPage(
            record=record,
            name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
            campaign_id=row.campaign_id,
            lead_id=row.lead_id,
            trunk=row.trunk,
            script=row.script,
            script_version=row.script_version,
            variant=row.variant,
            errand=LeadErrand(row.errand),
            wanted=row.wanted,
            cost=row.cost,
            lines=tuple(CallLine(turn_id=one.id, turn=turn_of(one), correction=correction_of(one)) for one in spoken),
            redeemed_at=row.redeemed_at,
            reviewed_by=row.reviewed_by or "",
            previous=await self._connection.scalar(
                theirs.where(moment < func.row(*here)).order_by(calls.c.dialled_at.desc(), calls.c.id.desc())
            ),
            next=await self._connection.scalar(
                theirs.where(moment > func.row(*here)).order_by(calls.c.dialled_at, calls.c.id)
            ),
        )

    async def _rows(self, ids: Sequence[int], wanted: CallQuery) -> tuple[CallRow, ...]:
        if not ids:
            return ()
        query = _rows_query(wanted).where(calls.c.id.in_(ids)).order_by(calls.c.id.desc())
        return tuple(_row(row) for row in await self._connection.execute(query))

    async def _dialled_at(self, call_id: int) -> Any:
        query = select(calls.c.dialled_at).where(calls.c.id >= call_id).order_by(calls.c.id).limit(1)
        return await self._connection.scalar(query)


_ONE_CALL: Final = (
    select(
        calls,
        leads.c.campaign_id,
        customers.c.last_name,
        customers.c.first_name,
        customers.c.patronymic,
        call_reviews.c.reviewed_by,
        promo_codes.c.redeemed_at,
    )
    .join(leads, leads.c.id == calls.c.lead_id)
    .join(customers, customers.c.id == calls.c.customer_id)
    .outerjoin(call_reviews, call_reviews.c.call_id == calls.c.id)
    .outerjoin(
        promo_codes,
        and_(promo_codes.c.customer_id == calls.c.customer_id, promo_codes.c.campaign_id == leads.c.campaign_id),
    )
)
_CORRECTION: Final = (
    corrections.c.words.label("right_words"),
    corrections.c.intent.label("right_intent"),
    corrections.c.corrected_by,
    corrections.c.at.label("corrected_at"),
    corrections.c.exported_at,
)


def _rows_query(wanted: CallQuery) -> Select[*tuple[Any, ...]]:
    said = _said(wanted).lateral("said")
    tags = func.array_agg(aggregate_order_by(call_tags.c.tag, call_tags.c.tag))
    return (
        select(
            calls,
            leads.c.campaign_id,
            campaigns.c.name.label("campaign"),
            customers.c.last_name,
            customers.c.first_name,
            customers.c.patronymic,
            select(tags).where(call_tags.c.call_id == calls.c.id).scalar_subquery().label("tags"),
            call_reviews.c.call_id.is_not(None).label("reviewed"),
            said.c.speaker,
            said.c.excerpt,
        )
        .join(leads, leads.c.id == calls.c.lead_id)
        .join(campaigns, campaigns.c.id == leads.c.campaign_id)
        .join(customers, customers.c.id == calls.c.customer_id)
        .outerjoin(call_reviews, call_reviews.c.call_id == calls.c.id)
        .outerjoin(said, true())
    )


def _said(wanted: CallQuery) -> Select[*tuple[Any, ...]]:
    """The line that fits the search best; without one, what the customer said last."""
    words = func.translate(func.coalesce(corrections.c.words, turns.c.text), _OPEN + _CLOSE, "")
    lines = select(turns.c.speaker).outerjoin(corrections, corrections.c.turn_id == turns.c.id).limit(1)
    lines = lines.where(turns.c.call_id == calls.c.id)
    if not wanted.everybody or not wanted.words:
        lines = lines.where(turns.c.speaker != Speaker.BOT)
    if not wanted.words:
        return lines.add_columns(words.label("excerpt")).order_by(turns.c.position.desc())
    query, vector = spoken_query(wanted.words), func.to_tsvector(RUSSIAN, words)
    return (
        lines.add_columns(func.ts_headline(RUSSIAN, words, query, _MARKS).label("excerpt"))
        .where(vector.bool_op("@@")(query))
        .order_by(func.ts_rank(vector, query).desc(), turns.c.position)
    )


def _row(row: Row[*tuple[Any, ...]]) -> CallRow:
    talked = (row.ended_at - row.answered_at).total_seconds() if row.answered_at and row.ended_at else None
    return CallRow(
        id=row.id,
        campaign_id=row.campaign_id,
        campaign=row.campaign,
        customer_id=row.customer_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        phone=Phone(row.phone),
        direction=Direction(row.direction),
        attempt=row.attempt,
        dialled_at=row.dialled_at,
        talk_seconds=talked,
        cause=Cause(row.cause) if row.cause else None,
        group=Group(row.outcome_group) if row.outcome_group else None,
        disposition=Disposition(row.disposition) if row.disposition else None,
        hangup_state=row.hangup_state,
        tags=tuple(row.tags or ()),
        unread=row.speaker is not None and row.ended_at is not None and not row.reviewed,
        excerpt=Excerpt(speaker=Speaker(row.speaker), parts=_parts(row.excerpt)) if row.speaker else None,
    )


def _parts(marked: str) -> tuple[tuple[str, bool], ...]:
    """Cuts a text at the marks; it is escaped piece by piece where it is shown."""
    parts: list[tuple[str, bool]] = []
    for piece in marked.split(_OPEN):
        found, closed, rest = piece.partition(_CLOSE)
        parts += [(found, True), (rest, False)] if closed else [(piece, False)]
    return tuple((part, found) for part, found in parts if part)
