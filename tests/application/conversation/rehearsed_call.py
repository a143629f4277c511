"""One whole call between the bot and a persona on the fake telephone, in virtual time."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.scenarios.sample import VARIABLES
from voicebot.adapters.russian_understanding import load_understanding
from voicebot.adapters.yaml_scripts import load_script
from voicebot.application.conversation.ears import Ears
from voicebot.application.conversation.hold_conversation import (
    Conversation,
    ConversationTools,
    Conversed,
    hold_conversation,
)
from voicebot.application.ports.telephone import Connected
from voicebot.application.transfer_call import TransferPlan
from voicebot.config import PROJECT
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.dialogue import conclude
from voicebot.domain.dialplan import AnsweringMachineRule
from voicebot.domain.outcome import Outcome
from voicebot.rehearsal.callee import rehearsed, serve
from voicebot.rehearsal.persona import Persona
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork
from voicebot.testing.virtual_time import VirtualClock

CUSTOMER = "+79160000001"
MANAGER = "+79160000099"
SCRIPT = load_script(PROJECT / "scripts" / "winback.yaml")
UNDERSTANDING = load_understanding(PROJECT / "scripts" / "phrases")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsed:
    """What came of the call."""

    conversed: Conversed
    outcome: Outcome
    stops_heard: int


async def rehearse(
    persona: Persona,
    journal: Path,
    *,
    manager: Persona | None = None,
    longest_call_s: float = 240.0,
    answering_machine: AnsweringMachineRule = AnsweringMachineRule.HANG_UP,
) -> Rehearsed:
    """Call `persona` and talk to the end; `manager` answers transfers, None leaves nobody there."""
    network = FakeNetwork(latency_s=0.02)
    clock = VirtualClock()
    voices = FakePromptLibrary()
    actors = {CUSTOMER: await rehearsed(persona, voices)}
    if manager is not None:
        actors[MANAGER] = await rehearsed(manager, voices)
    serving = asyncio.create_task(serve(network.telephone("callees"), actors, journal=journal, now=clock.now))
    stops: list[float] = []

    async def stop_heard() -> None:
        stops.append(clock.monotonic())

    telephone = network.telephone("bot")
    tools = ConversationTools(
        telephone=telephone,
        library=FakePromptLibrary(),
        understanding=UNDERSTANDING,
        clock=clock,
        stop_heard=stop_heard,
        noted=lambda turns: None,
    )
    conversation = Conversation(
        script=SCRIPT,
        variables=VARIABLES,
        zone=ZoneInfo("Europe/Moscow"),
        hours=AROUND_THE_CLOCK,
        longest_call_s=longest_call_s,
        transfer=TransferPlan(targets=(f"sip:{MANAGER}@callees",), caller_id="+74950000000", ring_timeout_s=10.0),
        answering_machine=answering_machine,
    )
    call = await telephone.dial(
        f"sip:{CUSTOMER}@callees", caller_id="+74950000000", ring_timeout_s=30.0, recording=None
    )
    events = call.events()
    async for event in events:
        if isinstance(event, Connected):
            break
    ears = Ears(FakeRecogniser().open(), FakeVoiceDetector())
    conversed = await hold_conversation(call, events, event.at, conversation, ears, tools)
    await asyncio.sleep(1.0)  # virtual: the callee, too, comes to know that the call is over, and testifies
    serving.cancel()
    await asyncio.wait({serving})
    outcome = conclude(SCRIPT, conversed.position, earlier_hang_ups=0)
    return Rehearsed(conversed=conversed, outcome=outcome, stops_heard=len(stops))
