"""One transaction and the collections it works on."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from voicebot.application.ports.audit import AuditLog
from voicebot.application.ports.callers import Callers
from voicebot.application.ports.calls import CallLog, CallRepository
from voicebot.application.ports.campaigns import CampaignRepository
from voicebot.application.ports.click_calls import ClickCalls
from voicebot.application.ports.contact_facts import ContactFactsReader
from voicebot.application.ports.contact_history import ContactHistories
from voicebot.application.ports.crm import CustomerRepository, StopList
from voicebot.application.ports.crm_events import CrmEvents
from voicebot.application.ports.crm_import import CrmLoader
from voicebot.application.ports.crm_updates import CrmUpdates
from voicebot.application.ports.dead_letters import DeadLetters
from voicebot.application.ports.documents import SavedDocuments
from voicebot.application.ports.dossiers import Dossiers
from voicebot.application.ports.escalations import Escalations
from voicebot.application.ports.jobs import JobQueue
from voicebot.application.ports.lead_endings import LeadEndings
from voicebot.application.ports.leads import LeadRepository
from voicebot.application.ports.loaded_orders import LoadedOrders
from voicebot.application.ports.outbox import Outbox
from voicebot.application.ports.processes import Processes
from voicebot.application.ports.promo_codes import PromoCodes
from voicebot.application.ports.releases import Releases
from voicebot.application.ports.results import CampaignOutcomes
from voicebot.application.ports.seasonal import SeasonalList
from voicebot.application.ports.selection import CustomerSelection
from voicebot.application.ports.trial_calls import TrialCalls
from voicebot.application.ports.trunks import Trunks
from voicebot.application.ports.wake import WakeUp
from voicebot.application.ports.workload import Workload


class UnitOfWork(Protocol):
    """Everything done through it becomes true together at `commit`, or not at all."""

    @property
    def customers(self) -> CustomerRepository: ...
    @property
    def stop_list(self) -> StopList: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def loader(self) -> CrmLoader: ...
    @property
    def selection(self) -> CustomerSelection: ...

    @property
    def campaigns(self) -> CampaignRepository: ...
    @property
    def leads(self) -> LeadRepository: ...
    @property
    def lead_endings(self) -> LeadEndings: ...
    @property
    def releases(self) -> Releases: ...
    @property
    def calls(self) -> CallRepository: ...
    @property
    def callers(self) -> Callers: ...
    @property
    def contact_facts(self) -> ContactFactsReader: ...
    @property
    def seasonal_list(self) -> SeasonalList: ...
    @property
    def call_log(self) -> CallLog: ...
    @property
    def promo_codes(self) -> PromoCodes: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def click_calls(self) -> ClickCalls: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def jobs(self) -> JobQueue: ...
    @property
    def crm_updates(self) -> CrmUpdates: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def loaded_orders(self) -> LoadedOrders: ...
    @property
    def crm_events(self) -> CrmEvents: ...
    @property
    def wake(self) -> WakeUp: ...
    @property
    def trial_calls(self) -> TrialCalls: ...
    @property
    def trunks(self) -> Trunks: ...
    @property
    def processes(self) -> Processes: ...
    @property
    def workload(self) -> Workload: ...
    @property
    def dossiers(self) -> Dossiers: ...
    @property
    def contact_history(self) -> ContactHistories: ...
    @property
    def results(self) -> CampaignOutcomes: ...
    @property
    def documents(self) -> SavedDocuments: ...

    async def commit(self) -> None:
        """Make it true. Raises StoreError when the database refuses."""


OpenUnit = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""`async with open_unit() as unit: ...; await unit.commit()`; leaving without a commit forgets everything."""
