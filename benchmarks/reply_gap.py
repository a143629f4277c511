"""How long customers wait for the bot, in four calls at once, as the callees' own recordings tell.

    python benchmarks/reply_gap.py [--json] [--rounds 2] [--keep DIR]

Scripted callees in processes of their own (`voicebot/rehearsal`) talk with the bot over SIP on loopback: real voices,
G.711, the real recogniser. A gap is the time from the last sound of the customer to the first sound of the bot in the
recording the *callee* made. The silence the script waits for before it takes an answer for finished is a setting, not
a delay: it is taken off, state by state.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.adapters.system_clock import SystemClock
from voicebot.adapters.webrtcvad_detector import WebrtcVoiceDetector
from voicebot.application.conversation.ears import Ears
from voicebot.application.conversation.hold_conversation import (
    Conversation,
    ConversationTools,
    hold_conversation,
)
from voicebot.application.ports.telephone import Connected, Disconnected
from voicebot.application.prepare_conversation import ConversationFacts, prepare_conversation
from voicebot.application.transfer_call import TransferPlan
from voicebot.bootstrap import load_scripts, load_understanding, open_library, open_recogniser
from voicebot.config import Settings, read_settings
from voicebot.domain.call import Speaker, Turn
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.customer import PersonName
from voicebot.domain.dialogue import all_prompts
from voicebot.domain.outcome import Discount
from voicebot.domain.phone import Phone
from voicebot.domain.script import Script
from voicebot.rehearsal.hall import RehearsalHall
from voicebot.rehearsal.persona_files import read_personas
from voicebot.rehearsal.reply_gaps import reply_gaps_of
from voicebot.rehearsal.witness import read_witnesses

TALKERS = ("asks_then_accepts", "dissatisfied_no_manager", "competitor", "price_then_accepts")
"""Four talkative personas: five, six, four and three turns."""
SCRIPT = "winback"
SAME_TURN_S = 1.0
"""Ends of one utterance in the transcript and in the callee's recording are not further apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """One finished call of the bot under test."""

    called: str
    turns: tuple[Turn, ...]


async def hold_calls(uris: dict[str, str], script: Script, settings: Settings) -> list[Held]:
    """The bot under test: call every number (number -> address) at the same time, talk to the end.

    Everything the measurement needs of the bot is in this function.
    """
    zone = ZoneInfo("Europe/Moscow")
    variables = prepare_conversation(_facts())
    understanding = load_understanding(settings)
    async with (
        open_recogniser(settings) as recogniser,
        open_library(settings) as library,
        Pjsua2Telephone() as telephone,
    ):
        for prompt in all_prompts(script, variables):
            await library.render(prompt)

        async def nothing_to_do() -> None:
            """No stop-list here."""

        tools = ConversationTools(
            telephone=telephone,
            library=library,
            understanding=understanding,
            clock=SystemClock(),
            stop_heard=nothing_to_do,
        )
        conversation = Conversation(
            script=script,
            variables=variables,
            zone=zone,
            hours=AROUND_THE_CLOCK,
            longest_call_s=180,
            transfer=TransferPlan(targets=(), caller_id="", ring_timeout_s=1),
        )

        async def hold(called: str, uri: str) -> Held:
            call = await telephone.dial(uri, caller_id="+74950000000", ring_timeout_s=20, recording=None)
            events = call.events()
            async for event in events:
                if isinstance(event, Connected):
                    ears = Ears(recogniser.open(), WebrtcVoiceDetector())
                    conversed = await hold_conversation(call, events, event.at, conversation, ears, tools)
                    return Held(called=called, turns=conversed.turns)
                if isinstance(event, Disconnected):
                    break
            raise SystemExit(f"a callee did not answer: {called}")

        return await asyncio.gather(*(hold(called, uri) for called, uri in uris.items()))


def _facts() -> ConversationFacts:
    today = datetime.now(UTC).date()
    return ConversationFacts(
        company="Пример",
        name=PersonName(last="Соколова", first="Анна", patronymic="Сергеевна"),
        last_goods="Кофе в зёрнах",
        last_order_on=date(today.year - 1, 6, 1),
        first=Discount(percent=Decimal(10), days=3),
        better=Discount(percent=Decimal(15), days=3),
        today=today,
    )


def over_silence(recording: Path, turns: tuple[Turn, ...], script: Script) -> list[float]:
    """Every gap of a recording in ms, less the end silence of the state that listened."""
    heard = [turn for turn in turns if turn.speaker is Speaker.CUSTOMER]
    excesses = []
    for gap in reply_gaps_of(recording):
        nearest = min(heard, key=lambda turn: abs(turn.ended_at - gap.customer_ended), default=None)
        if nearest is not None and abs(nearest.ended_at - gap.customer_ended) < SAME_TURN_S:
            excesses.append(gap.milliseconds - script.states[nearest.state].listening.end_silence_ms)
    return excesses


async def measure(folder: Path, rounds: int) -> list[float]:
    """All excesses of `rounds` times four calls at once, ms."""
    settings = replace(read_settings({}), home=folder)
    script = load_scripts(settings)[SCRIPT]
    personas = {persona.name: persona for persona in read_personas()}
    cast = {Phone(f"+7916000000{number}"): personas[name] for number, name in enumerate(TALKERS)}
    excesses = []
    for number in range(rounds):
        calls = folder / f"round-{number + 1}"
        async with RehearsalHall(cast, folder=calls, cache=folder / "lines") as hall:
            uris = {phone.e164: hall.uri_for(phone) for phone in cast}
            held = {one.called: one.turns for one in await hold_calls(uris, script, settings)}
        for witness in await asyncio.to_thread(read_witnesses, calls):
            excesses += over_silence(Path(witness.recording), held[witness.called], script)
    return excesses


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=2, help="times four calls at once")
    parser.add_argument("--keep", type=Path, help="folder for the recordings; otherwise they are thrown away")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reply-gap-") as temporary:
        folder = Path(temporary)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=options.keep))  # old evidence is not mixed with new
        excesses = sorted(asyncio.run(measure(folder, options.rounds)))
    if len(excesses) < 2:
        raise SystemExit("fewer than two turns were heard: look at the recordings (--keep DIR)")
    figures = {
        "over_silence_p50_ms": round(statistics.median(excesses), 1),
        "over_silence_p95_ms": round(statistics.quantiles(excesses, n=20, method="inclusive")[-1], 1),
        "turns": len(excesses),
    }
    if options.json:
        print(json.dumps({"figures": figures}))
        return
    print(f"{'turns':>24} {figures['turns']}")
    print(
        f"{'over the end silence':>24} p50 {figures['over_silence_p50_ms']} ms, p95 {figures['over_silence_p95_ms']} ms"
    )
    print(f"{'all, ms':>24} {' '.join(str(round(excess)) for excess in excesses)}")


if __name__ == "__main__":
    main()
