"""How soon after an event of the CRM the customer's telephone is asked to ring.

    python benchmarks/event_to_invite.py [--json] [--events 60] [--lines 4]

The processes of `voicebot run` (web, jobs, lines) on an embedded database. Events come one by one, at moments nobody
waits for, as `POST /api/events`; each names a customer who is on no list yet. Scripted callees in processes of their
own note when the INVITE reached them, over SIP on loopback, and are busy. The time runs from before the POST to that
INVITE: the event is written down, the lead put in front, an idle line woken, the lead claimed through the whole gate, a
line of the trunk taken, the first prompts made ready. Lines are idle when an event comes.
"""

import argparse
import asyncio
import json
import random
import secrets
import socket
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import aiohttp

from voicebot import bootstrap
from voicebot.adapters.system_clock import SystemClock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.release_campaign import change_campaign, create_campaign, release_campaign
from voicebot.config import Settings, read_settings
from voicebot.domain.campaign import CampaignEvent, CampaignKind, NewCampaign
from voicebot.domain.outcome import Disposition, Group
from voicebot.entrypoints.demo.stage import (
    DIALPLAN,
    MANAGER,
    Rehearsed,
    demo_settings,
    invite_customers,
    write_dialplan,
)
from voicebot.entrypoints.machine import run_machine
from voicebot.rehearsal.hall import RehearsalHall
from voicebot.rehearsal.persona import Expectation, Persona, Refuses
from voicebot.rehearsal.witness import read_witnesses

KIND = "abandoned_cart"
BUSY = Persona(
    name="busy",
    description="занято",
    line=Refuses(sip_code=486),
    expect=Expectation(group=Group.NONE, disposition=Disposition.BUSY),
)
READY_S = 180.0
"""What the processes may take to start, seconds."""
ARRIVES_S = 10.0
"""An INVITE that takes longer has not come."""


async def measure(folder: Path, events: int, lines: int) -> list[float]:
    """Milliseconds from the event to the INVITE, one for each event."""
    clock = SystemClock()
    settings = demo_settings(read_settings({}), folder, lines=lines)
    settings = replace(settings, web_port=_free_port(), api_token=secrets.token_urlsafe())
    async with bootstrap.open_store(settings) as store:
        settings = replace(settings, database_url=store.url)
        invited = await invite_customers(store.open_unit, clock, personas=[BUSY], count=events, seed=1)
        cast = {one.phone: one.persona for one in invited} | {MANAGER: BUSY}  # the demo's dialplan names one
        async with RehearsalHall(cast, folder=folder / "callees", cache=folder / "prompts") as hall:
            write_dialplan(settings.dialplan, hall, invited)
            await _start_campaign(store.open_unit, clock)
            async with _machine(settings), _crm(settings) as crm:
                await _until_ready(store.open_unit, crm, lines)
                sent = await _send(store.open_unit, crm, invited)
                await _until_arrived(folder / "callees", events)
            arrived = {one.called: datetime.fromisoformat(one.began_at) for one in read_witnesses(folder / "callees")}
    missing = [called for called in sent if called not in arrived]
    if missing:
        raise SystemExit(f"{len(missing)} of {events} events led to no INVITE within {ARRIVES_S:g} s")
    return [(arrived[called] - at).total_seconds() * 1000 for called, at in sent.items()]


async def _start_campaign(open_unit: OpenUnit, clock: SystemClock) -> None:
    """A campaign whose list is empty: only events fill it."""
    wanted = NewCampaign(
        name="Корзины",
        kind=CampaignKind.SERVICE,
        script="quality",
        dialplan=DIALPLAN,
        triggers=(KIND,),
        control_share=Decimal(0),
    )
    campaign = await create_campaign(open_unit, wanted, by="benchmark", now=clock.now())
    await change_campaign(open_unit, campaign.id, CampaignEvent.SUBMIT, by="benchmark", now=clock.now())
    await release_campaign(open_unit, campaign.id, by="benchmark", now=clock.now())


async def _until_ready(open_unit: OpenUnit, crm: aiohttp.ClientSession, lines: int) -> None:
    """The web answers and every line process has given its first sign of life."""
    async with asyncio.timeout(READY_S):
        while True:
            async with open_unit() as unit:
                alive = sum(process.lines for process in await unit.processes.all())
            try:
                async with crm.get("/readyz") as reply:
                    if reply.ok and alive >= lines:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.2)


async def _send(open_unit: OpenUnit, crm: aiohttp.ClientSession, invited: Sequence[Rehearsed]) -> dict[str, datetime]:
    """One event after another; when each was sent, by the customer's number."""
    sent = {}
    for number, one in enumerate(invited):
        async with open_unit() as unit:
            external_id = (await unit.customers.get(one.customer_id)).external_id
        await asyncio.sleep(random.uniform(0.3, 1.0))
        now = datetime.now(UTC)
        event = {"key": f"e-{number}", "customer": external_id, "kind": KIND, "at": now.isoformat()}
        sent[one.phone.e164] = datetime.now(UTC)
        async with crm.post("/api/events", json=event) as reply:
            if not reply.ok:
                raise SystemExit(f"the API answered {reply.status}: {await reply.text()}")
    return sent


async def _until_arrived(callees: Path, events: int) -> None:
    try:
        async with asyncio.timeout(ARRIVES_S):
            while len({one.called for one in await asyncio.to_thread(read_witnesses, callees)}) < events:  # noqa: ASYNC110  # a file
                await asyncio.sleep(0.1)
    except TimeoutError:
        return


@asynccontextmanager
async def _machine(settings: Settings) -> AsyncIterator[None]:
    ending = asyncio.Event()
    running = asyncio.create_task(run_machine(settings, ending), name="machine")
    try:
        yield
    finally:
        ending.set()
        await running


@asynccontextmanager
async def _crm(settings: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    base = f"http://{settings.web_host}:{settings.web_port}"
    headers = {"Authorization": f"Bearer {settings.api_token}"}
    async with aiohttp.ClientSession(base, headers=headers) as session:
        yield session


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--events", type=int, default=60)
    parser.add_argument("--lines", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="event-to-invite-") as folder:
        times = sorted(asyncio.run(measure(Path(folder), options.events, options.lines)))
    figures = {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20, method="inclusive")[-1], 1),
        "longest_ms": round(times[-1], 1),
        "events": len(times),
    }
    if options.json:
        print(json.dumps({"figures": figures}))
        return
    for name, value in figures.items():
        print(f"{name:>12}  {value}")


if __name__ == "__main__":
    main()
