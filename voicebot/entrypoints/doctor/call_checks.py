"""What a call needs: ears, voice, telephone, trunks, ports, the SMS gateway and the CRM."""

import math
import time
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import aiohttp

from voicebot import bootstrap_jobs, bootstrap_line
from voicebot.adapters.local_ports import require_free_port
from voicebot.adapters.pjsua2_endpoint import is_loopback
from voicebot.adapters.sip_options import ask_options
from voicebot.config import Settings
from voicebot.domain.audio import Audio
from voicebot.domain.dialplan import Dialplan, Trunk
from voicebot.domain.errors import ConfigurationError, GatewayError, TelephonyError, VoicebotError
from voicebot.entrypoints.doctor.findings import Check, Finding, failure, fine, warning

_WORD: Final = "здравствуйте"
_REGISTRATION_S: Final = 6.0
_OPTIONS_S: Final = 2.0
_HEALTH_S: Final = 2.0


def check_model(settings: Settings) -> Check:
    """Whether the ears open."""

    async def look() -> list[Finding]:
        began = time.monotonic()
        async with bootstrap_line.open_recogniser(settings) as recogniser:
            recogniser.open().close()
        return [fine("speech model", f"{settings.model.name} loads in {time.monotonic() - began:.1f} s")]

    return Check(name="speech model", look=look, timeout_s=90.0)


def check_voice(settings: Settings) -> Check:
    """Whether the voice says a word."""

    async def look() -> list[Finding]:
        async with bootstrap_line.open_synthesiser(settings) as synthesiser:
            audio = await synthesiser.synthesise(_WORD)
        said = f"'{settings.voice}' says «{_WORD}» in {len(audio.samples) / audio.format.bytes_per_second:.1f} s"
        heard = await _hear(settings, audio)
        if heard not in (_WORD, None):
            repair = "set VOICEBOT_VOICE to a Russian voice, `ru` for one"
            return [warning("voice", f"{said}, and the speech model hears «{heard}»", repair)]
        return [fine("voice", said)]

    return Check(name="voice", look=look, timeout_s=30.0)


async def _hear(settings: Settings, audio: Audio) -> str | None:
    """What the ears make of it; None when they do not open, which is another check's finding."""
    try:
        async with bootstrap_line.open_recogniser(settings) as recogniser:
            recognition = recogniser.open()
            recognition.feed(audio.samples)
            heard = await recognition.finish()
            recognition.close()
    except VoicebotError:
        return None
    return heard.text


def check_telephone(settings: Settings) -> Check:
    """Whether SIP can be spoken at all."""

    async def look() -> list[Finding]:
        async with bootstrap_line.open_telephone(_on_any_port(settings), _only()) as telephone:
            host, port = telephone.address()
        return [fine("telephone", f"speaks SIP, from {host}:{port} for instance")]

    return Check(name="telephone", look=look)


def trunk_checks(settings: Settings, dialplan: Dialplan | None) -> list[Check]:
    """How every trunk stands: registered, or answering."""
    if dialplan is None:
        return []  # the dialplan's own check says why
    return [
        _registering(settings, trunk) if trunk.registers else _answering(settings, trunk) for trunk in dialplan.trunks
    ]


def _registering(settings: Settings, trunk: Trunk) -> Check:
    async def look() -> list[Finding]:
        async with bootstrap_line.open_telephone(_on_any_port(settings), _only(trunk)) as telephone:
            await telephone.require_registration(timeout_s=_REGISTRATION_S)
        return [_with_label(trunk, f"registers at {trunk.host}:{trunk.port} as {trunk.username}", settings)]

    return Check(name=_name(trunk), look=look)


def _answering(settings: Settings, trunk: Trunk) -> Check:
    async def look() -> list[Finding]:
        try:
            status = await ask_options(trunk, timeout_s=_OPTIONS_S)
        except TelephonyError as error:
            # Some carriers answer nobody but their customers' calls: silence proves nothing.
            host = "your carrier's host" if is_loopback(trunk.host) else "the right host, port and transport"
            return [warning(_name(trunk), f"{error}: calls would fail", f"write {host} into {settings.dialplan}")]
        return [_with_label(trunk, f"{trunk.host}:{trunk.port} answers {status}", settings)]

    return Check(name=_name(trunk), look=look)


def _with_label(trunk: Trunk, found: str, settings: Settings) -> Finding:
    if trunk.label is not None:
        return fine(_name(trunk), found)
    return warning(
        _name(trunk),
        f"{found}; no contract and label of mass calls, so no advertising campaign may use it (126-FZ art. 44.1)",
        f"add `label:` in {settings.dialplan}",
    )


def _name(trunk: Trunk) -> str:
    return f"trunk {trunk.name}"


def _only(*trunks: Trunk) -> Dialplan:
    return Dialplan(name="doctor", trunks=trunks, routes=())


def _on_any_port(settings: Settings) -> Settings:
    """Beside a running `voicebot run` the ports of the settings are taken, and rightly so."""
    return replace(settings, sip_port=0)


def check_ports(settings: Settings) -> Check:
    """Whether the ports of the settings are free, or held by a running voicebot."""

    async def look() -> list[Finding]:
        running = await _voicebot_answers(settings)
        findings = []
        try:
            require_free_port(settings.web_host, settings.web_port, "tcp", setting="VOICEBOT_WEB_PORT")
            findings.append(fine("web port", f"{settings.web_host}:{settings.web_port} is free"))
        except ConfigurationError as error:
            here = f"http://{settings.web_host}:{settings.web_port}/"
            findings.append(fine("web port", f"voicebot runs at {here}") if running else failure("web port", error))
        return [*findings, _sip_ports(settings, running=running)]

    return Check(name="ports", look=look)


def _sip_ports(settings: Settings, *, running: bool) -> Finding:
    name = "SIP and RTP ports"
    if settings.sip_port == 0:
        return fine(name, "the system chooses them")
    count = max(1, math.ceil(settings.lines / settings.lines_per_process))
    ports = range(settings.sip_port, settings.sip_port + count)
    try:
        for port in ports:
            require_free_port("", port, "udp", setting="VOICEBOT_SIP_PORT")
    except ConfigurationError as error:
        held = fine(name, f"SIP from {ports[0]} on is held, by the running voicebot as it seems")
        return held if running else failure(name, error)
    return fine(name, f"SIP {ports[0]}-{ports[-1]} are free, RTP is chosen by the system")


async def _voicebot_answers(settings: Settings) -> bool:
    timeout = aiohttp.ClientTimeout(total=_HEALTH_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{settings.web_host}:{settings.web_port}/healthz") as reply,
        ):
            return reply.status == HTTPStatus.OK and (await reply.json()).get("status") == "ok"
    except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
        return False  # nobody, or somebody else


def check_gateway(settings: Settings) -> Check:
    """Whether the SMS gateway takes us."""

    async def look() -> list[Finding]:
        gateway = bootstrap_jobs.build_gateway(settings)
        try:
            found = await gateway.check()
        except GatewayError as error:
            if error.retryable:
                raise
            raise ConfigurationError.one("VOICEBOT_SMS_GATEWAY", str(error)) from error
        finally:
            await gateway.close()
        return [fine("SMS gateway", found)]

    return Check(name="SMS gateway", look=look)


def check_crm(settings: Settings) -> Check:
    """Whether the CRM can be told what comes of calls, and may tell us."""

    async def look() -> list[Finding]:
        crm = bootstrap_jobs.build_crm(settings)
        try:
            found = await crm.check()
        except GatewayError as error:
            if error.retryable:
                raise
            raise ConfigurationError.one("VOICEBOT_CRM", str(error)) from error
        finally:
            await crm.close()
        api = "its API is open" if settings.api_token else "its API is closed until VOICEBOT_API_TOKEN is set"
        return [fine("CRM", f"{found}; {api}")]

    return Check(name="CRM", look=look)


def mail_checks(settings: Settings) -> list[Check]:
    """Whether the mail server takes us, where the settings name one."""

    async def look() -> list[Finding]:
        return [fine("mail server", await bootstrap_jobs.build_mailer(settings).check())]

    return [Check(name="mail server", look=look, timeout_s=60.0)] if settings.smtp_host else []
