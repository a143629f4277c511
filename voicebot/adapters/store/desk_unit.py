"""One transaction of the desk."""

from collections.abc import Awaitable, Callable
from typing import Self

from voicebot.adapters.store.api_pages import SqlApiPages
from voicebot.adapters.store.api_rates import SqlApiRates
from voicebot.adapters.store.api_tokens import SqlApiTokens, SqlIdempotencyKeys
from voicebot.adapters.store.audit_pages import SqlAuditPages
from voicebot.adapters.store.call_marks import SqlCallMarks
from voicebot.adapters.store.call_pages import SqlCallPages
from voicebot.adapters.store.campaign_pages import SqlCampaignPages
from voicebot.adapters.store.corrections import SqlCorrections
from voicebot.adapters.store.customer_pages import SqlCustomerPages
from voicebot.adapters.store.erasures import SqlErasures
from voicebot.adapters.store.escalation_queue import SqlEscalationQueue
from voicebot.adapters.store.measurements import SqlMeasurements
from voicebot.adapters.store.phrase_use import SqlPhraseUse
from voicebot.adapters.store.release_pages import SqlReleasePages
from voicebot.adapters.store.report_groups import SqlReportGroups
from voicebot.adapters.store.report_mails import SqlReportMails
from voicebot.adapters.store.report_sums import SqlReportSums
from voicebot.adapters.store.reports import SqlReports
from voicebot.adapters.store.retention import SqlRetention
from voicebot.adapters.store.today import SqlToday
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.adapters.store.users import SqlInvitations, SqlSessions, SqlSignInFailures, SqlUsers


class SqlDeskUnit(SqlUnitOfWork):
    """The unit of work with what only the desk needs."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._acts: list[Callable[[], Awaitable[None]]] = []
        self.users = SqlUsers(self._connection)
        self.sessions = SqlSessions(self._connection)
        self.invitations = SqlInvitations(self._connection)
        self.sign_in_failures = SqlSignInFailures(self._connection)
        self.escalation_queue = SqlEscalationQueue(self._connection)
        self.retention = SqlRetention(self._connection)
        self.audit_pages = SqlAuditPages(self._connection)
        self.today = SqlToday(self._connection)
        self.call_pages = SqlCallPages(self._connection)
        self.call_marks = SqlCallMarks(self._connection)
        self.campaign_pages = SqlCampaignPages(self._connection)
        self.release_pages = SqlReleasePages(self._connection)
        self.corrections = SqlCorrections(self._connection)
        self.customer_pages = SqlCustomerPages(self._connection)
        self.erasures = SqlErasures(self._connection)
        self.phrase_use = SqlPhraseUse(self._connection)
        self.api_tokens = SqlApiTokens(self._connection)
        self.idempotency_keys = SqlIdempotencyKeys(self._connection)
        self.api_rates = SqlApiRates(self._connection)
        self.api_pages = SqlApiPages(self._connection)
        self.measurements = SqlMeasurements(self._connection)
        self.reports = SqlReports(self._connection)
        self.report_groups = SqlReportGroups(self._connection)
        self.report_sums = SqlReportSums(self._connection)
        self.report_mails = SqlReportMails(self._connection)
        return self

    def also(self, act: Callable[[], Awaitable[None]]) -> None:
        self._acts.append(act)

    async def commit(self) -> None:
        for act in self._acts:
            await act()
        await super().commit()
