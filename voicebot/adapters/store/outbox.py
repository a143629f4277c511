"""Messages in their table."""

from datetime import datetime
from typing import cast

from sqlalchemy import Row, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import messages
from voicebot.application.ports.messages import DeliveryReport, DeliveryState
from voicebot.application.ports.outbox import OutgoingMessage
from voicebot.domain.customer import Channel
from voicebot.domain.errors import NotFound
from voicebot.domain.phone import Phone

_REPORTABLE = (DeliveryState.SENT.value,)
"""A report changes a sent message only: a late «failed» never undoes a delivery."""


class SqlOutbox:
    """The messages of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, message: OutgoingMessage) -> int | None:
        stored = await self._connection.execute(
            insert(messages)
            .values(
                key=message.key,
                customer_id=message.customer_id,
                campaign_id=message.campaign_id,
                call_id=message.call_id,
                channel=Channel.SMS,
                template=message.template,
                phone=message.phone.e164,
                text=message.text,
                state=message.state,
                error=message.error,
                created_at=message.created_at,
            )
            .on_conflict_do_nothing()
            .returning(messages.c.id)
        )
        return cast("int | None", stored.scalar_one_or_none())

    async def sent_since(self, customer_id: int, campaign_id: int, template: str, *, since: datetime) -> bool:
        found = exists().where(
            messages.c.customer_id == customer_id,
            messages.c.campaign_id == campaign_id,
            messages.c.template == template,
            messages.c.created_at >= since,
            messages.c.state.not_in((DeliveryState.BLOCKED.value, DeliveryState.FAILED.value)),
        )
        return bool(await self._connection.scalar(select(found)))

    async def lock(self, message_id: int) -> OutgoingMessage:
        row = (
            await self._connection.execute(select(messages).where(messages.c.id == message_id).with_for_update())
        ).one_or_none()
        if row is None:
            raise NotFound(f"no message {message_id}")
        return _message(row)

    async def save(self, message: OutgoingMessage) -> None:
        await self._connection.execute(
            update(messages)
            .where(messages.c.id == message.id)
            .values(
                state=message.state,
                error=message.error,
                attempts=message.attempts,
                gateway_id=message.gateway_id,
                handed_at=message.handed_at,
                sent_at=message.sent_at,
            )
        )

    async def report(self, report: DeliveryReport, *, at: datetime) -> bool:
        known = await self._connection.scalar(
            select(messages.c.id).where(messages.c.gateway_id == report.gateway_id).limit(1)
        )
        await self._connection.execute(
            update(messages)
            .where(messages.c.gateway_id == report.gateway_id, messages.c.state.in_(_REPORTABLE))
            .values(state=report.state, error=report.error, reported_at=at)
        )
        return known is not None


def _message(row: Row[*tuple[object, ...]]) -> OutgoingMessage:
    return OutgoingMessage(
        id=row.id,
        key=row.key,
        customer_id=row.customer_id,
        campaign_id=row.campaign_id,
        call_id=row.call_id,
        template=row.template,
        phone=Phone(row.phone),
        text=row.text,
        state=DeliveryState(row.state),
        error=row.error,
        attempts=row.attempts,
        gateway_id=row.gateway_id,
        created_at=row.created_at,
        handed_at=row.handed_at,
        sent_at=row.sent_at,
    )
