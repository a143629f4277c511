"""The managers' queue out of the tables."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls, campaigns, escalations, turns
from voicebot.adapters.store.click_call_tables import click_calls
from voicebot.adapters.store.click_calls import click_call_of
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.desk_tables import escalation_notes, users
from voicebot.application.ports.escalation_queue import EscalationNote, HistoryPlace, QueuedEscalation, QueuePlace
from voicebot.domain.call import Speaker
from voicebot.domain.click_call import ClickCall, ClickResult
from voicebot.domain.customer import PersonName, ValueClass
from voicebot.domain.errors import NotFound
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.escalation_work import Closed, Reaction, Resolution, Resolved
from voicebot.domain.phone import Phone

_OPEN: Final = escalations.c.resolved_at.is_(None)
_ENTRIES: Final = (
    select(
        escalations,
        campaigns.c.name.label("campaign"),
        calls.c.phone,
        customers.c.last_name,
        customers.c.first_name,
        customers.c.patronymic,
        customers.c.value_class,
        func.coalesce(users.c.name, escalations.c.taken_by).label("holder"),
        select(turns.c.text)
        .where(turns.c.call_id == escalations.c.call_id, turns.c.speaker == Speaker.CUSTOMER, turns.c.text != "")
        .order_by(turns.c.position.desc())
        .limit(1)
        .correlate(escalations)
        .scalar_subquery()
        .label("words"),
    )
    .join(campaigns, campaigns.c.id == escalations.c.campaign_id)
    .join(calls, calls.c.id == escalations.c.call_id)
    .join(customers, customers.c.id == escalations.c.customer_id)
    .outerjoin(users, users.c.login == escalations.c.taken_by)
)


class SqlEscalationQueue:
    """The queue as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(
        self, *, behind: QueuePlace | None, kind: EscalationKind | None, limit: int
    ) -> tuple[QueuedEscalation, ...]:
        query = _ENTRIES.where(_OPEN)
        if behind is not None:
            query = query.where(_behind(behind))
        if kind is not None:
            query = query.where(escalations.c.kind == kind)
        order = (escalations.c.urgent.desc(), escalations.c.created_at, escalations.c.id)
        return await self._entries(query.order_by(*order).limit(limit))

    async def history(self, *, before: HistoryPlace | None, limit: int) -> tuple[QueuedEscalation, ...]:
        query = _ENTRIES.where(escalations.c.resolved_at.is_not(None))
        if before is not None:
            place = tuple_(escalations.c.resolved_at, escalations.c.id)
            query = query.where(place < tuple_(before.resolved_at, before.id))
        return await self._entries(
            query.order_by(escalations.c.resolved_at.desc(), escalations.c.id.desc()).limit(limit)
        )

    async def get(self, escalation_id: int) -> QueuedEscalation:
        found = await self._entries(_ENTRIES.where(escalations.c.id == escalation_id))
        if not found:
            raise NotFound(f"no escalation {escalation_id}")
        return found[0]

    async def take(
        self, escalation_id: int, *, login: str, at: datetime, idle_since: datetime | None = None
    ) -> QueuedEscalation | None:
        before = await self.get(escalation_id)
        free: ColumnElement[bool] = escalations.c.taken_by == ""
        if idle_since is not None:
            free = or_(free, escalations.c.active_at <= idle_since)
        taken = await self._connection.execute(
            update(escalations)
            .where(escalations.c.id == escalation_id, _OPEN, free)
            .values(
                taken_by=login,
                taken_at=at,
                active_at=at,
                first_taken_at=func.coalesce(escalations.c.first_taken_at, at),
            )
        )
        return before if taken.rowcount == 1 else None

    async def give_back(self, escalation_id: int, *, login: str) -> bool:
        return await self._change(escalation_id, login, {"taken_by": "", "taken_at": None, "active_at": None})

    async def touch(self, escalation_id: int, *, login: str, at: datetime) -> bool:
        return await self._change(escalation_id, login, {"active_at": at})

    async def resolve(self, escalation_id: int, resolved: Resolved, *, login: str) -> bool:
        values = {
            "resolved_at": resolved.at,
            "resolved_by": resolved.by,
            "resolution": resolved.resolution,
            "result": resolved.result,
        }
        return await self._change(escalation_id, login, values)

    async def add_note(self, escalation_id: int, note: EscalationNote) -> None:
        await self._connection.execute(
            insert(escalation_notes).values(escalation_id=escalation_id, author=note.author, text=note.text, at=note.at)
        )

    async def notes(self, escalation_id: int) -> tuple[EscalationNote, ...]:
        query = select(escalation_notes).where(escalation_notes.c.escalation_id == escalation_id)
        rows = await self._connection.execute(query.order_by(escalation_notes.c.id))
        return tuple(EscalationNote(author=row.author, text=row.text, at=row.at) for row in rows)

    async def click_calls(self, escalation_id: int) -> tuple[ClickCall, ...]:
        query = select(click_calls, escalations.c.campaign_id).join(escalations)
        query = query.where(click_calls.c.escalation_id == escalation_id).order_by(click_calls.c.id.desc())
        return tuple(click_call_of(row) for row in await self._connection.execute(query))

    async def reactions(self, since: datetime) -> tuple[Reaction, ...]:
        query = select(escalations.c.created_at, escalations.c.first_taken_at)
        rows = await self._connection.execute(query.where(escalations.c.first_taken_at >= since))
        return tuple(Reaction(created_at=row.created_at, taken_at=row.first_taken_at) for row in rows)

    async def closed(self, since: datetime) -> tuple[Closed, ...]:
        talked = case((click_calls.c.result == ClickResult.TALKED, 1))
        query = (
            select(escalations.c.resolved_at, escalations.c.resolution, func.count(talked).label("talks"))
            .outerjoin(click_calls)
            .where(escalations.c.resolved_at >= since)
            .group_by(escalations.c.id)
        )
        return tuple(
            Closed(
                resolved_at=row.resolved_at,
                resolution=Resolution(row.resolution) if row.resolution else None,
                talks=row.talks,
            )
            for row in await self._connection.execute(query)
        )

    async def _entries(self, query: Select[Any]) -> tuple[QueuedEscalation, ...]:
        return tuple(_entry(row) for row in await self._connection.execute(query))

    async def _change(self, escalation_id: int, login: str, values: dict[str, object]) -> bool:
        changed = await self._connection.execute(
            update(escalations)
            .where(escalations.c.id == escalation_id, _OPEN, escalations.c.taken_by == login)
            .values(values)
        )
        return changed.rowcount == 1


def _behind(place: QueuePlace) -> ColumnElement[bool]:
    """Later in the order of the queue; the urgent come first."""
    later = and_(
        escalations.c.urgent.is_(place.urgent),
        tuple_(escalations.c.created_at, escalations.c.id) > tuple_(place.created_at, place.id),
    )
    return or_(later, escalations.c.urgent.is_(False)) if place.urgent else later


def _entry(row: Row[*tuple[Any, ...]]) -> QueuedEscalation:
    return QueuedEscalation(
        id=row.id,
        kind=EscalationKind(row.kind),
        urgent=row.urgent,
        reason=row.reason,
        words=row.words or "",
        created_at=row.created_at,
        campaign=row.campaign,
        call_id=row.call_id,
        customer_id=row.customer_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        phone=Phone(row.phone),
        value_class=ValueClass(row.value_class) if row.value_class else None,
        taken_by=row.taken_by,
        holder=row.holder,
        taken_at=row.taken_at,
        active_at=row.active_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        resolution=Resolution(row.resolution) if row.resolution else None,
        result=row.result,
    )
