"""The composition root: with `bootstrap_line` and `bootstrap_jobs` the only module that names concrete adapters.

Every function builds one thing from the settings and is a context manager where the thing must be closed. Imports of
heavy libraries stay inside the functions: a command that needs no telephone does not load one.
"""

import asyncio
import functools
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicebot.application.documents_in_force import DocumentsInForce, InForce
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.documents import DocumentReader
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.record_outcome import OutcomeRules
from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.errors import BadInput, ConfigurationError, Problem, StoreError
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.script import Script

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from voicebot.adapters.embedded_postgres import EmbeddedPostgres

log = logging.getLogger(__name__)

PRELOAD_VARIABLE = "VOICEBOT_PRELOAD_MODEL"
"""Environment variable that tells the fork server which model to load (see `adapters.vosk_preload`)."""
_REVIVE_S = 2.0
"""How often the embedded database is looked at, seconds."""
CONNECTIONS = 5
"""Database connections of one process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """The database of this process."""

    url: str
    """Where it is: children are given this, so that they need not start a server."""
    engine: "AsyncEngine"
    open_unit: OpenUnit
    open_desk: OpenDeskUnit
    """The same with what only the desk needs."""

    async def check(self) -> str:
        """One line about the server; raises StoreError while it is away."""
        from voicebot.adapters.store.engine import check_database

        return await check_database(self.engine)


@asynccontextmanager
async def database_running(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with the URL of a migrated database; starts the embedded server when they name none."""
    from voicebot.adapters.embedded_postgres import EmbeddedPostgres
    from voicebot.adapters.store.engine import parse_url
    from voicebot.adapters.store.migrate import migrate

    embedded = None if settings.database_url else EmbeddedPostgres(settings.home / "postgres")
    try:
        if embedded is not None:
            await asyncio.to_thread(embedded.start)
            settings = replace(settings, database_url=await asyncio.to_thread(embedded.url))
        try:
            await asyncio.to_thread(migrate, settings.database_url)
        except StoreError as error:
            if embedded is not None:
                raise
            url = parse_url(settings.database_url)
            where = f"{url.host or ''}:{url.port or 5432}/{url.database}"  # never user or password
            raise ConfigurationError.one("VOICEBOT_DATABASE_URL", str(error), where=where) from error
        async with _kept_alive(embedded):
            yield settings
    finally:
        if embedded is not None:
            await asyncio.to_thread(embedded.stop)


@asynccontextmanager
async def _kept_alive(embedded: "EmbeddedPostgres | None") -> AsyncIterator[None]:
    """Start an embedded server again that dies while the block runs."""

    async def keep(server: "EmbeddedPostgres") -> None:
        while True:
            await asyncio.sleep(_REVIVE_S)
            try:
                if await asyncio.to_thread(server.revive):
                    log.warning("the embedded database had died; it runs again", extra={"action": "database_revived"})
            except StoreError as error:
                log.error("%s", error, extra={"action": "database_dead"})

    keeping = None if embedded is None else asyncio.create_task(keep(embedded), name="embedded database")
    try:
        yield
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.wait({keeping})


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """A pool of connections to the database of the settings, started and migrated if need be."""
    from voicebot.adapters.store.desk_unit import SqlDeskUnit
    from voicebot.adapters.store.engine import open_engine
    from voicebot.adapters.store.unit_of_work import SqlUnitOfWork

    async with database_running(settings) as running:
        engine = open_engine(running.database_url, connections=CONNECTIONS)
        try:
            open_unit = functools.partial(SqlUnitOfWork, engine, crm_wanted=settings.crm != "none")
            open_desk = functools.partial(SqlDeskUnit, engine, crm_wanted=settings.crm != "none")
            yield Store(url=running.database_url, engine=engine, open_unit=open_unit, open_desk=open_desk)
        finally:
            await engine.dispose()


def load_scripts(settings: Settings) -> dict[str, Script]:
    """All conversation scripts by name; raises BadInput with every problem of all of them."""
    from voicebot.adapters import yaml_scripts

    return yaml_scripts.load_scripts(settings.scripts)


def load_dialplan(settings: Settings) -> Dialplan:
    """The dialplan of the settings; raises BadInput with every problem."""
    from voicebot.adapters import yaml_dialplans

    return yaml_dialplans.load_dialplan(settings.dialplan)


def load_understanding(settings: Settings) -> LanguageUnderstanding:
    """The phrase books; raises BadInput with every problem."""
    from voicebot.adapters.russian_understanding import load_understanding as load

    return load(settings.scripts / "phrases")


def build_reader(settings: Settings) -> DocumentReader:
    """What reads scripts, phrase books and dialplans: saved ones where there are any, else the files."""
    from voicebot.adapters.yaml_documents import YamlDocuments

    return YamlDocuments(scripts=settings.scripts, dialplan=settings.dialplan)


def documents_in_force(settings: Settings, open_unit: OpenUnit, *, actor: str) -> DocumentsInForce:
    """The newest versions that are in order; `actor`: who is said to have refused one."""
    from voicebot.adapters.system_clock import SystemClock

    return DocumentsInForce(
        open_unit, build_reader(settings), dialplan=settings.dialplan.stem, now=SystemClock().now, actor=actor
    )


async def everything_in_force(settings: Settings) -> InForce:
    """What the lines of this machine go by just now; opens the store for it."""
    async with open_store(settings) as store:
        return await documents_in_force(settings, store.open_unit, actor="command").look()


async def dialplan_in_force(settings: Settings) -> Dialplan:
    """The dialplan this machine dials by, as saved at the desk or in its file; opens the store for it."""
    async with open_store(settings) as store:
        return await documents_in_force(settings, store.open_unit, actor="command").dialplan()


def load_outcome_rules(settings: Settings, dialplan: Dialplan) -> OutcomeRules:
    """What recording an outcome needs; raises BadInput with every problem of the message templates."""
    return OutcomeRules(
        policy=replace(dialplan.contact, sms_price=settings.sms_price),
        templates=load_templates(settings),
        sender=Sender(company=settings.company, rules_url=settings.rules_url),
        draw=secrets.randbelow,
    )


def load_templates(settings: Settings) -> Mapping[str, MessageTemplate]:
    """The message templates by name; raises BadInput with every problem."""
    from voicebot.adapters.yaml_messages import load_messages

    return load_messages(settings.scripts / "messages.yaml")


def check_files(settings: Settings) -> None:
    """Read every file the settings name and check the model's folder; raises BadInput with all problems at once."""
    from voicebot.adapters.prompt_library import check_recordings
    from voicebot.adapters.vosk_models import check_model

    problems: list[Problem] = []
    checks: tuple[Callable[[], object], ...] = (
        lambda: load_outcome_rules(settings, load_dialplan(settings)),
        lambda: load_scripts(settings),
        lambda: load_understanding(settings),
        lambda: check_recordings(settings.prompts),
        lambda: check_model(settings.model),
    )
    for check in checks:
        try:
            check()
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
