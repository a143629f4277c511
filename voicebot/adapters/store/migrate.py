"""Brings a database up to the tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.pool import NullPool

from voicebot.adapters.store.engine import parse_url, store_errors
from voicebot.domain.errors import StoreError

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x766F6963
"""Advisory lock under which one program migrates and the others wait ('voic')."""


def migrate(url: str | URL, revision: str = "head") -> None:
    """Run the missing migrations; blocking, so call it in a thread. Safe when several programs start at once.

    Raises ConfigurationError for a bad URL, StoreError when the database is away or refuses.
    """
    parsed = parse_url(url) if isinstance(url, str) else url
    engine = create_engine(parsed, poolclass=NullPool, hide_parameters=True, connect_args={"connect_timeout": 10})
    with store_errors(), engine.connect() as connection:
        if revision == "head" and _is_current(connection):
            return
        connection.commit()
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.commit()
        try:
            command.upgrade(_configuration(connection), revision)
        except CommandError as error:
            raise StoreError("the database was made by a newer voicebot: upgrade this one") from error
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.commit()


def _is_current(connection: Connection) -> bool:
    heads = set(ScriptDirectory.from_config(_configuration(connection)).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration
