"""Whether customers who ring back reach the bot."""

import asyncio
import math

from voicebot import bootstrap
from voicebot.adapters.pjsua2_endpoint import is_loopback
from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.errors import BadInput
from voicebot.domain.inbound import why_unanswered
from voicebot.entrypoints.doctor.findings import Check, Finding, fine, warning

_NAME = "callers"


def caller_checks(settings: Settings, dialplan: Dialplan | None) -> list[Check]:
    """What becomes of somebody who rings the caller ID."""
    if dialplan is None:
        return []  # the dialplan's own check says why

    async def look() -> list[Finding]:
        return [await asyncio.to_thread(_callers, settings, dialplan)]

    return [Check(name=_NAME, look=look)]


def _callers(settings: Settings, dialplan: Dialplan) -> Finding:
    if not dialplan.inbound.answer:
        return fine(_NAME, "customers who ring back are not answered, as the dialplan says")
    try:
        unanswered = why_unanswered(dialplan.inbound, bootstrap.load_scripts(settings))
    except BadInput:
        return fine(_NAME, "see the scripts")
    if unanswered:
        repair = f"copy inbound.yaml into {settings.scripts}, or write `inbound: {{answer: no}}` into the dialplan"
        return warning(_NAME, f"customers who ring back are not answered: {unanswered}", repair)
    registering = [trunk.name for trunk in dialplan.trunks if trunk.registers]
    if registering:
        return fine(_NAME, f"customers who ring back come over {', '.join(registering)}, wherever we listen")
    if settings.sip_port:
        count = max(1, math.ceil(settings.lines / settings.lines_per_process))
        ports = f"{settings.sip_port}-{settings.sip_port + count - 1}" if count > 1 else f"{settings.sip_port}"
        return fine(_NAME, f"customers who ring back are answered where your carrier sends them: SIP port {ports}")
    found = "customers who ring back reach nobody: no trunk registers, and our SIP port is a new one each time"
    if all(is_loopback(trunk.host) for trunk in dialplan.trunks):
        return fine(_NAME, found)  # no carrier yet
    return warning(_NAME, found, "set VOICEBOT_SIP_PORT and tell your carrier, or register")
