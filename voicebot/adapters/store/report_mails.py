"""Subscriptions of reports and their letters in the tables."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.report_tables import report_mails, report_subscriptions
from voicebot.domain.errors import NotFound
from voicebot.domain.report import MailState, NewSubscription, ReportMail, Span, Subscription

_ALL = select(report_subscriptions).order_by(report_subscriptions.c.id)


class SqlReportMails:
    """Both in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, subscription: NewSubscription, *, at: datetime) -> int:
        row = insert(report_subscriptions).values(**asdict(subscription), created_at=at, looked_at=at)
        number: int = (await self._connection.execute(row.returning(report_subscriptions.c.id))).scalar_one()
        return number

    async def get(self, subscription_id: int) -> Subscription:
        found = await self._connection.execute(_ALL.where(report_subscriptions.c.id == subscription_id))
        row = found.one_or_none()
        if row is None:
            raise NotFound(f"no subscription {subscription_id}")
        return _subscription(row)

    async def all(self) -> tuple[Subscription, ...]:
        return tuple(_subscription(row) for row in await self._connection.execute(_ALL))

    async def remove(self, subscription_id: int) -> None:
        await self._connection.execute(delete(report_subscriptions).where(report_subscriptions.c.id == subscription_id))

    async def lock_all(self) -> tuple[Subscription, ...]:
        rows = await self._connection.execute(_ALL.with_for_update(skip_locked=True))
        return tuple(_subscription(row) for row in rows)

    async def looked(self, subscription_id: int, at: datetime) -> None:
        row = update(report_subscriptions).where(report_subscriptions.c.id == subscription_id)
        await self._connection.execute(row.values(looked_at=at))

    async def queue(self, subscription_id: int, due_at: datetime) -> int | None:
        row = upsert(report_mails).values(subscription_id=subscription_id, due_at=due_at, state=MailState.QUEUED)
        added = await self._connection.execute(row.on_conflict_do_nothing().returning(report_mails.c.id))
        number: int | None = added.scalar_one_or_none()
        return number

    async def lock_mail(self, mail_id: int) -> ReportMail | None:
        found = await self._connection.execute(
            select(report_mails).where(report_mails.c.id == mail_id).with_for_update()
        )
        row = found.one_or_none()
        return _mail(row) if row else None

    async def save_mail(self, mail: ReportMail) -> None:
        values = {name: getattr(mail, name) for name in ("state", "handed_at", "sent_at", "attempts", "error")}
        await self._connection.execute(update(report_mails).where(report_mails.c.id == mail.id).values(values))

    async def last(self) -> Mapping[int, ReportMail]:
        newest = select(func.max(report_mails.c.id)).group_by(report_mails.c.subscription_id)
        query = select(report_mails).where(report_mails.c.id.in_(newest))
        return {row.subscription_id: _mail(row) for row in await self._connection.execute(query)}


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        email=row.email,
        span=Span(row.span),
        campaign_id=row.campaign_id,
        cron=row.cron,
        language=row.language,
        workbook=row.workbook,
        created_by=row.created_by,
        created_at=row.created_at,
        looked_at=row.looked_at,
    )


def _mail(row: Row[Any]) -> ReportMail:
    return ReportMail(
        id=row.id,
        subscription_id=row.subscription_id,
        due_at=row.due_at,
        state=MailState(row.state),
        handed_at=row.handed_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        error=row.error,
    )
