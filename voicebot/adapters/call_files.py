"""Recordings of calls and what is cached of them, on disk."""

import asyncio
from collections.abc import Iterable
from pathlib import Path


class DiskCallFiles:
    """The recordings folder and the folders of caches beside it."""

    def __init__(self, recordings: Path, *caches: Path) -> None:
        """In `caches` a file belongs to a recording when its name begins with the recording's and a hyphen."""
        self._recordings = recordings
        self._caches = caches

    async def read(self, recording: str) -> bytes | None:
        return await asyncio.to_thread(self._read, recording)

    async def remove(self, recordings: Iterable[str]) -> None:
        await asyncio.to_thread(self._remove, tuple(recordings))

    def _read(self, recording: str) -> bytes | None:
        path = self._path(recording)
        return path.read_bytes() if path is not None and path.is_file() else None

    def _remove(self, recordings: tuple[str, ...]) -> None:
        for recording in recordings:
            path = self._path(recording)
            if path is None:
                continue
            path.unlink(missing_ok=True)
            for cache in self._caches:
                for kept in cache.iterdir() if cache.is_dir() else ():
                    if kept.name.startswith(f"{path.stem}-"):
                        kept.unlink(missing_ok=True)

    def _path(self, recording: str) -> Path | None:
        """None for what lies outside the folder."""
        root = self._recordings.resolve()
        path = (root / recording).resolve()
        return path if recording and path.is_relative_to(root) and path != root else None
