"""How soon the bot falls silent when a customer talks over it, as the callees' own recordings tell.

    python benchmarks/barge_in.py [--json] [--calls 8] [--lines 4] [--keep DIR]

The persona `talks_over` is called `--calls` times, `--lines` at once, over SIP on loopback: real voices, G.711, the
real bot. Measured is the time from the first sound of its words to the last sound of the bot's line in the recording
the *callee* made, so the network is in it both ways. The baseline is what the words themselves demand: the same
sound goes frame by frame into the turn-taking alone, which can say no sooner that this is speech and no «угу».
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np

from voicebot.adapters.webrtcvad_detector import WebrtcVoiceDetector
from voicebot.config import Settings, read_settings
from voicebot.domain.audio import FRAME_MS, Audio
from voicebot.domain.turn_events import BargeIn
from voicebot.domain.turn_taking import TurnTaking
from voicebot.entrypoints.demo.run_demo import DemoPlan, run_demo
from voicebot.rehearsal.composition import speak_lines
from voicebot.rehearsal.interruptions import interruptions_of
from voicebot.rehearsal.persona import TalkOver
from voicebot.rehearsal.persona_files import read_personas
from voicebot.rehearsal.reply_gaps import utterances
from voicebot.rehearsal.witness import read_witnesses
from voicebot.testing.line_conditions import frames, through_alaw

PERSONA = "talks_over"


async def needed_ms(cache: Path) -> float:
    """The baseline: from the first sound of the persona's words to the frame that proves them speech."""
    persona = next(persona for persona in read_personas() if persona.name == PERSONA)
    words = next(step.text for step in persona.script if isinstance(step, TalkOver))
    actors = await speak_lines([persona], cache=cache)
    line = through_alaw(Audio.silence(1000) + actors[PERSONA].lines[words])
    samples = np.frombuffer(line.samples, dtype="<i2")
    ((began, _), *_) = utterances(samples, line.format.rate_hz)
    turns, detector = TurnTaking(), WebrtcVoiceDetector()
    turns.bot_started(0.0, barge_in=True)
    for number, frame in enumerate(frames(line), start=1):
        at = number * FRAME_MS / 1000
        if any(isinstance(event, BargeIn) for event in turns.frame(frame, detector.is_voice(frame), at)):
            return (at - began) * 1000
    raise SystemExit(f"the words of {PERSONA} do not stop the bot at all")


async def stop_times_ms(folder: Path, settings: Settings, calls: int, lines: int) -> list[float]:
    """One for every call in which the persona began over the bot's voice."""
    plan = DemoPlan(
        settings=settings, folder=folder, customers=calls, personas=(PERSONA,), lines=lines, seed=1, serve=False
    )
    async with aclosing(run_demo(plan, lambda doing, progress: None, asyncio.Event())) as verdicts:
        async for _ in verdicts:
            pass
    witnesses = await asyncio.to_thread(read_witnesses, folder / "callees")
    recordings = [Path(witness.recording) for witness in witnesses if witness.persona == PERSONA and witness.recording]
    return [once.milliseconds for recording in recordings for once in interruptions_of(recording)]


async def measure(folder: Path, calls: int, lines: int) -> dict[str, float]:
    """All figures."""
    settings = replace(read_settings({}), home=folder)
    needed = await needed_ms(folder / "prompts")
    stops = sorted(await stop_times_ms(folder / "calls", settings, calls, lines))
    if len(stops) < 2:
        raise SystemExit("fewer than two interruptions were heard: look at the recordings (--keep DIR)")
    median = statistics.median(stops)
    return {
        "stop_p50_ms": round(median, 1),
        "stop_p95_ms": round(statistics.quantiles(stops, n=20, method="inclusive")[-1], 1),
        "needed_ms": round(needed, 1),
        "ratio_to_needed": round(median / needed, 2),
        "interruptions": len(stops),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--calls", type=int, default=8, help="interruptions to measure")
    parser.add_argument("--lines", type=int, default=4, help="calls at once")
    parser.add_argument("--keep", type=Path, help="folder for the recordings; otherwise they are thrown away")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="barge-in-") as temporary:
        folder = Path(temporary)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=options.keep))  # old evidence is not mixed with new
        figures = asyncio.run(measure(folder, options.calls, options.lines))
    if options.json:
        print(json.dumps({"figures": figures}))
        return
    print(f"{'interruptions':>24} {figures['interruptions']}")
    print(f"{'bot quiet after':>24} p50 {figures['stop_p50_ms']} ms, p95 {figures['stop_p95_ms']} ms")
    print(f"{'the words need':>24} {figures['needed_ms']} ms: {figures['ratio_to_needed']} times that")


if __name__ == "__main__":
    main()
