"""Leads and their leases, as the use cases ask for them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from voicebot.domain.claim_order import DueLeads
from voicebot.domain.contact_rules import Verdict
from voicebot.domain.lead import Lead


class LeadRepository(Protocol):
    """The leads; whatever is locked stays so until the end of the unit."""

    async def add(self, campaign_id: int, customer_ids: Iterable[int], *, at: datetime) -> int:
        """Put people on the list who are not on it yet; returns how many were added.

        In advertising they wait unreleased, else they are queued; each gets a variant of the split test.
        """

    async def named(self, campaign_id: int, customer_id: int) -> int:
        """Id of the person's lead in the campaign; raises NotFound."""

    async def due(self, now: datetime, *, dialplan: str = "") -> tuple[DueLeads, ...]:
        """Where leads are due: running campaigns, of `dialplan` unless that is empty; costs the same for any queue."""

    async def lock_due(
        self, shares: Mapping[DueLeads, int], now: datetime, *, but: Collection[int] = ()
    ) -> tuple[Lead, ...]:
        """The first due leads of groups of one rank, at most so many of each; those longest due first.

        Leads `but`, and leads locked by others, are passed over, and so is whoever is in a live call.
        """

    async def lock_waiting(self, lead_id: int) -> Lead | None:
        """One lead of a running campaign, due or not; None when it waits for no call, or is locked, or talks."""

    async def next_due(self, *, dialplan: str = "") -> datetime | None:
        """When the next lead of a running campaign falls due (or fell); None when none waits."""

    async def expired(self, now: datetime) -> tuple[int, ...]:
        """Ids of claimed leads whose lease has run out, not locked."""

    async def holders(self, now: datetime) -> tuple[str, ...]:
        """Owners of the leases in force: the lines that are calling."""

    async def lock(self, lead_id: int) -> Lead:
        """The lead; raises NotFound."""

    async def save(self, lead: Lead, *, at: datetime, verdict: Verdict | None = None) -> None:
        """Write how the lead stands; `verdict` too when there is one."""

    async def save_all(self, weighed: Sequence[tuple[Lead, Verdict | None]], *, at: datetime) -> None:
        """Write how leads stand, each with its verdict if there is a new one."""

    async def extend_lease(self, lead_id: int, *, owner: str, until: datetime) -> bool:
        """Move the lease on; False when `owner` holds it no longer."""

    async def block_others(self, customer_id: int, *, but: int, verdict: Verdict, at: datetime) -> tuple[int, ...]:
        """Block every lead of the person that waits, for a call or a release, except lead `but`; returns their ids."""
