"""Customers in a real database and telephones on loopback that answer for them."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.application.campaigns.shop import Shop
from voicebot.application.release_campaign import prepare_campaign, release_campaign
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import Phone
from voicebot.rehearsal.hall import RehearsalHall
from voicebot.rehearsal.persona import Answers, Expectation, HangUp, Persona, Press, Refuses, WaitBot

_EXPECT = Expectation(group=Group.NEUTRAL, disposition=Disposition.DECLINED)
STOPS = Persona(
    name="stops",
    description="нажимает девятку: больше не звонить",
    line=Answers(after_ms=100),
    script=(Press(digit="9", reaction_ms=1500), WaitBot()),
    expect=_EXPECT,
)
BUSY = Persona(name="busy", description="занято", line=Refuses(sip_code=486), expect=_EXPECT)
LISTENS = Persona(
    name="listens",
    description="слушает и кладёт трубку",
    line=Answers(after_ms=100),
    script=(HangUp(utterance=1, after_ms=3000),),
    expect=_EXPECT,
)


@asynccontextmanager
async def telephones(cast: Mapping[str, Persona], folder: Path) -> AsyncIterator[tuple[RehearsalHall, Path]]:
    """Everybody of `cast` at home, and the dialplan that leads there."""
    people = {Phone(number): persona for number, persona in cast.items()}
    async with RehearsalHall(people, folder=folder / "callees", cache=folder / "prompts") as hall:
        plan = folder / "street.yaml"
        plan.write_text(yaml.safe_dump(_plan(hall, people), allow_unicode=True), encoding="utf-8")
        yield hall, plan


def _plan(hall: RehearsalHall, people: Mapping[Phone, Persona]) -> dict[str, Any]:
    trunks, routes = {}, []
    for phone in people:
        host, port = hall.address_of(phone)
        trunks[f"street-{port}"] = {
            "host": host,
            "port": port,
            "caller_ids": ["+74951234567"],
            "calls_per_second": 50,
            "label": {"contract": "rehearsal", "name": "Пример", "category": "реклама"},
        }
        routes.append({"match": phone.e164, "trunks": [f"street-{port}"]})
    return {"trunks": trunks, "routes": routes, "hours": "around_the_clock", "holidays": "call"}


async def released(shop: Shop, customer_ids: Iterable[int]) -> None:
    """A released campaign whose leads are due now."""
    now = datetime.now(UTC)
    wanted = NewCampaign(name="Осень", kind=CampaignKind.ADVERTISING, script="winback", dialplan="street")
    campaign, _ = await prepare_campaign(shop.open_unit, wanted, customer_ids, by="Анна", now=now)
    await release_campaign(shop.open_unit, campaign.id, by="Анна Смирнова", now=now)


async def resident(shop: Shop, phone: str, **rest: Any) -> str:
    """External id of a new customer with that number."""
    customer_id = await shop.customer(phones=(phone,), **rest)
    return str(await shop.value(f"select external_id from customers where id = {customer_id}"))
