"""All documents at a glance: what is wrong with which, who uses it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.documents import CampaignUse, DocumentReader, WrittenPhrase
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.document import DocumentId, DocumentKind, Version
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.script import Script

_REFUSALS: Final = 200
"""Entries of the audit log that are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What reading everything has shown."""

    stamp: int
    at: float
    """Monotonic seconds."""
    known: tuple[DocumentId, ...]
    problems: Mapping[DocumentId, tuple[Problem, ...]]
    scripts: Mapping[str, Script]
    """Those in order."""
    dialplans: Mapping[str, Dialplan | None]
    """None for one that is not in order."""
    phrases: Mapping[str, Sequence[WrittenPhrase]]
    """By name of their book; empty when the books are not in order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """Everything there is."""

    looked: Looked
    saved: Mapping[DocumentId, Version]
    uses: Mapping[str, tuple[CampaignUse, ...]]
    """By `script:winback`: campaigns that are not finished."""
    refused: frozenset[DocumentId]
    """Whose newest version some process could not read."""


class DocumentsOverview:
    """Reads everything again when something was saved, and once a minute: files change too."""

    def __init__(self, reader: DocumentReader, *, fresh_s: float = 60.0) -> None:
        self._reader = reader
        self._fresh_s = fresh_s
        self._looked: Looked | None = None
        self._lock = asyncio.Lock()

    async def look(self, open_unit: OpenDeskUnit) -> Overview:
        """What is there now."""
        async with open_unit() as unit:
            saved = {version.document: version for version in await unit.documents.in_force()}
            campaigns = await unit.documents.used_by()
            refusals = await unit.documents.refused(limit=_REFUSALS)
        uses: dict[str, tuple[CampaignUse, ...]] = {}
        for campaign in campaigns:
            for name in campaign.names:
                uses[name] = (*uses.get(name, ()), campaign)
        refused = frozenset(one for one, version in saved.items() if (str(one), version.number) in refusals)
        return Overview(looked=await self._read(saved), saved=saved, uses=uses, refused=refused)

    async def _read(self, saved: Mapping[DocumentId, Version]) -> Looked:
        stamp = max((version.id for version in saved.values()), default=0)
        now = asyncio.get_running_loop().time()
        async with self._lock:
            if self._looked is None or self._looked.stamp != stamp or now - self._looked.at > self._fresh_s:
                texts = {document: version.text for document, version in saved.items()}
                self._looked = await asyncio.to_thread(_read, self._reader, texts, stamp, now)
            return self._looked


def _read(reader: DocumentReader, texts: Mapping[DocumentId, str], stamp: int, now: float) -> Looked:
    known = reader.known(texts)
    problems: dict[DocumentId, tuple[Problem, ...]] = {}
    scripts: dict[str, Script] = {}
    dialplans: dict[str, Dialplan | None] = {}
    phrases: Mapping[str, Sequence[WrittenPhrase]] = {}
    of_files: list[Problem] = []
    for document in known:
        if document.kind is DocumentKind.SCRIPT:
            script, problems[document] = reader.script(document.name, texts)
            of_files += problems[document]
            if script is not None and not problems[document]:
                scripts[document.name] = script
        elif document.kind is DocumentKind.DIALPLAN:
            dialplans[document.name], problems[document] = _dialplan(reader, document, texts)
    if DocumentKind.PHRASES in {document.kind for document in known}:
        try:
            phrases = reader.phrases(texts)
            reader.understanding(texts)  # all books at once: they refer to each other
        except BadInput as error:
            of_files += error.problems
    for document in known:
        source = reader.source_of(document)
        problems.setdefault(document, tuple(problem for problem in dict.fromkeys(of_files) if problem.source == source))
    return Looked(
        stamp=stamp, at=now, known=known, problems=problems, scripts=scripts, dialplans=dialplans, phrases=phrases
    )


def _dialplan(
    reader: DocumentReader, document: DocumentId, texts: Mapping[DocumentId, str]
) -> tuple[Dialplan | None, tuple[Problem, ...]]:
    try:
        return reader.dialplan(document.name, texts), ()
    except BadInput as error:
        return None, error.problems
