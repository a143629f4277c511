"""Parts every test may use: a real PostgreSQL with a clean, migrated database per test."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.databases import WorkerDatabase
from tests.registrar import Registrar
from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.migrate import migrate


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers and whole machines first, quick tests last: a long file at the end would run alone."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("peer") or "chaos" in item.path.parts:
        return 0
    return 1 if {"entrypoints", "rehearsal"} & set(item.path.parts) else 2


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[EmbeddedPostgres]:
    """One server for the whole run, shared between xdist workers; stops and vanishes with the last of them."""
    # Not below pytest's own folder: the next pytest to start would close that to the server's user.
    folder = Path(tempfile.gettempdir()) / f"voicebot-tests-{testrun_uid[:8]}" / "postgres"
    with EmbeddedPostgres(folder) as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                connection.execute(f"alter system set {setting}")
            connection.execute("select pg_reload_conf()")
        yield server
    if not (folder / "postmaster.pid").exists():
        shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres, worker_id: str) -> str:
    """Name of a migrated database that is only ever copied."""
    name = f"template_{worker_id}"
    migrate(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def worker_database(postgres: EmbeddedPostgres, migrated_template: str, worker_id: str) -> Iterator[WorkerDatabase]:
    """The database that the tests of this worker use one after another."""
    database = WorkerDatabase(postgres, template=migrated_template, name=f"test_{worker_id}")
    yield database
    database.close()


@pytest.fixture
def database_url(worker_database: WorkerDatabase) -> str:
    """URL of a migrated, empty database."""
    return worker_database.clean()


@pytest.fixture(scope="session")
def engines() -> dict[str, AsyncEngine]:
    """Engines by the URL of their database: one that stays has its statements compiled already."""
    return {}


@pytest.fixture
async def engine(database_url: str, engines: dict[str, AsyncEngine]) -> AsyncIterator[AsyncEngine]:
    """An engine without connections on the empty database."""
    engine = engines.setdefault(database_url, open_engine(database_url))
    yield engine
    await engine.dispose()


@pytest.fixture
async def registrar() -> AsyncIterator[Registrar]:
    """A registrar that listens; `registrar.port` tells where."""
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        Registrar, local_addr=("127.0.0.1", 0)
    )
    yield protocol
    transport.close()
