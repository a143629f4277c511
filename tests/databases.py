"""One database a worker, emptied between tests: a copy of the template for each would cost a quarter of a second."""

from typing import Final

import psycopg
from psycopg import sql

from voicebot.adapters.embedded_postgres import EmbeddedPostgres

_SCHEMA: Final = """
    SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
        SELECT 'c' || oid || '.' || xmin FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT 't' || oid || '.' || xmin FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'p' || oid || '.' || xmin FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'k' || oid || '.' || xmin FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 's' || setrole || '.' || xmin FROM pg_db_role_setting
    ) AS parts (part)
"""
"""What a test may have changed besides rows."""
_END_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_RESTART: Final = """
    SELECT setval(format('%I', sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
"""


class WorkerDatabase:
    """The database of one test worker."""

    def __init__(self, server: EmbeddedPostgres, *, template: str, name: str) -> None:
        self._server = server
        self._template = template
        self._name = name
        self._copies = 0
        self._url = ""
        self._schema = ""
        self._filled = ""
        self._connection: psycopg.Connection | None = None

    def clean(self) -> str:
        """URL of the database, migrated and empty; nobody else is connected to it."""
        if self._connection is None or not self._emptied(self._connection):
            self._connection = self._copy()
        return self._url

    def close(self) -> None:
        """Leave the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _emptied(self, connection: psycopg.Connection) -> bool:
        """False when a test has changed more than rows, or has cut us off."""
        try:
            connection.execute(_END_OTHERS)
            if _schema_of(connection) != self._schema:
                return False
            with connection.transaction():
                connection.execute("SET LOCAL session_replication_role = replica")  # nobody else empties the audit log
                for (table,) in connection.execute(self._filled).fetchall():
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                connection.execute(_RESTART)
        except psycopg.OperationalError:
            return False
        return True

    def _copy(self) -> psycopg.Connection:
        self.close()
        former, self._copies = self._copies, self._copies + 1
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            if former:
                connection.execute(f"drop database {self._name}_{former} with (force)")
            connection.execute(f"create database {self._name}_{self._copies} template {self._template}")
        self._url = self._server.url(f"{self._name}_{self._copies}")
        connection = psycopg.connect(self._url, autocommit=True)
        self._schema = _schema_of(connection)
        filled = [
            f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")"
            for (table,) in connection.execute(_TABLES).fetchall()
        ]
        self._filled = " UNION ALL ".join(filled)
        return connection


def _schema_of(connection: psycopg.Connection) -> str:
    row = connection.execute(_SCHEMA).fetchone()
    assert row is not None
    return str(row[0])
