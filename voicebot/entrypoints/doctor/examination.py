"""All checks in the order in which a newcomer meets their subjects."""

from collections.abc import Mapping

from voicebot import bootstrap
from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.doctor.call_checks import (
    check_crm,
    check_gateway,
    check_model,
    check_ports,
    check_telephone,
    check_voice,
    mail_checks,
    trunk_checks,
)
from voicebot.entrypoints.doctor.caller_checks import caller_checks
from voicebot.entrypoints.doctor.findings import Check
from voicebot.entrypoints.doctor.setup_checks import (
    check_disk,
    check_settings,
    check_store,
    file_checks,
    usable_settings,
)


def all_checks(environment: Mapping[str, str]) -> list[Check]:
    """Everything there is to look at with these variables."""
    settings, wrong = usable_settings(environment)
    return [
        check_settings(settings, wrong, environment),
        check_store(settings),
        *file_checks(settings),
        check_model(settings),
        check_voice(settings),
        check_telephone(settings),
        *trunk_checks(settings, _dialplan(settings)),
        *caller_checks(settings, _dialplan(settings)),
        check_ports(settings),
        check_gateway(settings),
        check_crm(settings),
        *mail_checks(settings),
        check_disk(settings),
    ]


def _dialplan(settings: Settings) -> Dialplan | None:
    try:
        return bootstrap.load_dialplan(settings)
    except BadInput:
        return None
