"""What the program stands on: settings, database, files, disk."""

import asyncio
import difflib
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from voicebot import bootstrap
from voicebot.adapters.prompt_library import check_recordings
from voicebot.adapters.store.engine import check_database
from voicebot.adapters.system_clock import SystemClock
from voicebot.config import PREFIX, Settings, read_settings
from voicebot.domain.audio import TELEPHONE
from voicebot.domain.dialogue_prompts import all_lines
from voicebot.domain.errors import BadInput, ConfigurationError
from voicebot.entrypoints.doctor.findings import Check, Finding, failure, fine, warning
from voicebot.entrypoints.doctor.saved_documents import Seen, saved_findings

_HOUR_BYTES: Final = 2 * TELEPHONE.bytes_per_second * 3600
"""One hour of one line, both sides."""
_LOW_BYTES: Final = 2 * 1024**3
_NONE_BYTES: Final = 100 * 1024**2
_GIB: Final = 1024**3
_ALIKE: Final = 0.8
_PIECE: Final = re.compile(r"\.\d+$")
"""A prompt with variables is recorded in pieces: `winback.offer.2`."""


def usable_settings(environment: Mapping[str, str]) -> tuple[Settings, ConfigurationError | None]:
    """The settings without those that are wrong, and what is wrong: the other checks can still be made."""
    try:
        return read_settings(environment), None
    except ConfigurationError as error:
        bad = {problem.source for problem in error.problems}
        settings, more = usable_settings({name: value for name, value in environment.items() if name not in bad})
        return settings, ConfigurationError([*error.problems, *(more.problems if more else ())])


def check_settings(settings: Settings, wrong: ConfigurationError | None, environment: Mapping[str, str]) -> Check:
    """Whether the environment says what it means."""

    async def look() -> list[Finding]:
        findings = [failure("settings", ConfigurationError([problem])) for problem in wrong.problems] if wrong else []
        findings += [
            warning("settings", f"{name} is no setting", f"did you mean {meant}?")
            for name, meant in _misspelt(environment, await asyncio.to_thread(_text, settings.dialplan))
        ]
        for name in ("company", "rules_url"):
            value, variable = getattr(settings, name), PREFIX + name.upper()
            if value == Settings.__dataclass_fields__[name].default:
                findings.append(warning("settings", f"{variable} is still the sample '{value}'", "set yours"))
        return findings or [fine("settings", f"{settings.lines} lines, everything is written below {settings.home}")]

    return Check(name="settings", look=look)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""  # the dialplan's own check says why


def _misspelt(environment: Mapping[str, str], dialplan: str) -> list[tuple[str, str]]:
    """Variables that look like a setting and are none; those the dialplan asks for are meant."""
    known = [PREFIX + name.upper() for name in Settings.__dataclass_fields__]
    ours = [name for name in environment if name.startswith(PREFIX) and name not in known]
    ours = [name for name in ours if f"${{{name}}}" not in dialplan]
    near = [(name, difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE)) for name in sorted(ours)]
    return [(name, found[0]) for name, found in near if found and name != bootstrap.PRELOAD_VARIABLE]


def check_store(settings: Settings, seen: Seen) -> Check:
    """Whether the database is there, who works on it, and what of the documents is in it."""

    async def look() -> list[Finding]:
        async with bootstrap.open_store(settings) as store:
            server = await check_database(store.engine)
            now = SystemClock().now()
            async with store.open_unit() as unit:
                holders, expired = await unit.leads.holders(now), await unit.leads.expired(now)
                documents = await saved_findings(settings, unit, seen)
        kind = "VOICEBOT_DATABASE_URL" if settings.database_url else f"embedded in {settings.home / 'postgres'}"
        return [
            fine("database", f"{server}, {kind}, tables up to date"),
            _processes(holders, len(expired)),
            *documents,
        ]

    return Check(name="database", look=look, timeout_s=60.0)


def _processes(holders: Sequence[str], lost: int) -> Finding:
    if lost:
        found = f"{lost} calls belong to lines that died"
        return warning("processes", found, "they are closed by the jobs process: `voicebot run`, or `voicebot jobs`")
    processes = {holder.rpartition(":")[0] for holder in holders}
    if not processes:
        return fine("processes", "nobody is calling just now")
    return fine("processes", f"{len(holders)} lines of {len(processes)} processes are in calls just now")


def file_checks(settings: Settings) -> list[Check]:
    """Everything people write: scripts, phrase books, messages, the dialplan."""
    return [
        _file_check("scripts", lambda: f"{len(bootstrap.load_scripts(settings))} in {settings.scripts}"),
        _file_check("phrase books", lambda: _said(bootstrap.load_understanding(settings), settings.scripts)),
        _file_check("messages", lambda: f"{len(bootstrap.load_templates(settings))} templates"),
        Check(name="recorded prompts", look=lambda: asyncio.to_thread(_recorded, settings), timeout_s=30.0),
        _file_check("dialplan", lambda: _dialplan(settings)),
    ]


def _recorded(settings: Settings) -> list[Finding]:
    """A recording with a slip in its name would never be heard, and nobody would notice."""
    recorded = check_recordings(settings.prompts)
    keys = {line.key for script in bootstrap.load_scripts(settings).values() for line in all_lines(script)}
    strangers = [name for name in recorded if name not in keys and _PIECE.sub("", name) not in keys]
    if not strangers:
        return [fine("recorded prompts", f"{len(recorded)} in {settings.prompts}; the voice says the rest")]
    return [
        warning("recorded prompts", f"{settings.prompts / name}.wav is said nowhere", _rename(name, keys))
        for name in strangers
    ]


def _rename(name: str, keys: set[str]) -> str:
    alike = difflib.get_close_matches(name, keys, n=1, cutoff=_ALIKE)
    return f"did you mean {alike[0]}.wav?" if alike else "name it after a prompt: recordings/README.md"


def _said(_: object, folder: Path) -> str:
    return f"in order in {folder / 'phrases'}"


def _dialplan(settings: Settings) -> str:
    plan = bootstrap.load_dialplan(settings)
    return f"{settings.dialplan}: {len(plan.trunks)} trunks, {len(plan.routes)} routes"


def _file_check(name: str, load: Callable[[], str]) -> Check:
    async def look() -> list[Finding]:
        return [fine(name, await asyncio.to_thread(load))]

    return Check(name=name, look=look, timeout_s=30.0)


def check_disk(settings: Settings) -> Check:
    """Whether recordings have room."""

    async def look() -> list[Finding]:
        return [await asyncio.to_thread(_room, settings)]

    return Check(name="disk", look=look)


def _room(settings: Settings) -> Finding:
    folder = settings.recordings
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadInput.one(str(settings.recordings), "cannot be written", repair="set VOICEBOT_RECORDINGS")
    free = shutil.disk_usage(folder).free
    hours = free / _HOUR_BYTES
    found = f"{free / _GIB:.1f} GiB free for recordings in {settings.recordings}: {hours:.0f} hours of talk"
    repair = "make room, or set VOICEBOT_RECORDINGS to another disk"
    if free < _NONE_BYTES:
        raise BadInput.one(str(settings.recordings), found, repair=repair)
    return warning("disk", found, repair) if free < _LOW_BYTES else fine("disk", found)
