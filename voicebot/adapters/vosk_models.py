"""Folders of Vosk models: what one must hold, which are installed."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.domain.errors import BadInput, Problem

SHIPPED: Final = Path(__file__).resolve().parents[2] / "models"
"""Folder of the models that come with the product."""

_GRAPHS: Final = (("graph/HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst"))
"""A decoding graph is whole (large models) or in two halves (models with runtime grammars)."""
_PARTS: Final = ("am/final.mdl", "conf/model.conf", "conf/mfcc.conf")


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalledModel:
    """A model folder on this machine."""

    name: str
    path: Path
    size_bytes: int


def check_model(folder: Path) -> None:
    """Raise BadInput naming the folder, everything that is missing in it, and the repair."""
    repair = (
        f"run: voicebot models pull {folder.name}"
        if folder.name.startswith("vosk-model") and not folder.is_relative_to(SHIPPED)
        else "run: voicebot models list, then set VOICEBOT_MODEL to the folder of an installed model"
    )
    if not folder.is_dir():
        raise BadInput.one(str(folder), "no such model folder", repair=repair)
    missing = [part for part in _PARTS if not _is_full(folder / part)]
    if not any(all(_is_full(folder / part) for part in graph) for graph in _GRAPHS):
        missing.append("graph/HCLG.fst (or graph/HCLr.fst and graph/Gr.fst)")
    if missing:
        raise BadInput(
            Problem(source=str(folder), where=part, message="missing or empty in the Vosk model", repair=repair)
            for part in missing
        )


def _is_full(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def sample_rate(folder: Path) -> int:
    """The rate the model's features are computed at, Hz: 8000 for telephone models, 16000 for most others."""
    configuration = (folder / "conf" / "mfcc.conf").read_text(encoding="utf-8", errors="replace")
    written = re.search(r"^\s*--sample-frequency\s*=\s*(\d+)", configuration, re.MULTILINE)
    return int(written[1]) if written else 16_000  # Kaldi's own default


def search_folders() -> list[Path]:
    """Where models are looked for: shipped ones, then Vosk's own places (VOSK_MODEL_PATH, ~/.cache/vosk ...)."""
    import vosk  # 0.1 s: only when asked

    return [SHIPPED, *(Path(folder) for folder in vosk.MODEL_DIRS if folder)]


def installed_models(folders: list[Path]) -> list[InstalledModel]:
    """Whole models in `folders`, by name; the first of several with the same name."""
    found: dict[str, InstalledModel] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.name in found or not _is_whole(path):
                continue
            size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            found[path.name] = InstalledModel(name=path.name, path=path, size_bytes=size)
    return sorted(found.values(), key=lambda model: model.name)


def _is_whole(folder: Path) -> bool:
    try:
        check_model(folder)
    except BadInput:
        return False
    return True
