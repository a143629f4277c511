"""Texts of documents: what was saved at the desk stands in for the file of the same path."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final


class Shelf:
    """Reads as the file system would, had every saved text been written into its file."""

    def __init__(self, saved: Mapping[Path, str] | None = None) -> None:
        self._saved = {_plain(path): text for path, text in (saved or {}).items()}

    def files(self, folder: Path) -> list[Path]:
        """The YAML files right in a folder, by name."""
        folder = _plain(folder)
        found = set(folder.glob("*.yaml")) | {path for path in self._saved if path.parent == folder}
        return sorted(found)

    def holds(self, path: Path) -> bool:
        """Whether there is such a text."""
        return _plain(path) in self._saved or path.is_file()

    def read(self, path: Path) -> str:
        """The text; raises OSError or UnicodeDecodeError as a file does."""
        saved = self._saved.get(_plain(path))
        return path.read_text(encoding="utf-8") if saved is None else saved


FILES: Final = Shelf()
"""The files alone."""


def _plain(path: Path) -> Path:
    """Without `..` and doubled separators: two ways to one file are one path."""
    return Path(os.path.normpath(path))
