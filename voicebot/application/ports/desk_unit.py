"""The unit of work of the desk: everything of the engine, and the people who work with it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from voicebot.application.ports.api_pages import ApiPages
from voicebot.application.ports.api_rates import ApiRates
from voicebot.application.ports.api_tokens import ApiTokens, IdempotencyKeys
from voicebot.application.ports.audit_pages import AuditPages
from voicebot.application.ports.call_pages import CallMarks, CallPages
from voicebot.application.ports.campaign_pages import CampaignPages
from voicebot.application.ports.corrections import Corrections
from voicebot.application.ports.customer_pages import CustomerPages
from voicebot.application.ports.documents import PhraseUse
from voicebot.application.ports.erasures import Erasures
from voicebot.application.ports.escalation_queue import EscalationQueue
from voicebot.application.ports.measurements import Measurements
from voicebot.application.ports.release_pages import ReleasePages
from voicebot.application.ports.report_mails import ReportMails
from voicebot.application.ports.reports import ReportGroups, Reports, ReportSums
from voicebot.application.ports.retention import Retention
from voicebot.application.ports.today import Today
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.application.ports.users import Invitations, Sessions, SignInFailures, Users


class DeskUnit(UnitOfWork, Protocol):
    """One transaction of the desk."""

    @property
    def users(self) -> Users: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def sign_in_failures(self) -> SignInFailures: ...
    @property
    def escalation_queue(self) -> EscalationQueue: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def audit_pages(self) -> AuditPages: ...
    @property
    def today(self) -> Today: ...
    @property
    def call_pages(self) -> CallPages: ...
    @property
    def call_marks(self) -> CallMarks: ...
    @property
    def campaign_pages(self) -> CampaignPages: ...
    @property
    def release_pages(self) -> ReleasePages: ...
    @property
    def corrections(self) -> Corrections: ...
    @property
    def customer_pages(self) -> CustomerPages: ...
    @property
    def erasures(self) -> Erasures: ...
    @property
    def phrase_use(self) -> PhraseUse: ...
    @property
    def api_tokens(self) -> ApiTokens: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def api_rates(self) -> ApiRates: ...
    @property
    def api_pages(self) -> ApiPages: ...
    @property
    def measurements(self) -> Measurements: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def report_groups(self) -> ReportGroups: ...
    @property
    def report_sums(self) -> ReportSums: ...
    @property
    def report_mails(self) -> ReportMails: ...

    def also(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do this in the same transaction, right before its commit; what it raises stops the commit."""


OpenDeskUnit = Callable[[], AbstractAsyncContextManager[DeskUnit]]
"""As OpenUnit."""
