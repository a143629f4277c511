"""Campaigns as they are written down, in a file or in options, checked before they are made."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from voicebot.config import Settings
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.campaign_checks import Finding, Surroundings
from voicebot.domain.errors import BadInput, Problem

if TYPE_CHECKING:
    from voicebot.adapters.yaml_campaigns import CampaignFile
    from voicebot.application.ports.unit_of_work import OpenUnit

_OPTIONS: Final[Mapping[str, str]] = {"script": "--script", "dialplan": "VOICEBOT_DIALPLAN", "segment": "--segment"}
"""Where options say what a file says under a key."""


async def check_file(open_unit: "OpenUnit", settings: Settings, file: "CampaignFile") -> tuple[Problem, ...]:
    """The warnings about a file; raises BadInput with everything wrong, each with its line."""
    findings = await _findings(open_unit, settings, file.plan)
    file.refuse(findings)
    return tuple(file.complaint(one) for one in findings if not one.fatal)


async def check_options(open_unit: "OpenUnit", settings: Settings, plan: CampaignPlan) -> tuple[Problem, ...]:
    """The same for a plan put together out of options."""
    findings = await _findings(open_unit, settings, plan)
    fatal = [one for one in findings if one.fatal]
    if fatal:
        raise BadInput(_complaint(one) for one in fatal)
    return tuple(_complaint(one) for one in findings)


async def _findings(open_unit: "OpenUnit", settings: Settings, plan: CampaignPlan) -> tuple[Finding, ...]:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.check_campaign import check_campaign
    from voicebot.application.desk.documents import texts_in_force
    from voicebot.bootstrap import build_reader
    from voicebot.domain.document import DocumentId, DocumentKind

    reader = build_reader(settings)
    async with open_unit() as unit:
        saved = await texts_in_force(unit)
    named = DocumentId(kind=DocumentKind.DIALPLAN, name=plan.dialplan)
    there = plan.dialplan == settings.dialplan.stem or named in reader.known(saved)
    around = Surroundings(
        now=SystemClock().now(),
        zone=ZoneInfo(settings.time_zone),
        scripts=tuple(reader.scripts(saved)),
        dialplan=reader.dialplan(plan.dialplan, saved) if there else None,
    )
    return await check_campaign(open_unit, plan, around)


def _complaint(finding: Finding) -> Problem:
    source = _OPTIONS.get(finding.key, finding.key)
    return Problem(source=source, where="", message=finding.message, repair=finding.repair)


def refuse_other_options(given: Callable[[str], bool], names: Mapping[str, str]) -> None:
    """Raises BadInput naming every option that a file leaves no room for; `names`: parameter -> option."""
    said = [option for parameter, option in names.items() if given(parameter)]
    if said:
        repair = "write it into the file"
        raise BadInput(Problem(source=one, where="", message="--file says this itself", repair=repair) for one in said)
