"""What stands before the first call: customers, personas, dialplan, a released campaign."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Final

import yaml

from voicebot.adapters.local_ports import free_udp_ports
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.release_campaign import add_leads, change_campaign, create_campaign, release_campaign
from voicebot.application.sample.crm import generate_sample
from voicebot.application.sample.load import load_sample
from voicebot.application.select_customers import select_customers
from voicebot.config import Settings
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignKind, NewCampaign
from voicebot.domain.errors import BadInput, Problem, VoicebotError
from voicebot.domain.phone import Phone
from voicebot.domain.segment import Segment, SelectionRules, Silent
from voicebot.rehearsal.hall import RehearsalHall
from voicebot.rehearsal.persona import Answers, Persona, RingsOut, Role

RELEASED_BY: Final = "Демонстрация"
"""The demo user who answers for the list."""
DIALPLAN: Final = "demo"
MANAGER: Final = Phone("+74950000001")
"""Where customers are transferred to; a rehearsal callee answers it."""
_CALLER_ID: Final = "+74951234567"
_RING_TIMEOUT_S: Final = 10
_SPARE: Final = 1.3
"""Part of the sample is the control group, which is not called: more people are drawn than personas play."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsed:
    """One customer of the demo and the persona that answers for them."""

    customer_id: int
    phone: Phone
    persona: Persona

    @property
    def rings_back(self) -> bool:
        """Whether the call that counts is theirs to us."""
        return self.persona.rings_back_after_ms is not None


def customers_among(personas: Iterable[Persona], *, only: Collection[str] = ()) -> list[Persona]:
    """The personas that are called, those that take long first: no line is left alone with one at the end.

    `only` names those that take part, empty for all; raises BadInput for a name nobody has.
    """
    callers = {persona.name: persona for persona in personas if persona.role is Role.CUSTOMER}
    unknown = [name for name in only if name not in callers]
    if unknown:
        known = ", ".join(sorted(callers))
        raise BadInput(
            Problem(source="--persona", where="", message=f"nobody is called '{name}'", repair=f"use one of {known}")
            for name in unknown
        )
    chosen = [callers[name] for name in only] if only else list(callers.values())
    return sorted(chosen, key=lambda persona: (-_length(persona), persona.name))


def _length(persona: Persona) -> int:
    """A rough measure of how long a call with the persona lasts."""
    if isinstance(persona.line, RingsOut):
        return 4
    talks = isinstance(persona.line, Answers) or persona.rings_back_after_ms is not None
    return len(persona.script) + 1 if talks else 0


async def invite_customers(
    open_unit: OpenUnit, clock: Clock, *, personas: Sequence[Persona], count: int, seed: int
) -> list[Rehearsed]:
    """Fill the CRM with a sample, select the lapsed out of it and give each of the first `count` a persona."""
    sample = generate_sample(customers=ceil(count * _SPARE) + 5, seed=seed, now=clock.now(), only_lapsed=True)
    await load_sample(sample, open_unit=open_unit, clock=clock)
    segment = Segment(name="silent", rule=Silent())
    selected = await select_customers(segment, SelectionRules(), open_unit=open_unit, clock=clock)
    if len(selected) < count:
        raise VoicebotError(f"the sample with seed {seed} holds {len(selected)} customers to call, not {count}")
    invited = []
    async with open_unit() as unit:
        for number, customer_id in enumerate(selected[:count]):
            phone = (await unit.customers.get(customer_id)).dialable
            assert phone is not None  # the selection leaves out who has none
            persona = personas[number % len(personas)]
            invited.append(Rehearsed(customer_id=customer_id, phone=phone, persona=persona))
    return invited


def write_dialplan(file: Path, hall: RehearsalHall, invited: Iterable[Rehearsed]) -> None:
    """A dialplan that leads every number to the callee process where its persona answers."""
    trunks: dict[str, dict[str, object]] = {}
    routes = []
    for one in invited:
        host, port = hall.address_of(one.phone)
        name = f"rehearsal-{port}"
        trunks[name] = _trunk(host, port)
        routes.append({"match": one.phone.e164, "trunks": [name]})
    plan: Mapping[str, object] = {
        "trunks": trunks,
        "routes": routes,
        "hours": "around_the_clock",
        "holidays": "call",
        "longest_call_s": 120,
        "transfer": {"manager": hall.uri_for(MANAGER)},
    }
    file.write_text(yaml.safe_dump(dict(plan), allow_unicode=True, sort_keys=False), encoding="utf-8")


def _trunk(host: str, port: int) -> dict[str, object]:
    return {
        "host": host,
        "port": port,
        "lines": 4,
        "calls_per_second": 50,
        "ring_timeout_s": _RING_TIMEOUT_S,
        "caller_ids": [_CALLER_ID],
        "label": {"contract": "rehearsal", "name": "Пример", "category": "реклама"},
    }


async def release_demo(open_unit: OpenUnit, clock: Clock, invited: Iterable[Rehearsed]) -> Campaign:
    """The campaign with its leads, released by the demo user: from here on lines dial."""
    wanted = NewCampaign(
        name=f"Демонстрация {clock.now():%Y-%m-%d %H:%M:%S}",
        kind=CampaignKind.ADVERTISING,
        script="winback",
        dialplan=DIALPLAN,
    )
    campaign = await create_campaign(open_unit, wanted, by=RELEASED_BY, now=clock.now())
    await add_leads(open_unit, campaign.id, [one.customer_id for one in invited], by=RELEASED_BY, now=clock.now())
    await change_campaign(open_unit, campaign.id, CampaignEvent.SUBMIT, by=RELEASED_BY, now=clock.now())
    return await release_campaign(open_unit, campaign.id, by=RELEASED_BY, now=clock.now())


def demo_settings(settings: Settings, folder: Path, *, lines: int) -> Settings:
    """Everything of the demo stays in its folder; nothing leaves the machine. Customers ring back at the first port."""
    return replace(
        settings,
        home=folder,
        database_url="",
        dialplan=folder / f"{DIALPLAN}.yaml",
        recordings=folder / "recordings",
        lines=lines,
        sip_port=free_udp_ports(ceil(lines / settings.lines_per_process)),
        grace_seconds=20.0,
        sms_gateway="file",
        sms_file=folder / "sms.jsonl",
    )
