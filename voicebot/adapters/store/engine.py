"""The async engine, and database errors in our words."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from voicebot.domain.errors import ConfigurationError, StoreError

VARIABLE: Final = "VOICEBOT_DATABASE_URL"
DATABASE_ERRORS: Final = (SQLAlchemyError, psycopg.Error)
"""What `store_errors` translates."""
_DRIVER: Final = "postgresql+psycopg"
_IDLE_S: Final = 1.0
"""A connection used so short a while ago is taken for alive; if it is not, the caller is told to try again."""
_USED: Final = "voicebot_used"
_REPAIR: Final = "write postgresql://user:password@host:5432/database, or leave it empty for the embedded database"


def parse_url(written: str) -> URL:
    """The database URL with our driver.

    Raises ConfigurationError naming VOICEBOT_DATABASE_URL, without what is in it: it may hold a password.
    """
    try:
        url = make_url(written)
        scheme = url.drivername
    except (ArgumentError, ValueError):
        url, scheme = None, ""
    if url is None or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        what = f"'{scheme}://' is not PostgreSQL" if scheme else "not a database URL"
        raise ConfigurationError.one(VARIABLE, what, repair=_REPAIR)
    if not url.database:
        raise ConfigurationError.one(VARIABLE, "names no database", repair=_REPAIR)
    return url.set(drivername=_DRIVER)


def open_engine(url: str | URL, *, connections: int = 5) -> AsyncEngine:
    """A pool of at most `connections` connections; connects on first use, `dispose()` ends it."""
    parsed = parse_url(url) if isinstance(url, str) else url
    engine = create_async_engine(
        parsed,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # parameters are personal data
        connect_args={"connect_timeout": 10, "options": "-c timezone=UTC"},
    )
    _ping_the_idle(engine)
    return engine


def _ping_the_idle(engine: AsyncEngine) -> None:
    """Try a connection that has lain idle before it is used, as `pool_pre_ping` does with every one: a tenth of a
    claim's time went into pings of connections used a moment ago."""

    def lay_down(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_USED] = time.monotonic()

    def take_up(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get(_USED, math.inf) < _IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool brings a fresh one

    event.listen(engine.sync_engine, "checkin", lay_down)
    event.listen(engine.sync_engine, "checkout", take_up)


async def check_database(engine: AsyncEngine) -> str:
    """One line about the server for `voicebot doctor`; raises StoreError when it is away or refuses us."""
    with store_errors():
        async with engine.connect() as connection:
            version = await connection.scalar(text("show server_version"))
    return f"PostgreSQL {version}, database {engine.url.database}"


@contextmanager
def store_errors() -> Iterator[None]:
    """Turns the library's errors into StoreError; the place where that is done."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreError("all database connections of this process are taken", retryable=True) from error
    except DBAPIError as error:
        raise _translated(_state(error.orig)) from error
    except psycopg.Error as error:  # the driver's own, from a COPY
        raise _translated(_state(error)) from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database layer failed: {type(error).__name__}") from error


def _state(error: BaseException | None) -> str | None:
    """The SQLSTATE; libpq gives none for a refused connection, only the server's words."""
    state = getattr(error, "sqlstate", None)
    if state is not None or error is None:
        return state
    words = str(error)
    if "database" in words and "does not exist" in words:
        return "3D000"
    refused = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "role")
    return "28000" if "FATAL" in words and any(sign in words for sign in refused) else None


def _translated(state: str | None) -> StoreError:
    """Says what to do; never repeats the server's detail line, which quotes the row."""
    if state is None or state.startswith("08") or state in ("57P01", "57P02", "57P03"):
        return StoreError(
            f"the database does not answer: check that it runs, and {VARIABLE} if that is set", retryable=True
        )
    if state.startswith("28"):
        return StoreError(f"the database refuses our user or password: check {VARIABLE}")
    if state == "3D000":
        return StoreError(f"the database named in {VARIABLE} does not exist: create it first")
    if state == "42P01":
        return StoreError("a table is missing: the database was not migrated")
    if state in ("40001", "40P01", "55P03"):
        return StoreError("the database asks to try the transaction again", retryable=True)
    return StoreError(f"the database refused a statement (SQLSTATE {state})")
