"""The composition root: with `bootstrap_jobs` the only module that names concrete adapters.

Every function builds one thing from the settings and is a context manager where the thing must be closed. Imports of
heavy libraries stay inside the functions: a command that needs no telephone does not load one.
"""

import asyncio
import functools
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicebot.adapters.local_ports import require_free_port
from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.documents import DocumentReader
from voicebot.application.ports.speech import PromptLibrary, SpeechRecogniser
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.ports.wake import Doorbell
from voicebot.application.record_outcome import OutcomeRules
from voicebot.application.station import Station
from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.errors import BadInput, ConfigurationError, Problem, StoreError, TelephonyError
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.script import Script

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from voicebot.adapters.embedded_postgres import EmbeddedPostgres
    from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
    from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser

log = logging.getLogger(__name__)

PRELOAD_VARIABLE = "VOICEBOT_PRELOAD_MODEL"
"""Environment variable that tells the fork server which model to load (see `adapters.vosk_preload`)."""
_REGISTRATION_S = 5.0
"""A registrar that answers at all answers within this, seconds."""
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


def build_doorbell(settings: Settings) -> Doorbell:
    """What wakes idle lines; the settings must name the database."""
    from voicebot.adapters.postgres_listener import PostgresDoorbell

    return PostgresDoorbell(settings.database_url)


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


async def dialplan_in_force(settings: Settings) -> Dialplan:
    """The dialplan this machine dials by, as saved at the desk or in its file; opens the store for it."""
    async with open_store(settings) as store:
        return await documents_in_force(settings, store.open_unit, actor="command").dialplan()


@asynccontextmanager
async def open_recogniser(settings: Settings) -> AsyncIterator[SpeechRecogniser]:
    """The ears of a process; raises BadInput for a model folder that is none."""
    from voicebot.adapters.vosk_recogniser import VoskRecogniser, load_model

    recogniser = VoskRecogniser(await asyncio.to_thread(load_model, settings.model))
    try:
        yield recogniser
    finally:
        await asyncio.to_thread(recogniser.close)


@asynccontextmanager
async def open_library(settings: Settings) -> AsyncIterator[PromptLibrary]:
    """The voice of a process: recordings of a person, else synthesis through a cache."""
    from voicebot.adapters.prompt_library import DiskPromptLibrary

    async with open_synthesiser(settings) as synthesiser:
        yield DiskPromptLibrary(synthesiser, cache=settings.home / "prompts", recordings=settings.prompts)


@asynccontextmanager
async def open_synthesiser(settings: Settings) -> "AsyncIterator[Pyttsx3Synthesiser]":
    """The synthetic voice alone."""
    from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser

    synthesiser = Pyttsx3Synthesiser(settings.voice, rate=settings.voice_rate)
    try:
        yield synthesiser
    finally:
        await synthesiser.close()


@asynccontextmanager
async def open_telephone(settings: Settings, dialplan: Dialplan, *, line: int = 0) -> "AsyncIterator[Pjsua2Telephone]":
    """The telephone of a process; `line` is the number of the process: each takes a SIP port of its own."""
    from voicebot.adapters.pjsua2_endpoint import SipSettings
    from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone

    port = settings.sip_port + line if settings.sip_port else 0
    require_free_port("", port, "udp", setting="VOICEBOT_SIP_PORT")
    async with Pjsua2Telephone(dialplan.trunks, SipSettings(port=port)) as telephone:
        yield telephone


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


@asynccontextmanager
async def open_station(settings: Settings, *, line: int = 0) -> AsyncIterator[Station]:
    """Everything the lines of one process work with; raises BadInput for whatever in the settings' files is wrong."""
    from voicebot.adapters.outcome_spool import FileOutcomeSpool
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.adapters.webrtcvad_detector import WebrtcVoiceDetector

    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(open_store(settings))
        documents = documents_in_force(settings, store.open_unit, actor="line")
        now = await documents.look()
        rules = load_outcome_rules(settings, now.dialplan)
        recogniser = await opened.enter_async_context(open_recogniser(settings))
        library = await opened.enter_async_context(open_library(settings))
        telephone = await opened.enter_async_context(open_telephone(settings, now.dialplan, line=line))
        documents.opened(now.dialplan)
        await _require_accounts(telephone)
        yield Station(
            open_unit=store.open_unit,
            telephone=telephone,
            recogniser=recogniser,
            new_detector=WebrtcVoiceDetector,
            library=library,
            understanding=now.understanding,
            clock=SystemClock(),
            dialplan=now.dialplan,
            scripts=now.scripts,
            rules=rules,
            company=settings.company,
            recordings=settings.recordings,
            spool=FileOutcomeSpool(settings.home / "spool"),
            documents=documents,
        )


async def _require_accounts(telephone: "Pjsua2Telephone") -> None:
    """Raises ConfigurationError for an account a registrar refuses; one that is silent is asked again and again."""
    try:
        await telephone.require_registration(timeout_s=_REGISTRATION_S)
    except ConfigurationError:
        raise
    except TelephonyError as error:
        log.warning("%s; it is asked again every half a minute", error, extra={"action": "registration_missing"})


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
