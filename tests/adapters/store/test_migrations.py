"""The migrations lead to exactly the tables the code knows."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from voicebot.adapters import store
from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import parse_url
from voicebot.adapters.store.metadata import metadata
from voicebot.adapters.store.migrate import migrate
from voicebot.domain.errors import StoreError

for module in pkgutil.iter_modules(store.__path__):
    if module.name.endswith("_tables"):
        import_module(f"{store.__name__}.{module.name}")  # fills the metadata

OURS = "not starts_with({0}, 'procrastinate') and {0} <> 'alembic_version'"
"""Procrastinate's tables come from its own SQL; no metadata describes them."""
CATALOG = {
    "columns": """
        select table_name, column_name, data_type, is_nullable, column_default, is_identity, character_maximum_length,
               numeric_precision, numeric_scale, generation_expression
        from information_schema.columns where table_schema = 'public' and """
    + OURS.format("table_name"),
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' and """
    + OURS.format("conrelid::regclass::text"),
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' and "
    + OURS.format("tablename"),
    "triggers": """
        select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
        from pg_trigger where not tgisinternal and """
    + OURS.format("tgrelid::regclass::text"),
    "functions": """
        select proname, pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace and """
    + OURS.format("proname"),
}


@pytest.fixture
def made_from_tables(postgres: EmbeddedPostgres, worker_id: str) -> str:
    url = postgres.url(f"tables_{worker_id}")
    engine = create_engine(parse_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        metadata.create_all(connection)
    return url


@pytest.mark.parametrize("kind", CATALOG)
def test_a_migrated_database_holds_what_the_tables_say(kind: str, database_url: str, made_from_tables: str) -> None:
    assert catalog(database_url, kind) == catalog(made_from_tables, kind) != []


def test_alembic_finds_nothing_to_add(database_url: str) -> None:
    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or not (name or "").startswith("procrastinate")

    with create_engine(parse_url(database_url), poolclass=NullPool).connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = catalog(database_url, "columns")
    migrate(database_url)
    assert catalog(database_url, "columns") == before


def test_several_programs_migrate_at_once(postgres: EmbeddedPostgres, worker_id: str) -> None:
    url = postgres.url(f"race_{worker_id}")
    program = "import sys; from voicebot.adapters.store.migrate import migrate; migrate(sys.argv[1])"
    racing = [subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [one.communicate()[1].decode() for one in racing]
    assert [one.returncode for one in racing] == [0, 0, 0], errors
    assert ("customers",) in rows(url, "select tablename from pg_tables")


def test_a_database_of_a_newer_program_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(StoreError, match="newer voicebot"):
        migrate(database_url)


def test_the_audit_log_can_only_grow(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "insert into audit_log (id, actor, action, prev_hash, hash)"
            " values (1, 'test', 'test.done', repeat('0', 64), repeat('1', 64))"
        )
        for change in ("update audit_log set actor = 'x'", "delete from audit_log", "truncate audit_log"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(change)


def catalog(url: str, kind: str) -> list[tuple[object, ...]]:
    return sorted(rows(url, CATALOG[kind]), key=str)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()
