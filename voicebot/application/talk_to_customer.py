"""Talk in one answered call, whoever rang whom."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.application.claim_lead import Assignment
from voicebot.application.conversation.ears import Ears
from voicebot.application.conversation.hold_conversation import (
    Conversation,
    ConversationTools,
    Conversed,
    hold_conversation,
)
from voicebot.application.live_record import live_record
from voicebot.application.ports.telephone import CallEvent, Connected, PhoneCall
from voicebot.application.station import Station
from voicebot.application.transfer_call import TransferPlan
from voicebot.domain.dialogue import all_prompts
from voicebot.domain.prompt import Prompt
from voicebot.domain.script import Script
from voicebot.domain.time_zones import zone_for

_READY_BEFORE_TALKING: Final = 3
"""Prompts rendered before the phone rings; the rest follow while it does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """What is to be talked about in one call."""

    assignment: Assignment
    script: Script
    variables: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredCall:
    """A call somebody has just picked up."""

    call: PhoneCall
    events: AsyncIterator[CallEvent]
    """What follows `connected`."""
    connected: Connected
    caller_id: str
    """Number shown to a manager."""
    ring_timeout_s: float
    """How long one manager's phone rings, seconds."""


@asynccontextmanager
async def words_ready(station: Station, talk: Talk) -> AsyncIterator[None]:
    """The first prompts are ready on entry; the others are rendered meanwhile."""
    async with prompts_ready(station, talk.script, talk.variables):
        yield


@asynccontextmanager
async def prompts_ready(station: Station, script: Script, variables: Mapping[str, str]) -> AsyncIterator[None]:
    """The same for any script."""
    prompts = all_prompts(script, variables)
    await _render(station, prompts[:_READY_BEFORE_TALKING])
    rendering = asyncio.create_task(_render(station, prompts[_READY_BEFORE_TALKING:]), name=f"render {script.name}")
    try:
        yield
    finally:
        rendering.cancel()
        await asyncio.wait({rendering})


async def talk_to_customer(station: Station, talk: Talk, answered: AnsweredCall) -> Conversed:
    """Hold the whole conversation; it is written down as it goes on."""
    plan = station.dialplan
    conversation = Conversation(
        script=talk.script,
        variables=talk.variables,
        zone=talk.assignment.zone,
        hours=plan.contact.spoken_hours(zone_for(talk.assignment.customer)),
        longest_call_s=plan.longest_call_s,
        transfer=TransferPlan(
            targets=tuple(target.uri for target in plan.transfer),
            caller_id=answered.caller_id,
            ring_timeout_s=answered.ring_timeout_s,
        ),
        answering_machine=plan.answering_machine,
    )
    ears = Ears(station.recogniser.open(), station.new_detector())
    async with live_record(station.open_unit, talk.assignment.call, station.clock) as live:
        live.answered(station.clock.now(), recording=str(recording_of(talk.assignment)))
        tools = ConversationTools(
            telephone=station.telephone,
            library=station.library,
            understanding=station.understanding,
            clock=station.clock,
            stop_heard=live.stop_heard,
            noted=live.noted,
        )
        return await hold_conversation(answered.call, answered.events, answered.connected.at, conversation, ears, tools)


def recording_of(assignment: Assignment) -> Path:
    """Below the recordings folder: a folder a day, a file a call."""
    return Path(f"{assignment.call.dialled_at:%Y-%m-%d}") / f"{assignment.call.id}.wav"


async def _render(station: Station, prompts: tuple[Prompt, ...]) -> None:
    for prompt in prompts:
        await station.library.render(prompt)
