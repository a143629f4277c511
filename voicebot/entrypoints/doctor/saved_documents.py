"""What was saved at the desk and stands in for files."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voicebot import bootstrap
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.document import DocumentKind, Version
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.doctor.findings import Finding, fine, warning

_NAME: Final = "in force"


@dataclass
class Seen:
    """What the look into the database leaves for the checks after it."""

    dialplan: Dialplan | None = None
    """The one this machine dials by, when it was saved at the desk."""


async def saved_findings(settings: Settings, unit: UnitOfWork, seen: Seen) -> list[Finding]:
    """Which versions are in force, and which of them cannot be read on this machine."""
    versions = sorted(await unit.documents.in_force(), key=lambda one: one.document)
    return await asyncio.to_thread(_read, settings, versions, seen)


def _read(settings: Settings, versions: Sequence[Version], seen: Seen) -> list[Finding]:
    if not versions:
        return [fine(_NAME, "nothing was saved at the desk: the files are")]
    reader, texts = bootstrap.build_reader(settings), {one.document: one.text for one in versions}
    findings = [fine(_NAME, f"saved at the desk: {', '.join(map(_told, versions))}; the rest is in the files")]
    for one in versions:
        foreign = one.document.kind is DocumentKind.DIALPLAN and one.document.name != settings.dialplan.stem
        # Another machine dials by it, and has its variables.
        problems = () if foreign else reader.check(one.document, texts)
        if problems:
            found = f"{_told(one)} cannot be read here, the version before it is: {problems[0].message}"
            findings.append(warning(_NAME, found, problems[0].repair or "mend it at the desk"))
    try:
        seen.dialplan = reader.dialplan(settings.dialplan.stem, texts)
    except BadInput:
        seen.dialplan = None  # told above, or by the check of the file
    return findings


def _told(version: Version) -> str:
    return f"{version.document.kind} {version.document.name} version {version.number}"
