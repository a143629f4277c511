"""The composition root of the jobs process: gateways, worker, events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from voicebot.application.desk.api_tokens import forget_keys
from voicebot.application.desk.erase_customer import finish_erasures
from voicebot.application.desk.reports import Prices
from voicebot.application.do_jobs import JobDesk
from voicebot.application.hear_events import EventInbox
from voicebot.application.keep_campaigns import CampaignDesk
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.crm_gateway import CrmGateway
from voicebot.application.ports.jobs import Task
from voicebot.application.ports.mailer import Mailer
from voicebot.application.ports.messages import SmsGateway
from voicebot.application.refresh_reports import refresh_reports
from voicebot.application.retention import Cleared, apply_retention
from voicebot.application.send_reports import ReportPost
from voicebot.bootstrap import Store, documents_in_force, load_outcome_rules, open_store
from voicebot.config import Settings
from voicebot.domain.retention import RetentionTerms

if TYPE_CHECKING:
    from voicebot.adapters.postgres_listener import PostgresListener
    from voicebot.adapters.procrastinate_worker import ProcrastinateWorker


def build_gateway(settings: Settings) -> SmsGateway:
    """The SMS gateway that `VOICEBOT_SMS_GATEWAY` names; settings have checked the name."""
    if settings.sms_gateway == "exolve":
        from voicebot.adapters.sms_exolve import ExolveSmsGateway

        return ExolveSmsGateway(url=settings.exolve_url, key=settings.exolve_key, sender=settings.sms_sender)
    if settings.sms_gateway == "smpp":
        from voicebot.adapters.sms_smpp import SmppSmsGateway

        return SmppSmsGateway(
            host=settings.smpp_host,
            port=settings.smpp_port,
            system_id=settings.smpp_system_id,
            password=settings.smpp_password,
            sender=settings.sms_sender,
        )
    from voicebot.adapters.sms_file import FileSmsGateway

    return FileSmsGateway(settings.outbox_file)


def build_crm(settings: Settings) -> CrmGateway:
    """The CRM that `VOICEBOT_CRM` names; settings have checked the name and what it needs."""
    from voicebot.adapters.crm_csv import CsvCrm
    from voicebot.adapters.crm_json_lines import JsonLinesCrm
    from voicebot.adapters.crm_none import NoCrm
    from voicebot.adapters.crm_webhook import WebhookCrm

    builders: dict[str, Callable[[], CrmGateway]] = {
        "none": NoCrm,
        "json": lambda: JsonLinesCrm(settings.news_file),
        "csv": lambda: CsvCrm(settings.news_file),
        "webhook": lambda: WebhookCrm(url=settings.crm_url, secret=settings.crm_secret),
    }
    return builders[settings.crm]()


def build_mailer(settings: Settings) -> Mailer:
    """The mail server of the settings; without one, a mailer that says so."""
    from voicebot.adapters.no_mailer import NoMailer
    from voicebot.adapters.smtp_mailer import SmtpMailer

    if not settings.smtp_host:
        return NoMailer()
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_sender,
        user=settings.smtp_user,
        password=settings.smtp_password,
    )


def build_report_post(settings: Settings, store: Store, clock: Clock) -> ReportPost:
    """What mails reports."""
    from voicebot.adapters.reports.letter import LetterWriter

    return ReportPost(
        open_unit=store.open_desk,
        mailer=build_mailer(settings),
        write=LetterWriter(company=settings.company, desk_url=settings.web_url),
        clock=clock,
        zone=ZoneInfo(settings.time_zone),
        prices=Prices(sms=settings.sms_price, operator=settings.operator_contact_price),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Jobs:
    """The worker of the jobs process with what it works for."""

    desk: JobDesk
    worker: "ProcrastinateWorker"
    inbox: EventInbox
    listener: "PostgresListener"
    """Of the channel on which events are told."""

    async def run(self, stop: asyncio.Event) -> None:
        """Do jobs, read delivery reports and hear events until `stop` is set."""
        async with asyncio.TaskGroup() as group:
            beside = (
                group.create_task(self.desk.read_reports(), name="delivery-reports"),
                group.create_task(self.inbox.work(), name="events"),
                group.create_task(self.listener.listen(self.inbox.hear), name="event-listener"),
            )
            try:
                await self.worker.run(stop)
            finally:
                for task in beside:
                    task.cancel()


@asynccontextmanager
async def open_jobs(settings: Settings) -> AsyncIterator[Jobs]:
    """The jobs worker on the store and the gateways of the settings."""
    from voicebot.adapters.call_files import DiskCallFiles
    from voicebot.adapters.postgres_listener import EVENTS_CHANNEL, PostgresListener
    from voicebot.adapters.procrastinate_worker import Periodic, ProcrastinateWorker
    from voicebot.adapters.system_clock import SystemClock

    async with open_store(settings) as store:
        documents = documents_in_force(settings, store.open_unit, actor="jobs")
        rules = load_outcome_rules(settings, await documents.dialplan())
        gateway, crm = build_gateway(settings), build_crm(settings)
        try:
            clock = SystemClock()
            desk = JobDesk(
                open_unit=store.open_unit, gateway=gateway, crm=crm, rules=rules, clock=clock, documents=documents
            )
            campaigns = CampaignDesk(open_unit=store.open_unit, clock=clock, zone=ZoneInfo(settings.time_zone))
            files = DiskCallFiles(settings.recordings, settings.home / "peaks")

            async def erasures() -> int:
                return await finish_erasures(store.open_desk, files, clock.now())

            async def retention() -> Cleared:
                terms = RetentionTerms(recordings=settings.recording_days, transcripts=settings.transcript_days)
                return await apply_retention(store.open_desk, files, terms, clock.now())

            async def keys() -> int:
                return await forget_keys(store.open_desk, clock.now())

            post = build_report_post(settings, store, clock)
            sums = partial(refresh_reports, store.open_desk, clock, post.zone)
            worker = ProcrastinateWorker(
                store.url,
                handlers={
                    Task.DELIVER_MESSAGE: desk.deliver,
                    Task.UPDATE_CRM: desk.tell_crm,
                    Task.GATHER_LIST: campaigns.gather,
                    Task.MAIL_REPORT: post.do,
                },
                periodic=(
                    Periodic(task=Task.REAP_LEASES, cron="* * * * * */10", do=desk.reap),
                    Periodic(task=Task.SELECT_LEADS, cron="* * * * *", do=campaigns.select),
                    Periodic(task=Task.CLOSE_LEADS, cron="* * * * *", do=campaigns.close),
                    Periodic(task=Task.FINISH_ERASURES, cron="*/10 * * * *", do=erasures),
                    Periodic(task=Task.APPLY_RETENTION, cron="20 3 * * *", do=retention),
                    Periodic(task=Task.FORGET_KEYS, cron="15 * * * *", do=keys),
                    Periodic(task=Task.REFRESH_REPORTS, cron="*/5 * * * *", do=sums),
                    Periodic(task=Task.SEND_REPORTS, cron="* * * * *", do=post.queue_due),
                ),
                grace_s=settings.grace_seconds,
            )
            inbox = EventInbox(open_unit=store.open_unit, clock=SystemClock())
            listener = PostgresListener(store.url, EVENTS_CHANNEL, deaf="events of the CRM are not heard")
            yield Jobs(desk=desk, worker=worker, inbox=inbox, listener=listener)
        finally:
            await gateway.close()
            await crm.close()
