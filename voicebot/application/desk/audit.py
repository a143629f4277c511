"""Reading the audit log: its chain followed step by step, its entries handed out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.ports.audit_pages import AuditNames, AuditPlace, AuditQuery
from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.verify_audit import checked_head
from voicebot.domain.audit import Break, Chain, ChainedEntry, Flaw
from voicebot.domain.user import User

EXPORTED: Final = "audit.exported"
READ: Final = "audit.read"
_ONE_READING: Final = timedelta(hours=1)
"""Reading on within this is the same reading."""
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
        chain, broken, seen = await _go_on(open_unit, chain, kept, limit=min(batch, end - chain.count))
        passed = passed or seen
    if broken is None and kept and not passed:
        broken = Break(flaw=Flaw.HEAD, id=chain.count, expected=kept, found=chain.head)
    done, total = chain.count + 1 - first, end + 1 - first
    yield Check(done=done, total=total, first=first, head=chain.head, broken=broken, over=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A part of the chain that was followed, from where the part before it ended."""

    chain: Chain
    """As far as it holds."""
    total: int
    """Entries there are."""
    passed: bool
    """Whether the kept hash has come by, in this part or before."""
    broken: Break | None
    over: bool
    """Whether the end was reached, or the first break."""


async def check_further(
    open_unit: OpenDeskUnit, chain: Chain, *, limit: int, head: str = "", passed: bool = False, batch: int = _BATCH
) -> Stretch:
    """Follow `limit` entries behind what was followed before; `head` as in `check_chain`, raises BadInput."""
    kept = checked_head(head, "head")
    async with open_unit() as unit:
        newest = await unit.audit_pages.last()
    end, broken = newest.id if newest else 0, None
    if chain.count > end:
        broken = Break(flaw=Flaw.GAP, id=end, expected=f"entry {chain.count}", found="nothing")
    stop = min(end, chain.count + limit)
    while broken is None and chain.count < stop:
        chain, broken, seen = await _go_on(open_unit, chain, kept, limit=min(batch, stop - chain.count))
        passed = passed or seen
    over = broken is not None or chain.count >= end
    if over and broken is None and kept and not passed:
        broken = Break(flaw=Flaw.HEAD, id=chain.count, expected=kept, found=chain.head)
    return Stretch(chain=chain, total=end, passed=passed, broken=broken, over=over)


async def _go_on(open_unit: OpenDeskUnit, chain: Chain, kept: str, *, limit: int) -> tuple[Chain, Break | None, bool]:
    """The chain behind the next entries, where it broke, and whether the kept hash was among them."""
    async with open_unit() as unit:
        found = await unit.audit.after(chain.count, limit=limit)
    if not found:
        gap = Break(flaw=Flaw.GAP, id=chain.count, expected=f"entry {chain.count + 1}", found="nothing")
        return chain, gap, False
    return await asyncio.to_thread(_follow, chain, found, kept)


async def find_entries(
    unit: DeskUnit, wanted: AuditQuery, names: AuditNames, *, behind: AuditPlace | None, limit: int
) -> tuple[ChainedEntry, ...]:
    """A page of the log. Who did nothing is not looked for: the whole log would be read to find that out."""
    if wanted.actor not in ("", *names.actors) or wanted.action not in ("", *names.actions):
        return ()
    return await unit.audit_pages.page(wanted, behind=behind, limit=limit)


async def read_log(
    open_unit: OpenDeskUnit, wanted: AuditQuery, *, behind: AuditPlace | None, limit: int, by: User, now: datetime
) -> tuple[ChainedEntry, ...]:
    """The same for a program, which may read all of it: that it does is written down, once an hour."""
    async with open_unit() as unit:
        names = await unit.audit_pages.names()
        found = await find_entries(unit, wanted, names, behind=behind, limit=limit)
        of_late = AuditQuery(actor=by.name, action=READ, since=now - _ONE_READING)
        if not await unit.audit_pages.page(of_late, behind=None, limit=1):
            await unit.audit.record(at=now, actor=by.name, action=READ)
            await unit.commit()
    return found


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
