"""All checks in the order in which a newcomer meets their subjects."""

from collections.abc import Iterator, Mapping

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
from voicebot.entrypoints.doctor.saved_documents import Seen
from voicebot.entrypoints.doctor.setup_checks import (
    check_disk,
    check_settings,
    check_store,
    file_checks,
    usable_settings,
)


def all_checks(environment: Mapping[str, str]) -> Iterator[Check]:
    """Everything there is to look at with these variables.

    To be made one by one: those of the trunks go by the dialplan that the look into the database has seen.
    """
    settings, wrong = usable_settings(environment)
    seen = Seen()
    yield check_settings(settings, wrong, environment)
    yield check_store(settings, seen)
    yield from file_checks(settings)
    yield check_model(settings)
    yield check_voice(settings)
    yield check_telephone(settings)
    dialplan = seen.dialplan or _dialplan(settings)
    yield from trunk_checks(settings, dialplan)
    yield from caller_checks(settings, dialplan)
    yield check_ports(settings)
    yield check_gateway(settings)
    yield check_crm(settings)
    yield from mail_checks(settings)
    yield check_disk(settings)


def _dialplan(settings: Settings) -> Dialplan | None:
    try:
        return bootstrap.load_dialplan(settings)
    except BadInput:
        return None
