"""Calls as people read them."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import (
    call_tags,
    calls,
    campaigns,
    escalations,
    leads,
    messages,
    promo_codes,
    turns,
)
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.escalations import escalation_of
from voicebot.adapters.store.promo_codes import promo_of
from voicebot.domain.attempt import CallFilter, CallRecord, CallSummary, SentMessage
from voicebot.domain.call import Cause, Direction, HungUpBy, Speaker, Turn
from voicebot.domain.customer import PersonName
from voicebot.domain.errors import NotFound
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import Phone

_SUMMARIES = (
    select(
        calls,
        leads.c.campaign_id,
        campaigns.c.name.label("campaign"),
        customers.c.external_id,
        customers.c.last_name,
        customers.c.first_name,
        select(func.array_agg(call_tags.c.tag))
        .where(call_tags.c.call_id == calls.c.id)
        .scalar_subquery()
        .label("tags"),
    )
    .join(leads, leads.c.id == calls.c.lead_id)
    .join(campaigns, campaigns.c.id == leads.c.campaign_id)
    .join(customers, customers.c.id == calls.c.customer_id)
)


class SqlCallLog:
    """The call log as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, wanted: CallFilter) -> tuple[CallSummary, ...]:
        query = _filtered(_SUMMARIES, wanted).order_by(calls.c.id.desc()).limit(wanted.limit)
        return tuple(_summary(row) for row in await self._connection.execute(query))

    async def show(self, call_id: int) -> CallRecord:
        row = (await self._connection.execute(_SUMMARIES.where(calls.c.id == call_id))).one_or_none()
        if row is None:
            raise NotFound(f"no call {call_id}")
        spoken = await self._rows(select(turns).where(turns.c.call_id == call_id).order_by(turns.c.position))
        sent = await self._rows(select(messages).where(messages.c.call_id == call_id).order_by(messages.c.id))
        asked = await self._rows(select(escalations).where(escalations.c.call_id == call_id).order_by(escalations.c.id))
        promo = await self._rows(
            select(promo_codes).where(
                promo_codes.c.customer_id == row.customer_id, promo_codes.c.campaign_id == row.campaign_id
            )
        )
        return CallRecord(
            summary=_summary(row),
            verdict=cast("Mapping[str, object]", row.verdict),
            sip_code=row.sip_code,
            hung_up_by=HungUpBy(row.hung_up_by) if row.hung_up_by else None,
            hangup_state=row.hangup_state,
            nps=row.nps,
            recording=row.recording,
            answers=row.answers,
            actions=tuple(row.actions),
            turns=tuple(turn_of(one) for one in spoken),
            promo=promo_of(promo[0]) if promo else None,
            messages=tuple(_message(one) for one in sent),
            escalations=tuple(escalation_of(one) for one in asked),
        )

    async def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await self._connection.execute(query)).all()


def _filtered(query: Select[*tuple[Any, ...]], wanted: CallFilter) -> Select[*tuple[Any, ...]]:
    conditions = {
        leads.c.campaign_id: wanted.campaign_id,
        calls.c.customer_id: wanted.customer_id,
        calls.c.outcome_group: wanted.group,
        calls.c.disposition: wanted.disposition,
    }
    for column, value in conditions.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.tag:
        query = query.where(calls.c.id.in_(select(call_tags.c.call_id).where(call_tags.c.tag == wanted.tag)))
    if wanted.since is not None:
        query = query.where(calls.c.dialled_at >= wanted.since)
    if wanted.finished_only:
        query = query.where(calls.c.ended_at.is_not(None))
    return query


def _summary(row: Row[*tuple[Any, ...]]) -> CallSummary:
    return CallSummary(
        id=row.id,
        campaign=row.campaign,
        customer_id=row.customer_id,
        external_id=row.external_id,
        customer=PersonName(last=row.last_name, first=row.first_name).masked,
        phone=Phone(row.phone),
        attempt=row.attempt,
        dialled_at=row.dialled_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        cause=Cause(row.cause) if row.cause else None,
        group=Group(row.outcome_group) if row.outcome_group else None,
        disposition=Disposition(row.disposition) if row.disposition else None,
        tags=tuple(sorted(row.tags or ())),
        direction=Direction(row.direction),
    )


def turn_of(row: Row[*tuple[Any, ...]]) -> Turn:
    """A line of the transcript."""
    return Turn(
        speaker=Speaker(row.speaker),
        state=row.state,
        text=row.text,
        started_at=row.started_at,
        ended_at=row.ended_at,
        intent=Intent(row.intent) if row.intent else None,
        confidence=row.confidence,
        score=row.score,
        matched=row.matched,
        reply_gap_ms=row.reply_gap_ms,
        interrupted=row.interrupted,
    )


def _message(row: Row[*tuple[Any, ...]]) -> SentMessage:
    return SentMessage(
        id=row.id, template=row.template, text=row.text, state=row.state, error=row.error, sent_at=row.sent_at
    )
