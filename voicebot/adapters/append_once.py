"""A file to which every key is appended once, across processes and restarts."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


class AppendOnce:
    """Lines of a file that know their key; the file itself remembers the keys. Blocking: for a thread."""

    def __init__(self, file: Path, *, key_of: Callable[[bytes], str], header: bytes = b"") -> None:
        """`key_of`: the key of a line without its end, empty when it has none; `header`: first line of a new file."""
        self._file = file
        self._key_of = key_of
        self._header = header
        self._inode = 0
        self._read = 0
        """Bytes of the file whose keys are known."""
        self._keys: set[str] = set()

    def append(self, key: str, line: bytes) -> bool:
        """Write `line` (without its end) unless its key is in the file; False when it was. Raises OSError."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing the file releases it
            torn = self._learn(file)
            if key in self._keys:
                return False
            if self._header and not self._read and not torn:
                file.write(self._header + b"\n")
            file.write((b"\n" if torn else b"") + line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return True

    def touch(self) -> None:
        """Make the file, if it is not there; raises OSError when it cannot be appended to."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab"):
            pass

    def _learn(self, file: BinaryIO) -> bool:
        """Read the keys others have written since; True when the last line is torn (its writer was killed)."""
        inode = os.fstat(file.fileno()).st_ino
        if inode != self._inode or file.seek(0, os.SEEK_END) < self._read:  # taken away or emptied: begin anew
            self._inode, self._read = inode, 0
            self._keys.clear()
        file.seek(self._read)
        fresh = file.read()
        whole, _, torn = fresh.rpartition(b"\n")
        self._keys.update(key for line in whole.splitlines() if (key := self._key_of(line)))
        self._read += len(fresh) - len(torn)
        return bool(torn)
