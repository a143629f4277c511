"""Is the audit log what was written, and is every released list what was released?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from voicebot.application.ports.audit import AuditLog
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.audit import Break, Chain, ChainedEntry, Flaw
from voicebot.domain.errors import BadInput

_BATCH = 5000
"""Entries in memory at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditReport:
    """What a verification found."""

    entries: int
    """How many hold, from the first one on."""
    head: str
    """Hash of the last entry that holds. Keep it elsewhere: it proves later that nothing up to it was changed."""
    broken: Break | None
    """The first place where the chain does not hold."""

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.broken is None


async def verify_audit(open_unit: OpenUnit, *, head: str = "", batch: int = _BATCH) -> AuditReport:
    """Recompute the whole chain, `batch` entries at a time.

    `head` is a hash an earlier verification printed: without it a log whose end was cut off, or that was written anew
    from some entry on with all its hashes, looks intact. Raises BadInput when it is no hash.
    """
    wanted = _checked(head)
    chain, passed = Chain(), not wanted
    async with open_unit() as unit:
        async for found in _entries(unit.audit, batch):
            followed = chain.follow(found)
            if isinstance(followed, Break):
                return AuditReport(entries=chain.count, head=chain.head, broken=followed)
            chain = followed
            passed = passed or chain.head == wanted
    missing = None if passed else Break(flaw=Flaw.HEAD, id=chain.count, expected=wanted, found=chain.head)
    return AuditReport(entries=chain.count, head=chain.head, broken=missing)


async def _entries(log: AuditLog, batch: int) -> AsyncIterator[ChainedEntry]:
    last = 0
    while found := await log.after(last, limit=batch):
        for one in found:
            yield one
        last = found[-1].id


def _checked(head: str) -> str:
    written = head.strip().lower()
    if written and (len(written) != 64 or set(written) - set("0123456789abcdef")):
        raise BadInput.one("--head", "is no hash", repair="give the 64 hexadecimal digits an earlier verify printed")
    return written
