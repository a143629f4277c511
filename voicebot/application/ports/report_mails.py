"""Who gets reports by e-mail, and what became of each letter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from voicebot.domain.report import NewSubscription, ReportMail, Subscription


class ReportMails(Protocol):
    """Subscriptions and their letters."""

    async def add(self, subscription: NewSubscription, *, at: datetime) -> int:
        """Keep a subscription; its number."""

    async def get(self, subscription_id: int) -> Subscription:
        """Raises NotFound."""

    async def all(self) -> tuple[Subscription, ...]:
        """The oldest first."""

    async def remove(self, subscription_id: int) -> None:
        """Forget it and its letters."""

    async def lock_all(self) -> tuple[Subscription, ...]:
        """Those nobody else looks at just now; locked until the unit ends."""

    async def looked(self, subscription_id: int, at: datetime) -> None:
        """Firings until then have their letters."""

    async def queue(self, subscription_id: int, due_at: datetime) -> int | None:
        """A letter for this firing; None when it has one."""

    async def lock_mail(self, mail_id: int) -> ReportMail | None:
        """Locked until the unit ends; None when its subscription is gone."""

    async def save_mail(self, mail: ReportMail) -> None: ...

    async def last(self) -> Mapping[int, ReportMail]:
        """The newest letter of each subscription that has one."""
