"""Scripts, phrase books and dialplans: saved versions, and what reads them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion, Version
from voicebot.domain.errors import Problem
from voicebot.domain.script import Script


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionLine:
    """A version without its text."""

    document: DocumentId
    number: int
    author: str
    note: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignUse:
    """A campaign that names a document."""

    id: int
    name: str
    status: str
    """Value of CampaignStatus."""
    names: tuple[str, ...]
    """Every script and dialplan it names, as `script:winback`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Caught:
    """How many utterances one phrase has decided about."""

    phrase: str
    """As it is written in the book; empty for utterances of before phrases were kept."""
    intent: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NotUnderstood:
    """Words nobody understood."""

    words: str
    state: str
    """Script state in which they were said last."""
    count: int
    call_id: int
    """The last call in which they were said."""


class SavedDocuments(Protocol):
    """Versions saved at the desk; the newest one of a document is in force."""

    async def stamp(self) -> int:
        """Id of the newest version of all; 0 when nothing was ever saved."""

    async def in_force(self) -> tuple[Version, ...]:
        """The newest version of every document."""

    async def version(self, document: DocumentId, number: int) -> Version | None:
        """One version; None when there is none."""

    async def newest(self, document: DocumentId) -> Version | None:
        """The one in force; None where the file is."""

    async def history(self, document: DocumentId, *, before: int | None, limit: int) -> tuple[VersionLine, ...]:
        """Versions of one document below number `before`, the newest first."""

    async def lock(self) -> None:
        """Nobody else saves until this transaction ends: what is checked together stays together."""

    async def save(self, version: NewVersion) -> None:
        """Add it; lines look at once. `lock` comes first."""

    async def refused(self, *, limit: int) -> frozenset[tuple[str, int]]:
        """Documents, as `script:winback`, with versions that some process of late could not read."""

    async def used_by(self) -> tuple[CampaignUse, ...]:
        """Campaigns that are neither finished nor cancelled, with what they name."""


class PhraseUse(Protocol):
    """What phrases have caught."""

    async def caught(self, since: datetime, *, limit: int) -> tuple[Caught, ...]:
        """By phrase and intent, of at most `limit` utterances of calls dialled since."""

    async def not_understood(
        self, since: datetime, *, open_states: Collection[str], looked_at: int, limit: int
    ) -> tuple[NotUnderstood, ...]:
        """Most frequent first, out of the last `looked_at` ones; in `open_states` any words are an answer."""


class DocumentReader(Protocol):
    """Reads documents: saved texts where there are any, else the files. Slow (parsing): not for the event loop."""

    def known(self, saved: Mapping[DocumentId, str]) -> tuple[DocumentId, ...]:
        """Every document there is."""

    def text_of(self, document: DocumentId) -> str | None:
        """What its file says; None without one."""

    def source_of(self, document: DocumentId) -> str:
        """What problems call it."""

    def check(self, document: DocumentId, saved: Mapping[DocumentId, str]) -> tuple[Problem, ...]:
        """Everything wrong with it, and with whatever else it would break."""

    def including(self, part: DocumentId, saved: Mapping[DocumentId, str]) -> tuple[DocumentId, ...]:
        """The conversations that include a shared document; those that cannot be read are not among them."""

    def script(self, name: str, saved: Mapping[DocumentId, str]) -> tuple[Script | None, tuple[Problem, ...]]:
        """As much of a script as can be read, with its problems."""

    def scripts(self, saved: Mapping[DocumentId, str]) -> Mapping[str, Script]:
        """All by name; raises BadInput."""

    def understanding(self, saved: Mapping[DocumentId, str]) -> LanguageUnderstanding:
        """The phrase books; raises BadInput."""

    def dialplan(self, name: str, saved: Mapping[DocumentId, str]) -> Dialplan:
        """Raises BadInput."""

    def phrases(self, saved: Mapping[DocumentId, str]) -> Mapping[str, Sequence["WrittenPhrase"]]:
        """By name of their book; raises BadInput."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenPhrase:
    """One phrase where it is written."""

    text: str
    intent: str
    """Empty for one that swallows its words."""
    line: int
    only: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    weak: bool = False


KINDS_OF_SCRIPTS = (DocumentKind.SCRIPT, DocumentKind.SHARED)
"""Read together: a conversation includes shared files."""
