"""The audit log is one chain, whoever writes it, and the database refuses a second one."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.migrate import migrate
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.ports.audit import AuditFilter
from voicebot.application.verify_audit import verify_audit
from voicebot.domain.audit import GENESIS, entry_hash
from voicebot.domain.errors import StoreError
from voicebot.domain.phone import Phone

NOW = datetime(2026, 11, 24, 9, 0, 0, 123456, tzinfo=UTC)
AWKWARD = {
    "name": "Анна «Смирнова»",
    "figures": [1, 1.0, 0.1, 1e22, 1e-7, -0.0, True, None],
    "inner": {"b": 1, "a": {"z": "\u2028", "y": '"\\'}},
    "pair": (1, 2),
}


async def record(engine: AsyncEngine, *actions: str, **details: object) -> None:
    async with SqlUnitOfWork(engine) as unit:
        for action in actions:
            await unit.audit.record(at=NOW, actor="Анна", action=action, subject="test:1", details=details)
        await unit.commit()


async def test_every_kind_of_value_comes_back_as_it_was_hashed(engine: AsyncEngine) -> None:
    await record(engine, "first", **AWKWARD)
    elsewhere = timezone(timedelta(hours=7))
    async with SqlUnitOfWork(engine) as unit:
        await unit.audit.record(at=NOW.astimezone(elsewhere), actor="", action="second")
        await unit.commit()
    report = await verify_audit(partial(SqlUnitOfWork, engine))
    assert (report.intact, report.entries) == (True, 2)


def json_values() -> st.SearchStrategy[object]:
    letters = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | letters,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3),
        max_leaves=6,
    )


@given(st.lists(st.dictionaries(st.text("abя", max_size=3), json_values(), max_size=3), min_size=5, max_size=40))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_json_is_recorded_verifies(database_url: str, recorded: list[dict[str, object]]) -> None:
    """The database keeps numbers in another way than Python writes them: the hash must not depend on that."""

    async def main() -> None:
        engine = open_engine(database_url)
        async with SqlUnitOfWork(engine) as unit:
            for details in recorded:
                await unit.audit.record(at=NOW, actor="x", action="x", details=details)
            await unit.commit()
        async with SqlUnitOfWork(engine) as unit:
            written = await unit.audit.find(AuditFilter(limit=len(recorded)))
        await engine.dispose()
        for one, details in zip(reversed(written), recorded, strict=True):
            assert one.hash == entry_hash(one.prev_hash, one.entry), details

    asyncio.run(main())


async def test_entries_wait_for_the_commit_and_die_with_a_rollback(engine: AsyncEngine) -> None:
    async with SqlUnitOfWork(engine) as unit:
        await unit.audit.record(at=NOW, actor="x", action="forgotten")
        assert await unit.audit.after(0, limit=10) == ()
    await record(engine, "one", "two")
    async with SqlUnitOfWork(engine) as unit:
        one, two = await unit.audit.after(0, limit=10)
    assert (one.id, one.prev_hash, one.entry.action) == (1, GENESIS, "one")
    assert (two.id, two.prev_hash) == (2, one.hash)


async def test_many_entries_of_one_unit_keep_their_order(engine: AsyncEngine) -> None:
    names = [f"entry {number}" for number in range(2500)]
    await record(engine, *names)
    async with SqlUnitOfWork(engine) as unit:
        written = await unit.audit.after(0, limit=5000)
    assert [one.entry.action for one in written] == names


async def test_writers_at_once_make_one_chain(database_url: str) -> None:
    engine = open_engine(database_url, connections=8)

    async def write(writer: int) -> None:
        for number in range(15):
            await record(engine, *(f"{writer}.{number}",) * (1 + number % 3))

    async with asyncio.TaskGroup() as group:
        for writer in range(8):
            group.create_task(write(writer))
    report = await verify_audit(partial(SqlUnitOfWork, engine), batch=7)
    await engine.dispose()
    assert (report.intact, report.entries) == (True, 8 * 30)


async def test_a_writer_that_froze_before_its_commit_holds_nobody_up_for_long(engine: AsyncEngine) -> None:
    async with engine.connect() as frozen:
        await frozen.execute(text("select append_audit('[]')"))
        await frozen.execute(text("set local idle_in_transaction_session_timeout = '200ms'"))  # of 10 s
        await record(engine, "went on")
        with pytest.raises(DBAPIError):
            await frozen.commit()
        await frozen.invalidate()
    async with SqlUnitOfWork(engine) as unit:
        assert [one.entry.action for one in await unit.audit.after(0, limit=9)] == ["went on"]


async def test_an_entry_the_database_refuses_undoes_the_whole_unit(engine: AsyncEngine) -> None:
    await record(engine, "first")
    with pytest.raises(StoreError):
        async with SqlUnitOfWork(engine) as unit:
            await unit.stop_list.add_phone(Phone("+79160000001"), at=NOW, reason="", source="test")
            await unit.audit.record(at=NOW, actor="x", action="no letter: \0")
            await unit.commit()
    await record(engine, "second")
    async with SqlUnitOfWork(engine) as unit:
        assert await unit.stop_list.phone_since(Phone("+79160000001")) is None
        assert [one.entry.action for one in await unit.audit.after(0, limit=9)] == ["first", "second"]


@pytest.mark.parametrize(
    ("number", "prev_hash"),
    [
        (3, "the head's"),  # a gap
        (2, GENESIS),  # a second beginning
        (1, GENESIS),  # over the first
        (2, "f" * 64),  # out of nowhere
    ],
)
async def test_the_database_refuses_an_entry_that_does_not_follow_the_last(
    database_url: str, engine: AsyncEngine, number: int, prev_hash: str
) -> None:
    await record(engine, "first")
    with psycopg.connect(database_url, autocommit=True) as connection:
        (head,) = connection.execute("select hash from audit_log").fetchone() or ("",)
        values = (number, prev_hash if prev_hash != "the head's" else head, "1" * 64)
        insert = "insert into audit_log (id, actor, action, prev_hash, hash) values (%s, 'x', 'x', %s, %s)"
        with pytest.raises((psycopg.errors.RaiseException, psycopg.errors.UniqueViolation)):
            connection.execute(insert, values)


async def test_the_database_refuses_a_fork_even_of_two_who_do_not_see_each_other(
    database_url: str, engine: AsyncEngine
) -> None:
    """Two writers without our lock: the second one's trigger cannot see the first one's row, the unique index does."""
    await record(engine, "first")
    insert = (
        "insert into audit_log (id, actor, action, prev_hash, hash)"
        " select %s, 'x', 'x', max(hash), repeat('2', 64) from audit_log where id = 1"
    )
    with psycopg.connect(database_url) as one, psycopg.connect(database_url) as other:
        one.execute(insert, (2,))
        blocked = asyncio.get_running_loop().run_in_executor(None, other.execute, insert, (2,))
        await asyncio.sleep(0.1)
        one.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            await blocked


async def test_entries_of_before_the_chain_are_chained_by_the_migration(
    postgres: EmbeddedPostgres, worker_id: str
) -> None:
    url = postgres.url(f"unchained_{worker_id}")
    migrate(url, "0004")
    with psycopg.connect(url) as connection:
        for number in range(1200):
            connection.execute(
                "insert into audit_log (at, actor, action, details) values (%s, 'Анна', 'old', '{\"n\": 1.0}')",
                (NOW + timedelta(seconds=number),),
            )
            if number == 5:
                connection.execute("select nextval('audit_log_id_seq')")  # a number a rolled back transaction took
    migrate(url)
    engine = open_engine(url)
    await record(engine, "new")
    report = await verify_audit(partial(SqlUnitOfWork, engine))
    await engine.dispose()
    assert (report.intact, report.entries) == (True, 1201)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute("delete from audit_log")
