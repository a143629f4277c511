"""A wrong or silent database is told in our words, and never with the password."""

from datetime import UTC, datetime

import pytest

from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import check_database, open_engine, parse_url, store_errors
from voicebot.adapters.store.migrate import migrate
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.domain.errors import BadInput, StoreError


@pytest.mark.parametrize(
    "written",
    [
        "nonsense",
        "",
        "mysql://user:s3cret@host/database",
        "postgresql://user:s3cret@host:port/database",
        "postgresql://user:s3cret@host:5432",
        "postgresql+asyncpg://user:s3cret@host/database",
    ],
)
def test_a_bad_url_names_the_variable_and_hides_the_password(written: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_url(written)
    assert "VOICEBOT_DATABASE_URL" in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_leads_to_the_one_driver(scheme: str) -> None:
    assert parse_url(f"{scheme}://user@host/database").drivername == "postgresql+psycopg"


async def test_a_server_that_is_away_is_worth_another_try() -> None:
    engine = open_engine("postgresql://user:s3cret@127.0.0.1:1/database")
    with pytest.raises(StoreError, match="does not answer") as refused:
        await check_database(engine)
    assert refused.value.retryable
    assert "s3cret" not in str(refused.value)
    with pytest.raises(StoreError, match="does not answer"):
        async with SqlUnitOfWork(engine):
            raise AssertionError("no unit without a database")
    await engine.dispose()


def test_migrating_a_server_that_is_away_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="does not answer"):
        migrate("postgresql://user:s3cret@127.0.0.1:1/database")


async def test_a_missing_database_is_named_as_such(postgres: EmbeddedPostgres) -> None:
    engine = open_engine(postgres.url("postgres").replace("/postgres?", "/no_such_database?"))
    with pytest.raises(StoreError, match="does not exist"):
        await check_database(engine)
    await engine.dispose()


async def test_a_database_that_answers_is_described(database_url: str) -> None:
    engine = open_engine(database_url)
    assert (await check_database(engine)).startswith("PostgreSQL 1")
    await engine.dispose()


async def test_a_refused_row_is_not_quoted(database_url: str) -> None:
    engine = open_engine(database_url)
    nobody = 999
    with pytest.raises(StoreError, match="SQLSTATE 23503") as refused:  # no such customer
        async with SqlUnitOfWork(engine) as unit:
            await unit.stop_list.add(nobody, at=datetime.now(UTC), reason="secret", source="test")
    assert "secret" not in str(refused.value)
    await engine.dispose()


async def test_an_unmigrated_database_says_so(postgres: EmbeddedPostgres, worker_id: str) -> None:
    engine = open_engine(postgres.url(f"bare_{worker_id}"))
    with pytest.raises(StoreError, match="not migrated"):
        async with SqlUnitOfWork(engine) as unit:
            await unit.customers.get(1)
    await engine.dispose()


async def test_other_errors_pass_through_the_unit_unchanged(database_url: str) -> None:
    engine = open_engine(database_url)
    with pytest.raises(ZeroDivisionError):
        async with SqlUnitOfWork(engine):
            _ = 1 / 0
    await engine.dispose()


def test_what_is_no_database_error_is_left_alone() -> None:
    with pytest.raises(KeyError), store_errors():
        raise KeyError("other")
