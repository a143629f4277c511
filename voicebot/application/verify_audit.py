"""Is the audit log what was written, and is every released list what was released?"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.application.ports.audit import AuditLog
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.audit import Break, Chain, ChainedEntry, Flaw
from voicebot.domain.errors import BadInput
from voicebot.domain.release import Release

_BATCH = 5000
"""Entries in memory at once."""


class ReleaseFlaw(StrEnum):
    """How a release can differ from what was signed."""

    LIST = "list"  # the people on it are others than those who were released
    RECORD = "record"  # its hash is another one than the audit log holds
    UNSIGNED = "unsigned"  # the audit log knows nothing of it
    MISSING = "missing"  # the audit log knows it, and it is gone
    SMUGGLED = "smuggled"  # people are called on its strength who are not on its list


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenRelease:
    """A release that is not what a named person signed."""

    id: int
    flaw: ReleaseFlaw
    expected: str
    """Hash; empty where there is none. For people smuggled in: how many."""
    found: str

    def __str__(self) -> str:
        return f"release {self.id}: {self.flaw}: expected {self.expected or 'none'}, found {self.found or 'none'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditReport:
    """What a verification found."""

    entries: int
    """How many hold, from the first one on."""
    head: str
    """Hash of the last entry that holds. Keep it elsewhere: it proves later that nothing up to it was changed."""
    broken: Break | None
    """The first place where the chain does not hold."""
    releases: int = 0
    """How many lists were compared."""
    unhashed: int = 0
    """Releases of the time before lists were hashed: nothing to compare."""
    broken_releases: tuple[BrokenRelease, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.broken is None and not self.broken_releases


@dataclass
class _Followed:
    """How far the log was followed."""

    chain: Chain = field(default_factory=Chain)
    broken: Break | None = None
    passed_head: bool = False
    signed: dict[int, str] = field(default_factory=dict)
    """Hashes of the releases, by their numbers, as the log has them."""


async def verify_audit(open_unit: OpenUnit, *, head: str = "", batch: int = _BATCH) -> AuditReport:
    """Recompute the whole chain, `batch` entries at a time, and every released list.

    `head` is a hash an earlier verification printed: without it a log whose end was cut off, or that was written anew
    from some entry on with all its hashes, looks intact. Raises BadInput when it is no hash.
    """
    wanted = checked_head(head)
    async with open_unit() as unit:
        log = await _follow(unit.audit, wanted, batch)
        broken = log.broken
        if broken is None and wanted and not log.passed_head:
            broken = Break(flaw=Flaw.HEAD, id=log.chain.count, expected=wanted, found=log.chain.head)
        # What a broken log says of releases proves nothing: then only the lists are compared with their own hashes.
        signed = log.signed if broken is None else None
        releases, unhashed, changed = await _compare_releases(unit, signed)
    return AuditReport(
        entries=log.chain.count,
        head=log.chain.head,
        broken=broken,
        releases=releases,
        unhashed=unhashed,
        broken_releases=changed,
    )


async def _follow(audit: AuditLog, wanted: str, batch: int) -> _Followed:
    log = _Followed()
    async for found in _entries(audit, batch):
        followed = log.chain.follow(found)
        if isinstance(followed, Break):
            log.broken = followed
            break
        log.chain = followed
        log.passed_head = log.passed_head or followed.head == wanted
        release, signature = found.entry.details.get("release"), found.entry.details.get("hash")
        if isinstance(release, int) and isinstance(signature, str):
            log.signed[release] = signature
    return log


async def _compare_releases(
    unit: UnitOfWork, signed: Mapping[int, str] | None
) -> tuple[int, int, tuple[BrokenRelease, ...]]:
    """How many releases were compared, how many have no hash, and those that differ from what was signed."""
    known = await unit.releases.of()
    smuggled = await unit.releases.smuggled()
    hashed = [one for one in known if one.hashed]
    found = []
    for release in hashed:
        listed = await unit.releases.recomputed_hash(release.id)
        said = release.hash if signed is None else signed.get(release.id, "")
        found.append(_flaw(release, said, listed, smuggled.get(release.id, 0)))
    present = {one.id for one in known}
    for number, said in (signed or {}).items():
        if number not in present:
            found.append(BrokenRelease(id=number, flaw=ReleaseFlaw.MISSING, expected=said, found=""))
    return len(hashed), len(known) - len(hashed), tuple(one for one in found if one is not None)


def _flaw(release: Release, said: str, listed: str, smuggled: int) -> BrokenRelease | None:
    """The worst that is wrong with one release. `said`: its hash in the audit log; `listed`: that of the list now."""
    if said != release.hash:
        flaw = ReleaseFlaw.RECORD if said else ReleaseFlaw.UNSIGNED
        return BrokenRelease(id=release.id, flaw=flaw, expected=said, found=release.hash)
    if listed != release.hash:
        return BrokenRelease(id=release.id, flaw=ReleaseFlaw.LIST, expected=release.hash, found=listed)
    if smuggled:
        return BrokenRelease(id=release.id, flaw=ReleaseFlaw.SMUGGLED, expected="0 people", found=f"{smuggled} people")
    return None


async def _entries(log: AuditLog, batch: int) -> AsyncIterator[ChainedEntry]:
    last = 0
    while found := await log.after(last, limit=batch):
        for one in found:
            yield one
        last = found[-1].id


def checked_head(head: str, source: str = "--head") -> str:
    """The hash as it is stored; raises BadInput naming `source` when it is none."""
    written = head.strip().lower()
    if written and (len(written) != 64 or set(written) - set("0123456789abcdef")):
        raise BadInput.one(source, "is no hash", repair="give the 64 hexadecimal digits an earlier check showed")
    return written
