"""Reading the audit log: its chain followed step by step, its entries handed out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.application.ports.audit_pages import AuditPlace, AuditQuery
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.verify_audit import checked_head
from voicebot.domain.audit import Break, Chain, ChainedEntry, Flaw
from voicebot.domain.user import User

EXPORTED: Final = "audit.exported"
MOST_EXPORTED: Final = 100_000
"""Entries in one file."""
_BATCH: Final = 1000
"""Entries hashed between two looks at the clock; some 10 ms of a thread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """How far the chain was followed."""

    done: int
    """Entries that hold."""
    total: int
    """Entries to follow."""
    first: int
    """Number of the first of them."""
    head: str
    """Hash of the last entry that holds."""
    broken: Break | None = None
    over: bool = False

    @property
    def whole(self) -> bool:
        """Whether it began with the first entry there is."""
        return self.first == 1


async def check_chain(
    open_unit: OpenDeskUnit, *, last: int | None, head: str = "", batch: int = _BATCH
) -> AsyncIterator[Check]:
    """Follow the `last` entries of the chain, or all of it; tells after every batch how far it came.

    `head` is a hash an earlier check showed: the whole chain is searched for it then, and a log whose end was cut off
    or written anew is found out. A transaction lasts for one batch. Raises BadInput when `head` is no hash.
    """
    kept = checked_head(head, "head")
    begun, end = await _start(open_unit, None if kept else last)
    if isinstance(begun, Break):
        yield Check(done=0, total=0, first=begun.id, head="", broken=begun, over=True)
        return
    chain: Chain = begun
    first, passed, broken = chain.count + 1, False, None
    while broken is None and chain.count < end:
        yield Check(done=chain.count + 1 - first, total=end + 1 - first, first=first, head=chain.head)
        async with open_unit() as unit:
            found = await unit.audit.after(chain.count, limit=min(batch, end - chain.count))
        if not found:
            broken = Break(flaw=Flaw.GAP, id=chain.count, expected=f"entry {chain.count + 1}", found="nothing")
            break
        chain, broken, seen = await asyncio.to_thread(_follow, chain, found, kept)
        passed = passed or seen
    if broken is None and kept and not passed:
        broken = Break(flaw=Flaw.HEAD, id=chain.count, expected=kept, found=chain.head)
    done, total = chain.count + 1 - first, end + 1 - first
    yield Check(done=done, total=total, first=first, head=chain.head, broken=broken, over=True)


async def export_entries(
    open_unit: OpenDeskUnit, wanted: AuditQuery, *, by: User, now: datetime, batch: int = _BATCH
) -> AsyncIterator[Sequence[ChainedEntry]]:
    """The entries, the newest first, batch after batch; that they were taken along is written down before."""
    asked = {
        "actor": wanted.actor,
        "action": wanted.action,
        "subject": wanted.subject,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
    }
    async with open_unit() as unit:
        details = {name: value for name, value in asked.items() if value}
        await unit.audit.record(at=now, actor=by.name, action=EXPORTED, details=details)
        await unit.commit()
    behind, left = None, MOST_EXPORTED
    while left > 0:
        async with open_unit() as unit:
            found = await unit.audit_pages.page(wanted, behind=behind, limit=min(batch, left))
        if not found:
            return
        yield found
        behind, left = AuditPlace(at=found[-1].entry.at, id=found[-1].id), left - len(found)


async def _start(open_unit: OpenDeskUnit, last: int | None) -> tuple[Chain | Break, int]:
    """The chain before the first entry to follow, and the number of the last one."""
    async with open_unit() as unit:
        newest = await unit.audit_pages.last()
        end = newest.id if newest else 0
        before = max(0, end - last) if last is not None else 0
        if before == 0:
            return Chain(), end
        found = await unit.audit.after(before - 1, limit=1)
    if not found or found[0].id != before:
        return Break(flaw=Flaw.GAP, id=before, expected=f"entry {before}", found="nothing"), end
    return Chain(count=before, head=found[0].hash), end


def _follow(chain: Chain, found: Sequence[ChainedEntry], kept: str) -> tuple[Chain, Break | None, bool]:
    """The chain behind these entries, where it broke, and whether the kept hash was among them."""
    passed = False
    for one in found:
        followed = chain.follow(one)
        if isinstance(followed, Break):
            return chain, followed, passed
        chain, passed = followed, passed or followed.head == kept
    return chain, None, passed
