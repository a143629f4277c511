"""Reports go to those who subscribed: each firing one letter, never two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from voicebot.application.desk.reports import CohortReport, Prices, Report, read_cohorts, read_report
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.ports.jobs import Task
from voicebot.application.ports.mailer import Letter, Mailer
from voicebot.domain.errors import GatewayError
from voicebot.domain.report import Grouping, MailState, NewSubscription, ReportMail, ReportQuery, days_of
from voicebot.domain.schedule import Schedule

_LONGEST_SENDING: Final = timedelta(minutes=3)
"""No mail server keeps us longer; who is still sending after this has died."""
_NOBODY_KNOWS: Final = "it is not known whether the mail server took it"


@dataclass(frozen=True, kw_only=True, slots=True)
class MailedReport:
    """What a letter is written from."""

    key: str
    """Of the letter."""
    subscription: NewSubscription
    campaign: str
    """Name of the only campaign; empty for all of them."""
    report: Report
    bought: CohortReport


WriteLetter = Callable[[MailedReport], Letter]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPost:
    """Sends reports; several at once do no harm."""

    open_unit: OpenDeskUnit
    mailer: Mailer
    write: WriteLetter
    clock: Clock
    zone: ZoneInfo
    prices: Prices

    async def queue_due(self) -> int:
        """Task SEND_REPORTS: a letter and its job for every subscription that has fired; however often, one."""
        queued, now = 0, self.clock.now()
        async with self.open_unit() as unit:
            for one in await unit.report_mails.lock_all():
                due_at = Schedule(cron=one.cron).next_after(one.looked_at, self.zone)
                if due_at is None or due_at > now:
                    continue
                queued += await queue_mail(unit, one.id, due_at)
                await unit.report_mails.looked(one.id, now)
            await unit.commit()
        return queued

    async def do(self, args: Mapping[str, Any], last_try: bool) -> None:
        """Task MAIL_REPORT."""
        await self.send(int(args["mail_id"]), last_try=last_try)

    async def send(self, mail_id: int, *, last_try: bool) -> MailState | None:
        """Hand one letter over; raises GatewayError when it is worth another try, or was the last one.

        That the letter is being handed over is committed before: one found so after a crash, or whose answer was lost,
        becomes `unknown` and is not sent again. None: the subscription is gone.
        """
        async with self.open_unit() as unit:
            found = await unit.report_mails.lock_mail(mail_id)
            if found is None:
                return None
            if found.state is not MailState.QUEUED:
                return found.state
            subscription = await unit.report_mails.get(found.subscription_id)
            letter = self.write(await self._gather(unit, subscription, found.due_at, key=f"report-{found.id}"))
        mail = await self._announce(mail_id)
        if mail.state is not MailState.QUEUED:
            return mail.state
        mail, failure = await self._hand_over(replace(mail, attempts=mail.attempts + 1), letter, last_try)
        async with self.open_unit() as unit:
            await unit.report_mails.save_mail(mail)
            await unit.commit()
        if failure is not None:
            raise failure
        return mail.state

    async def send_once(self, wanted: NewSubscription) -> None:
        """A letter of this moment, to somebody who need not be subscribed; raises GatewayError."""
        now = self.clock.now()
        async with self.open_unit() as unit:
            letter = self.write(await self._gather(unit, wanted, now, key=f"report-{now.timestamp():.0f}"))
        await self.mailer.send(letter)

    async def _gather(self, unit: DeskUnit, wanted: NewSubscription, due_at: datetime, *, key: str) -> MailedReport:
        since, until = days_of(wanted.span, due_at.astimezone(self.zone).date())
        query = ReportQuery(since=since, until=until, campaign_id=wanted.campaign_id)
        by = Grouping.CAMPAIGN if wanted.campaign_id is None else Grouping.SCRIPT
        now = self.clock.now()
        named = wanted.campaign_id and await unit.campaigns.get(wanted.campaign_id)
        return MailedReport(
            key=key,
            subscription=wanted,
            campaign=named.name if named else "",
            report=await read_report(unit, query, by, prices=self.prices, zone=self.zone, now=now),
            bought=await read_cohorts(unit, value_class=None, campaign_id=None, today=until + timedelta(days=1)),
        )

    async def _announce(self, mail_id: int) -> ReportMail:
        """Commit that the letter is about to be handed over; QUEUED when it may be."""
        now = self.clock.now()
        async with self.open_unit() as unit:
            mail = await unit.report_mails.lock_mail(mail_id)
            if mail is None or mail.state is not MailState.QUEUED:
                return mail or ReportMail(id=mail_id, subscription_id=0, due_at=now, state=MailState.FAILED)
            if mail.handed_at is not None and now - mail.handed_at < _LONGEST_SENDING:
                raise GatewayError("the report is being sent already", retryable=True)
            if mail.handed_at is not None:
                mail = replace(mail, state=MailState.UNKNOWN, error=_NOBODY_KNOWS)
            await unit.report_mails.save_mail(replace(mail, handed_at=now))
            await unit.commit()
        return mail

    async def _hand_over(
        self, mail: ReportMail, letter: Letter, last_try: bool
    ) -> tuple[ReportMail, GatewayError | None]:
        """The mail as it stands after the attempt; the failure is for the queue of jobs."""
        try:
            await self.mailer.send(letter)
        except GatewayError as error:
            mail = replace(mail, handed_at=None, error=str(error))
            if error.uncertain:
                return replace(mail, state=MailState.UNKNOWN), None
            final = last_try or not error.retryable
            return (replace(mail, state=MailState.FAILED) if final else mail), error
        return replace(mail, handed_at=None, state=MailState.SENT, sent_at=self.clock.now(), error=""), None


async def queue_mail(unit: DeskUnit, subscription_id: int, due_at: datetime) -> int:
    """A letter for that moment and its job, born in this unit; how many: 0 when there is one already."""
    mail_id = await unit.report_mails.queue(subscription_id, due_at)
    if mail_id is None:
        return 0
    await unit.jobs.defer(Task.MAIL_REPORT, {"mail_id": mail_id}, lock=f"report-mail:{mail_id}")
    return 1
