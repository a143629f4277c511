"""Where campaigns are put together: what they may name, and what they are checked against."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.desk.campaign_form import ReadForm, read_form, with_findings
from voicebot.application.desk.trial_calls import sample_words
from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.documents import DocumentReader
from voicebot.domain.campaign import CampaignKind, CampaignPlan
from voicebot.domain.campaign_checks import Surroundings, check_plan
from voicebot.domain.contact_hours import DEFAULT_HOURS, ContactHours
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.domain.errors import BadInput
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.script import Purpose, Script


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbench:
    """What it takes to put a campaign together."""

    open_unit: OpenDeskUnit
    reader: DocumentReader
    in_force: DocumentsInForce
    """What lines go by."""
    clock: Clock
    zone: ZoneInfo
    """The company's."""
    dialplan: str
    """Name of the one in the settings."""
    company: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """Everything there is to choose from, as it is now."""

    scripts: Mapping[str, Script]
    """Spoken to customers we ring, by name."""
    dialplans: Mapping[str, Dialplan | None]
    """By name; None for a file that is not in order."""
    dialplan: str
    """The one of the settings."""

    @property
    def hours(self) -> ContactHours:
        """When the dialplan of the settings calls."""
        plan = self.dialplans.get(self.dialplan)
        return plan.contact.hours if plan is not None else DEFAULT_HOURS


async def look_around(bench: Workbench) -> Around:
    """What the lines go by now; dialplans of other machines as they were saved or lie in their files."""
    async with bench.open_unit() as unit:
        saved = {version.document: version.text for version in await unit.documents.in_force()}
    around = await at_hand(bench)
    others = await asyncio.to_thread(_other_dialplans, bench.reader, saved, around.dialplan)
    return Around(scripts=around.scripts, dialplans={**others, **around.dialplans}, dialplan=around.dialplan)


async def at_hand(bench: Workbench) -> Around:
    """The same without the dialplans of other machines: enough to name things."""
    return Around(
        scripts=await bench.in_force.scripts(),
        dialplans={bench.dialplan: await bench.in_force.dialplan()},
        dialplan=bench.dialplan,
    )


def read_campaign(bench: Workbench, around: Around, fields: Mapping[str, str]) -> ReadForm:
    """The plan of the fields with everything wrong with it."""
    read = read_form(fields, scripts=around.scripts, dialplans=around.dialplans, dialplan=around.dialplan)
    return with_findings(_lawful(read, around), check_plan(read.plan, surroundings(bench, around, read.plan)))


def surroundings(bench: Workbench, around: Around, plan: CampaignPlan) -> Surroundings:
    """What the checks of the domain ask for."""
    return Surroundings(
        now=bench.clock.now(),
        zone=bench.zone,
        scripts=tuple(around.scripts),
        dialplan=around.dialplans.get(plan.dialplan),
    )


def words_of(bench: Workbench, offer: OfferPolicy) -> dict[str, str]:
    """What the bot would fill the script's variables with, for somebody made up."""
    return sample_words(offer, bench.company, bench.clock.now().astimezone(bench.zone))


def _lawful(read: ReadForm, around: Around) -> ReadForm:
    """No advertising in a campaign that says it is none (38-FZ)."""
    if read.plan.kind is not CampaignKind.SERVICE:
        return read
    unread = {one.field for one in read.wrong}  # something else stands in for what was written there
    spoken = [("script", read.plan.script)]
    spoken += [(f"variant_{n}_script", one.script) for n, one in enumerate(read.plan.variants, start=1)]
    wrong = [
        Wrong(field=field, code="script_advertising", facts={"script": name})
        for field, name in spoken
        if field not in unread and name in around.scripts and around.scripts[name].purpose is Purpose.ADVERTISING
    ]
    return ReadForm(plan=read.plan, wrong=(*read.wrong, *wrong))


def _other_dialplans(reader: DocumentReader, saved: Mapping[DocumentId, str], home: str) -> dict[str, Dialplan | None]:
    found: dict[str, Dialplan | None] = {}
    for document in reader.known(saved):
        if document.kind is DocumentKind.DIALPLAN and document.name != home:
            try:
                found[document.name] = reader.dialplan(document.name, saved)
            except BadInput:
                found[document.name] = None
    return found
