"""One database transaction with its repositories."""

from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.store.audit_log import SqlAuditLog
from voicebot.adapters.store.call_log import SqlCallLog
from voicebot.adapters.store.callers import SqlCallers
from voicebot.adapters.store.calls import SqlCalls
from voicebot.adapters.store.campaigns import SqlCampaigns
from voicebot.adapters.store.click_calls import SqlClickCalls
from voicebot.adapters.store.contact_facts import SqlContactFacts
from voicebot.adapters.store.contact_history import SqlContactHistories
from voicebot.adapters.store.crm_events import SqlCrmEvents
from voicebot.adapters.store.crm_loader import SqlCrmLoader
from voicebot.adapters.store.crm_updates import SqlCrmUpdates
from voicebot.adapters.store.customers import SqlCustomers
from voicebot.adapters.store.dead_letters import SqlDeadLetters
from voicebot.adapters.store.documents import SqlSavedDocuments
from voicebot.adapters.store.dossiers import SqlDossiers
from voicebot.adapters.store.engine import DATABASE_ERRORS, store_errors
from voicebot.adapters.store.escalations import SqlEscalations
from voicebot.adapters.store.job_queue import SqlJobQueue
from voicebot.adapters.store.lead_endings import SqlLeadEndings
from voicebot.adapters.store.leads import SqlLeads
from voicebot.adapters.store.loaded_orders import SqlLoadedOrders
from voicebot.adapters.store.outbox import SqlOutbox
from voicebot.adapters.store.processes import SqlProcesses
from voicebot.adapters.store.promo_codes import SqlPromoCodes
from voicebot.adapters.store.releases import SqlReleases
from voicebot.adapters.store.results import SqlCampaignOutcomes
from voicebot.adapters.store.seasonal_list import SqlSeasonalList
from voicebot.adapters.store.selection import SqlSelection
from voicebot.adapters.store.stop_list import SqlStopList
from voicebot.adapters.store.trial_calls import SqlTrialCalls
from voicebot.adapters.store.trunks import SqlTrunks
from voicebot.adapters.store.wake_up import SqlWakeUp
from voicebot.adapters.store.workload import SqlWorkload


class SqlUnitOfWork:
    """`async with SqlUnitOfWork(engine) as unit: ...; await unit.commit()`; single use.

    Database errors, wherever in the block they arise, leave it as StoreError.
    """

    def __init__(self, engine: AsyncEngine, *, crm_wanted: bool = True) -> None:
        """`crm_wanted`: whether there is a CRM to be told news; without one none is kept."""
        self._connection = engine.connect()
        self._crm_wanted = crm_wanted

    async def __aenter__(self) -> Self:
        with store_errors():
            connection = await self._connection.start()
        self.customers = SqlCustomers(connection)
        self.stop_list = SqlStopList(connection)
        self.audit = SqlAuditLog(connection)
        self.loader = SqlCrmLoader(connection)
        self.selection = SqlSelection(connection)
        self.campaigns = SqlCampaigns(connection)
        self.leads = SqlLeads(connection)
        self.lead_endings = SqlLeadEndings(connection)
        self.releases = SqlReleases(connection)
        self.calls = SqlCalls(connection)
        self.callers = SqlCallers(connection)
        self.contact_facts = SqlContactFacts(connection)
        self.seasonal_list = SqlSeasonalList(connection)
        self.call_log = SqlCallLog(connection)
        self.promo_codes = SqlPromoCodes(connection)
        self.outbox = SqlOutbox(connection)
        self.click_calls = SqlClickCalls(connection)
        self.escalations = SqlEscalations(connection)
        self.jobs = SqlJobQueue(connection)
        self.crm_updates = SqlCrmUpdates(connection, wanted=self._crm_wanted)
        self.dead_letters = SqlDeadLetters(connection)
        self.loaded_orders = SqlLoadedOrders(connection)
        self.crm_events = SqlCrmEvents(connection)
        self.wake = SqlWakeUp(connection)
        self.trial_calls = SqlTrialCalls(connection)
        self.trunks = SqlTrunks(connection)
        self.processes = SqlProcesses(connection)
        self.workload = SqlWorkload(connection)
        self.dossiers = SqlDossiers(connection)
        self.contact_history = SqlContactHistories(connection)
        self.results = SqlCampaignOutcomes(connection)
        self.documents = SqlSavedDocuments(connection)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with store_errors():
            await self._connection.close()  # rolls back what was not committed
        if isinstance(error, DATABASE_ERRORS):
            with store_errors():
                raise error

    async def commit(self) -> None:
        with store_errors():
            await self.audit.commit()
