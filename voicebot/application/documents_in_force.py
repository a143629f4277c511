"""What the lines of a process go by: the newest versions of scripts, phrase books and dialplan that are in order."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from voicebot.application.ports.documents import KINDS_OF_SCRIPTS, DocumentReader
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.document import DocumentId, DocumentKind, Version
from voicebot.domain.errors import BadInput, StoreError
from voicebot.domain.script import Script

log = logging.getLogger(__name__)

_Read = TypeVar("_Read")
Saved = Mapping[DocumentId, Version]


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """Read documents with the versions they come from."""

    stamp: int
    """Id of the newest version that was looked at."""
    scripts: Mapping[str, Script]
    understanding: LanguageUnderstanding
    dialplan: Dialplan
    saved: Saved = field(default_factory=dict)
    """What was saved at the desk and is in force; all else comes from files."""

    @property
    def script_versions(self) -> Mapping[str, int]:
        """By name of the script; those that come from files are not in it."""
        return {
            document.name: version.number
            for document, version in self.saved.items()
            if document.kind is DocumentKind.SCRIPT
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held(Generic[_Read]):
    """What was read together."""

    wanted: Saved
    """The newest versions, in order or not."""
    read: _Read
    saved: Saved
    """What it was read from."""


class DocumentsInForce:
    """One for a process; looked at before every call, it reads only what has changed.

    A saved text that cannot be read after all (another version of the program, a variable that is missing on this
    machine) is told in the log and in the audit log, and the one before it stays in force, down to the file.
    """

    def __init__(
        self, open_unit: OpenUnit, reader: DocumentReader, *, dialplan: str, now: Callable[[], datetime], actor: str
    ) -> None:
        """`dialplan`: name of the one this machine dials by; `actor`: who the audit log says refused a version."""
        self._open_unit = open_unit
        self._reader = reader
        self._dialplan = dialplan
        self._now = now
        self._actor = actor
        self._stamp = self._script_stamp = -1
        self._scripts: _Held[Mapping[str, Script]] | None = None
        self._phrases: _Held[LanguageUnderstanding] | None = None
        self._plan: _Held[Dialplan] | None = None
        self._in_force: InForce | None = None
        self._refused: set[int] = set()
        self._reading = asyncio.Lock()
        self._wired: object = None
        self.rewired = asyncio.Event()
        """Set when the newest dialplan asks for another telephone than the one that was opened: open it again.

        Until then the dialplan before it stays in force."""

    async def look(self) -> InForce:
        """What is in force now; with the database away, what was at the last look.

        The first look raises StoreError, and BadInput when a file is wrong that nothing saved stands in for.
        """
        try:
            stamp = await self._newest_stamp()
            async with self._reading:
                if self._in_force is None or self._in_force.stamp < stamp:
                    self._in_force = await self._read_all()
                return self._in_force
        except StoreError:
            if self._in_force is None:
                raise
            return self._in_force

    async def dialplan(self) -> Dialplan:
        """The dialplan alone, for processes that have no telephone; as `look`."""
        stamp = await self._newest_stamp()
        async with self._reading:
            if self._plan is None or self._stamp < stamp:
                self._plan = await self._read_dialplan(await self._newest())
                self._stamp = stamp
            return self._plan.read

    async def scripts(self) -> Mapping[str, Script]:
        """The conversation scripts alone, for pages that name them; as `look`."""
        stamp = await self._newest_stamp()
        async with self._reading:
            if self._scripts is None or self._script_stamp < stamp:
                saved = _of(await self._newest(), KINDS_OF_SCRIPTS)
                self._scripts = await self._renewed(self._scripts, saved, self._reader.scripts)
                self._script_stamp = stamp
            return self._scripts.read

    def opened(self, dialplan: Dialplan) -> None:
        """A telephone has been opened for this dialplan."""
        self._wired = wiring(dialplan)

    async def _newest_stamp(self) -> int:
        async with self._open_unit() as unit:
            return await unit.documents.stamp()

    async def _newest(self) -> dict[DocumentId, Version]:
        async with self._open_unit() as unit:
            return {version.document: version for version in await unit.documents.in_force()}

    async def _read_all(self) -> InForce:
        newest, reader = await self._newest(), self._reader
        scripts = self._scripts = await self._renewed(self._scripts, _of(newest, KINDS_OF_SCRIPTS), reader.scripts)
        books = _of(newest, (DocumentKind.PHRASES,))
        phrases = self._phrases = await self._renewed(self._phrases, books, reader.understanding)
        plan = await self._read_dialplan(newest)
        if self._wired is not None and wiring(plan.read) != self._wired and self._plan is not None:
            self.rewired.set()
            plan = self._plan
        self._plan = plan
        return InForce(
            stamp=max((version.id for version in newest.values()), default=0),
            scripts=scripts.read,
            understanding=phrases.read,
            dialplan=plan.read,
            saved={**scripts.saved, **phrases.saved, **plan.saved},
        )

    async def _read_dialplan(self, newest: Saved) -> _Held[Dialplan]:
        name = self._dialplan
        wanted = {one: text for one, text in _of(newest, (DocumentKind.DIALPLAN,)).items() if one.name == name}
        return await self._renewed(self._plan, wanted, lambda saved: self._reader.dialplan(name, saved))

    async def _renewed(
        self, held: _Held[_Read] | None, wanted: Saved, read: Callable[[Mapping[DocumentId, str]], _Read]
    ) -> _Held[_Read]:
        if held is not None and held.wanted == wanted:
            return held
        try:
            found, saved = await self._read(wanted, read)
        except BadInput as error:
            if held is None:
                raise
            log.error("what is in force stays so: %s", error, extra={"action": "documents_refused"})
            return replace(held, wanted=wanted)
        return _Held(wanted=wanted, read=found, saved=saved)

    async def _read(
        self, saved: Saved, read: Callable[[Mapping[DocumentId, str]], _Read]
    ) -> tuple[_Read, dict[DocumentId, Version]]:
        """Read these; what is wrong gives way to the version before it, until all is right. Raises BadInput."""
        versions = dict(saved)
        while True:
            try:
                texts = {document: version.text for document, version in versions.items()}
                return await asyncio.to_thread(read, texts), versions
            except BadInput as error:
                if not versions:
                    raise
                sources = {problem.source for problem in error.problems}
                guilty = [one for one in versions if self._reader.source_of(one) in sources] or list(versions)
                await self._step_back(versions, guilty, error)

    async def _step_back(
        self, versions: dict[DocumentId, Version], guilty: Iterable[DocumentId], error: BadInput
    ) -> None:
        for document in guilty:
            version = versions.pop(document)
            async with self._open_unit() as unit:
                before = await unit.documents.version(document, version.number - 1)
                if version.id not in self._refused:
                    self._refused.add(version.id)
                    details: dict[str, Any] = {"version": version.number, "problems": len(error.problems)}
                    await unit.audit.record(
                        at=self._now(),
                        actor=self._actor,
                        action="document.refused",
                        subject=str(document),
                        details=details,
                    )
                    await unit.commit()
                    log.error(
                        "version %d of %s is not in order here, the one before it stays in force: %s",
                        *(version.number, document, error),
                        extra={"action": "document_refused", "document": str(document), "version": version.number},
                    )
            if before is not None:
                versions[document] = before


def wiring(dialplan: Dialplan) -> object:
    """What a telephone is opened for; prices, labels and numbers to show may change while it is open."""
    trunks = tuple(
        replace(
            trunk, lines=1, calls_per_second=1.0, caller_ids=(), ring_timeout_s=0.0, label=None, price_per_minute=None
        )
        for trunk in dialplan.trunks
    )
    return trunks, dialplan.inbound.answer, dialplan.inbound.script


def _of(saved: Saved, kinds: Collection[DocumentKind]) -> dict[DocumentId, Version]:
    return {document: version for document, version in saved.items() if document.kind in kinds}
