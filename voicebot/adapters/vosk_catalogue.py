"""Vosk's own catalogue of models: list, download, verify, unpack."""

import hashlib
import json
import re
import shutil
import stat
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from voicebot.adapters.vosk_models import check_model
from voicebot.domain.errors import BadInput, NotFound, SpeechError

_TIMEOUT_S: Final = 20
_BLOCK: Final = 1 << 18
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Progress = Callable[[int, int], None]
"""Told (bytes so far, bytes in all or 0 when unknown) while a download runs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueEntry:
    """A model that can be pulled."""

    name: str
    language: str
    url: str
    size_bytes: int
    """Size of the archive; 0 when the catalogue does not say."""
    md5: str
    """Checksum of the archive as the catalogue gives it; empty when it gives none."""
    kind: str
    """small, big ... in the catalogue's words."""
    obsolete: bool


def default_catalogue() -> str:
    """URL of Vosk's model list, as the vosk package knows it."""
    import vosk  # 0.1 s: only when asked

    return str(vosk.MODEL_LIST_URL)


def default_target() -> Path:
    """Vosk's own cache folder: VOSK_MODEL_PATH where it is set, else ~/.cache/vosk."""
    import vosk

    return Path(vosk.MODEL_DIRS[0] or vosk.MODEL_DIRS[-1])


def read_catalogue(url: str) -> list[CatalogueEntry]:
    """Everything the catalogue offers; raises SpeechError when it is away or not a catalogue."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            listed = json.load(answer)
        return [_entry(written, url) for written in listed]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SpeechError(f"no model catalogue at {url}: {_reason(error)}") from error


def _entry(written: dict[str, Any], catalogue: str) -> CatalogueEntry:
    name = str(written["name"])
    return CatalogueEntry(
        name=name,
        language=str(written.get("lang", "")),
        url=str(written.get("url") or urllib.parse.urljoin(catalogue, f"{name}.zip")),
        size_bytes=int(written.get("size") or 0),
        md5=str(written.get("md5") or "").lower(),
        kind=str(written.get("type", "")),
        obsolete=str(written.get("obsolete", "false")).lower() == "true",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code}"
    if isinstance(error, urllib.error.URLError):
        return f"it does not answer ({error.reason})"
    return f"it is not in Vosk's format ({type(error).__name__})" if not isinstance(error, OSError) else str(error)


def find_entry(entries: list[CatalogueEntry], name: str) -> CatalogueEntry:
    """The entry called `name`; raises NotFound naming the nearest ones."""
    for entry in entries:
        if entry.name == name and _NAME.fullmatch(name):
            return entry
    near = [entry.name for entry in entries if not entry.obsolete and entry.language == "ru"][:8]
    hint = f"; Russian ones are {', '.join(near)}" if near else ""
    raise NotFound(f"the catalogue has no model '{name}'{hint}")


def pull(entry: CatalogueEntry, target: Path, progress: Progress) -> tuple[Path, str]:
    """Download, verify and unpack a model into `target`; gives its folder and the checksum of the archive.

    Nothing appears in `target` unless the archive is whole, safe and a usable model. Raises SpeechError.
    """
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".pull-") as work:
        archive = Path(work, "archive.zip")
        checksum = _download(entry, archive, progress)
        if entry.md5 and checksum != entry.md5:
            raise SpeechError(f"{entry.url}: its checksum is {checksum}, the catalogue says {entry.md5}: pull it again")
        folder = _unpack(archive, Path(work, "unpacked"), entry.name)
        final = target / entry.name
        if final.exists():
            final.rename(Path(work, "replaced"))
        folder.rename(final)
    return final, checksum


def _download(entry: CatalogueEntry, archive: Path, progress: Progress) -> str:
    checksum = hashlib.md5(usedforsecurity=False)  # what the catalogue gives: proves a whole download, not its author
    done = 0
    try:
        with urllib.request.urlopen(entry.url, timeout=_TIMEOUT_S) as answer, archive.open("wb") as file:
            total = int(answer.headers.get("Content-Length") or entry.size_bytes)
            while block := answer.read(_BLOCK):
                file.write(block)
                checksum.update(block)
                done += len(block)
                progress(done, total)
    except (OSError, ValueError) as error:
        raise SpeechError(f"{entry.url} cannot be downloaded: {_reason(error)}") from error
    if total and done < total:
        raise SpeechError(f"{entry.url}: the download broke off at {done} of {total} bytes: pull it again")
    return checksum.hexdigest()


def _unpack(archive: Path, into: Path, name: str) -> Path:
    """The model's folder out of the archive; refuses paths that lead out of it and anything but files."""
    try:
        with zipfile.ZipFile(archive) as contents:
            for member in contents.infolist():
                place = (into / member.filename).resolve()
                is_link = stat.S_ISLNK(member.external_attr >> 16)
                if is_link or not place.is_relative_to((into / name).resolve()):
                    raise SpeechError(f"the archive of {name} holds '{member.filename}', which does not belong there")
            needed = sum(member.file_size for member in contents.infolist())
            if needed > shutil.disk_usage(archive.parent).free:
                raise SpeechError(
                    f"{name} needs {needed / 1e6:.0f} MB: more than there is free beside {archive.parent}"
                )
            contents.extractall(into)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise SpeechError(f"the archive of {name} cannot be unpacked: {error}") from error
    try:
        check_model(into / name)
    except BadInput as error:
        missing = ", ".join(problem.where or problem.message for problem in error.problems)
        raise SpeechError(f"the archive of {name} is no model this version can use: {missing}") from error
    return into / name
