"""The demo from an empty folder to the verdicts."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from voicebot import bootstrap
from voicebot.adapters.system_clock import SystemClock
from voicebot.application.ports.messages import DeliveryState
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.config import Settings
from voicebot.domain.attempt import CallFilter
from voicebot.domain.call import Direction
from voicebot.domain.campaign import CampaignProgress
from voicebot.domain.errors import VoicebotError
from voicebot.domain.lead import LeadState
from voicebot.domain.outcome import Group
from voicebot.entrypoints.demo.stage import (
    MANAGER,
    customers_among,
    demo_settings,
    invite_customers,
    release_demo,
    write_dialplan,
)
from voicebot.entrypoints.demo.verdicts import JudgedCall, judge
from voicebot.entrypoints.machine import run_machine
from voicebot.rehearsal.composition import HOST
from voicebot.rehearsal.hall import RehearsalHall
from voicebot.rehearsal.persona import Role
from voicebot.rehearsal.persona_files import read_personas

_LOOK_S: Final = 0.5
_LONGEST_S: Final = 600.0
"""A demo that takes longer than this is broken."""
_MESSAGES_S: Final = 15.0
"""How long to wait for the last SMS after the last call, seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoPlan:
    """What `voicebot demo` was asked for."""

    settings: Settings
    folder: Path
    """Takes everything the demo writes."""
    customers: int
    """At least so many are called, and every persona at least once."""
    personas: tuple[str, ...]
    """Names of the personas that take part; empty for all."""
    lines: int
    seed: int
    serve: bool
    """Whether the web process runs too, until `stop`."""


Progress = Callable[[str, CampaignProgress | None], None]
"""Told what is being done, with the campaign's progress once it dials."""


async def run_demo(plan: DemoPlan, progress: Progress, stop: asyncio.Event) -> AsyncGenerator[list[JudgedCall], None]:
    """Run the whole campaign and yield the verdicts, once; `stop` ends it early.

    With `plan.serve` the processes go on until `stop` when the iterator is taken further; else they end then.
    """
    personas = await asyncio.to_thread(read_personas)
    callers = customers_among(personas, only=plan.personas)
    manager = next(persona for persona in personas if persona.role is Role.MANAGER)
    clock = SystemClock()
    settings = demo_settings(plan.settings, plan.folder, lines=plan.lines)
    progress("starting the database", None)
    async with bootstrap.open_store(settings) as store:
        settings = replace(settings, database_url=store.url)
        progress("filling the CRM and selecting", None)
        invited = await invite_customers(
            store.open_unit, clock, personas=callers, count=max(plan.customers, len(callers)), seed=plan.seed
        )
        cast = {one.phone: one.persona for one in invited} | {MANAGER: manager}
        progress("calling the customers to their telephones", None)
        bot = f"{HOST}:{settings.sip_port}"
        cache = plan.settings.home / "prompts"
        async with RehearsalHall(cast, folder=plan.folder / "callees", cache=cache, bot=bot) as hall:
            write_dialplan(settings.dialplan, hall, invited)
            async with _machine(settings, web=plan.serve) as machine:
                campaign = await release_demo(store.open_unit, clock, invited)
                watch = _Watch(
                    open_unit=store.open_unit,
                    campaign_id=campaign.id,
                    ringing_back=tuple(one.customer_id for one in invited if one.rings_back),
                    machine=machine,
                    stop=stop,
                )
                await watch.until_called(progress)
                await watch.until_sent()
                judged = await judge(
                    store.open_unit,
                    invited,
                    campaign_id=campaign.id,
                    recordings=settings.recordings,
                    transcripts=plan.folder / "transcripts",
                )
                progress("done", None)
                yield judged
                if plan.serve:
                    await watch.until_stopped()


@asynccontextmanager
async def _machine(settings: Settings, *, web: bool) -> AsyncIterator[asyncio.Task[None]]:
    """The same processes as `voicebot run`."""
    ending = asyncio.Event()
    running = asyncio.create_task(run_machine(settings, ending, web=web), name="machine")
    try:
        yield running
    finally:
        ending.set()
        await running


@dataclass(frozen=True, kw_only=True, slots=True)
class _Watch:
    """Looks at the database until something is true."""

    open_unit: OpenUnit
    campaign_id: int
    ringing_back: tuple[int, ...]
    """Customers who miss our call and ring us."""
    machine: asyncio.Task[None]
    stop: asyncio.Event

    async def until_called(self, progress: Progress) -> None:
        """Every customer's first call is over, and everybody who rings back has."""
        async with asyncio.timeout(_LONGEST_S):
            while not self.stop.is_set():
                async with self.open_unit() as unit:
                    now = await unit.campaigns.progress(self.campaign_id)
                progress("calling", now)
                waiting = now.by_state.get(LeadState.QUEUED, 0) + now.by_state.get(LeadState.CLAIMED, 0)
                if not waiting and await self._all_rang_back():
                    return
                await self._wait()

    async def _all_rang_back(self) -> bool:
        async with self.open_unit() as unit:
            for customer_id in self.ringing_back:
                calls = await unit.call_log.find(CallFilter(customer_id=customer_id, finished_only=True))
                if not any(call.direction is Direction.IN for call in calls):
                    return False
        return True

    async def until_sent(self) -> None:
        """No message is waiting for the gateway, or patience is over: the verdicts then say what is missing."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _MESSAGES_S
        while loop.time() < deadline and not self.stop.is_set():
            if not await self._queued_messages():
                return
            await self._wait()

    async def until_stopped(self) -> None:
        """Somebody said stop."""
        await asyncio.wait({self.machine, asyncio.create_task(self.stop.wait())}, return_when=asyncio.FIRST_COMPLETED)

    async def _queued_messages(self) -> bool:
        async with self.open_unit() as unit:
            calls = await unit.call_log.find(CallFilter(campaign_id=self.campaign_id, group=Group.INTERESTED))
            records = [await unit.call_log.show(call.id) for call in calls]
        return any(message.state == DeliveryState.QUEUED for record in records for message in record.messages)

    async def _wait(self) -> None:
        if self.machine.done():
            self.machine.result()
            raise VoicebotError("the line processes ended before the campaign did")
        await asyncio.wait({self.machine}, timeout=_LOOK_S)
