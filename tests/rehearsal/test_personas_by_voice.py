"""Every persona, in sound: real voices, real recogniser, the real conversation, a fake network in virtual time."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import vosk

from voicebot.adapters.prompt_library import DiskPromptLibrary
from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser
from voicebot.adapters.russian_understanding import load_understanding
from voicebot.adapters.vosk_recogniser import Recognised, VoskModel, load_model
from voicebot.adapters.webrtcvad_detector import WebrtcVoiceDetector
from voicebot.adapters.yaml_scripts import load_script
from voicebot.application.conversation.ears import Ears
from voicebot.application.conversation.hold_conversation import (
    Conversation,
    ConversationTools,
    Conversed,
    hold_conversation,
)
from voicebot.application.ports.speech import PromptLibrary
from voicebot.application.ports.telephone import Connected, Disconnected
from voicebot.application.prepare_conversation import prepare_conversation
from voicebot.application.transfer_call import TransferPlan
from voicebot.config import PROJECT
from voicebot.domain.audio import Audio
from voicebot.domain.call import Speaker
from voicebot.domain.contact_hours import DEFAULT_HOURS
from voicebot.domain.dialogue import conclude
from voicebot.domain.outcome import Outcome, unanswered
from voicebot.domain.prompt import Prompt
from voicebot.entrypoints.cli.talk_partner import sample_partner
from voicebot.rehearsal.callee import serve
from voicebot.rehearsal.composition import speak_lines
from voicebot.rehearsal.interruptions import Interruption, interruptions_of
from voicebot.rehearsal.persona import Persona, Role
from voicebot.rehearsal.persona_files import read_personas
from voicebot.testing.fake_telephone import FakeNetwork, FakeTelephone
from voicebot.testing.virtual_time import VirtualClock, VirtualTimeLoop, run_in_virtual_time

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))
PERSONAS = read_personas()
CUSTOMERS = [
    # What comes of a call from a persona that rings back is tried over real SIP: entrypoints/test_inbound.
    persona
    for persona in PERSONAS
    if persona.role is Role.CUSTOMER and persona.rings_back_after_ms is None
]
SCRIPT = load_script(PROJECT / "scripts" / "winback.yaml")


class InlineRecognition:
    """Vosk decoding on the spot: in virtual time a thread of its own would be hours late."""

    def __init__(self, model: VoskModel) -> None:
        self._recogniser = vosk.KaldiRecognizer(model.handle, model.rate_hz)
        self._recogniser.SetWords(True)

    def feed(self, samples: bytes) -> None:
        self._recogniser.AcceptWaveform(samples)

    def partial(self) -> str:
        return str(json.loads(self._recogniser.PartialResult())["partial"])

    async def finish(self) -> Recognised:
        result = json.loads(self._recogniser.FinalResult())
        words = [word["conf"] for word in result.get("result", [])]
        return Recognised(text=result["text"], confidence=sum(words) / len(words) if words else 0.0)

    def close(self) -> None:
        """Nothing to release."""


@dataclass(frozen=True)
class RealTimeLibrary:
    """Prompts rendered by another process while the virtual clock stands still."""

    library: PromptLibrary

    async def render(self, prompt: Prompt) -> Audio:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        with loop.standing_still():
            return await self.library.render(prompt)


@dataclass(frozen=True)
class Rehearsed:
    """How one persona's call went."""

    outcome: Outcome
    conversed: Conversed | None
    stopped: bool

    @property
    def transcript(self) -> str:
        turns = self.conversed.turns if self.conversed else ()
        return "\n".join(
            f"{turn.started_at:6.2f} {turn.speaker}[{turn.state}] {turn.text}"
            f"{' = ' + turn.intent if turn.intent else ''}{' (interrupted)' if turn.interrupted else ''}"
            for turn in turns
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes the callees' recordings."""
    return tmp_path_factory.mktemp("rehearsal")


@pytest.fixture(scope="module")
def rehearsed(folder: Path) -> dict[str, Rehearsed]:
    return run_in_virtual_time(_rehearse_all(folder))


async def _rehearse_all(folder: Path) -> dict[str, Rehearsed]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    with loop.standing_still():
        actors = await speak_lines(PERSONAS, cache=folder)
    network = FakeNetwork(latency_s=0.03, slots=100)
    hall, bot = network.telephone("hall"), network.telephone("bot")
    journal = folder / "witness-1.jsonl"
    serving = asyncio.create_task(serve(hall, actors, journal=journal, now=VirtualClock(NOW).now))
    synthesiser = Pyttsx3Synthesiser()
    library = RealTimeLibrary(DiskPromptLibrary(synthesiser, cache=folder, recordings=folder / "none"))
    model = load_model(PROJECT / "models" / "vosk-model-tiny-ru-tel-0.1")
    understanding = load_understanding(PROJECT / "scripts" / "phrases")

    async def call(persona: Persona) -> tuple[str, Rehearsed]:
        stopped = asyncio.Event()

        async def stop_heard() -> None:
            stopped.set()

        tools = ConversationTools(
            telephone=bot,
            library=library,
            understanding=understanding,
            clock=VirtualClock(NOW),
            stop_heard=stop_heard,
            noted=lambda turns: None,
        )
        rehearsed = await _call(bot, persona, tools, Ears(InlineRecognition(model), WebrtcVoiceDetector()))
        return persona.name, Rehearsed(outcome=rehearsed[0], conversed=rehearsed[1], stopped=stopped.is_set())

    async with asyncio.timeout(600):
        results = dict(await asyncio.gather(*(call(persona) for persona in CUSTOMERS)))
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    with loop.standing_still():
        await synthesiser.close()
    return results


async def _call(
    bot: FakeTelephone, persona: Persona, tools: ConversationTools, ears: Ears
) -> tuple[Outcome, Conversed | None]:
    call = await bot.dial(f"sip:{persona.name}@hall", caller_id="+74950000000", ring_timeout_s=20, recording=None)
    events = call.events()
    async for event in events:
        if isinstance(event, Disconnected):
            return unanswered(event.cause), None
        if isinstance(event, Connected):
            conversed = await hold_conversation(call, events, event.at, _conversation(), ears, tools)
            return conclude(SCRIPT, conversed.position, earlier_hang_ups=0), conversed
    raise AssertionError("a call ends with Disconnected")


def _conversation() -> Conversation:
    facts, _ = sample_partner("Пример", NOW.isoformat())
    return Conversation(
        script=SCRIPT,
        variables=prepare_conversation(facts),
        zone=ZoneInfo("Europe/Moscow"),
        hours=DEFAULT_HOURS,
        longest_call_s=180,
        transfer=TransferPlan(targets=("sip:manager@hall",), caller_id="+74950000000", ring_timeout_s=10),
    )


@pytest.mark.parametrize("persona", CUSTOMERS, ids=lambda persona: persona.name)
def test_a_call_to_a_persona_comes_to_its_outcome(persona: Persona, rehearsed: dict[str, Rehearsed]) -> None:
    got = rehearsed[persona.name]
    assert persona.expect is not None
    mismatches = persona.expect.mismatches(
        group=got.outcome.group,
        disposition=got.outcome.disposition,
        tags=got.outcome.tags,
        actions=[action.kind for action in got.outcome.actions],
    )
    assert mismatches == [], "\n" + got.transcript


def test_a_demand_to_stop_is_reported_during_the_call(rehearsed: dict[str, Rehearsed]) -> None:
    assert {name for name, got in rehearsed.items() if got.stopped} == {"stop", "threat"}


def test_only_real_words_interrupt_the_bot(rehearsed: dict[str, Rehearsed]) -> None:
    def interrupted(name: str) -> int:
        conversed = rehearsed[name].conversed
        assert conversed is not None
        return sum(turn.interrupted for turn in conversed.turns if turn.speaker is Speaker.BOT)

    assert interrupted("talks_over") == 1
    assert interrupted("hums") == 0


@pytest.mark.usefixtures("rehearsed")
def test_the_bot_is_quiet_within_300_ms_of_real_speech_and_speaks_on_over_a_hum(folder: Path) -> None:
    def only_interruption(persona: str) -> Interruption:
        (recording,) = folder.glob(f"{persona}-*.wav")
        (interruption,) = interruptions_of(recording)
        return interruption

    # In virtual time, so on every machine alike; the 60 ms that the network takes both ways are part of it.
    assert only_interruption("talks_over").milliseconds <= 300
    assert only_interruption("hums").milliseconds > 3000
