"""One transaction and the collections it works on."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from voicebot.application.ports.crm import AuditLog, CustomerRepository, StopList
from voicebot.application.ports.crm_import import CrmLoader
from voicebot.application.ports.selection import CustomerSelection


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

    async def commit(self) -> None:
        """Make it true. Raises StoreError when the database refuses."""


OpenUnit = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""`async with open_unit() as unit: ...; await unit.commit()`; leaving without a commit forgets everything."""
