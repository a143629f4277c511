"""The composition root of a line process: ears, voice, telephone and what its lines work with."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from voicebot.adapters.local_ports import require_free_port
from voicebot.application.ports.speech import PromptLibrary, SpeechRecogniser
from voicebot.application.ports.wake import Doorbell
from voicebot.application.station import Station
from voicebot.bootstrap import documents_in_force, load_outcome_rules, open_store
from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.errors import ConfigurationError, TelephonyError

if TYPE_CHECKING:
    from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
    from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser

log = logging.getLogger(__name__)

_REGISTRATION_S: Final = 5.0
"""A registrar that answers at all answers within this, seconds."""


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


def build_doorbell(settings: Settings) -> Doorbell:
    """What wakes idle lines; the settings must name the database."""
    from voicebot.adapters.postgres_listener import PostgresDoorbell

    return PostgresDoorbell(settings.database_url)


async def _require_accounts(telephone: "Pjsua2Telephone") -> None:
    """Raises ConfigurationError for an account a registrar refuses; one that is silent is asked again and again."""
    try:
        await telephone.require_registration(timeout_s=_REGISTRATION_S)
    except ConfigurationError:
        raise
    except TelephonyError as error:
        log.warning("%s; it is asked again every half a minute", error, extra={"action": "registration_missing"})
