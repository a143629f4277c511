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
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from voicebot.bootstrap import load_scripts
from voicebot.config import Settings, read_settings
from voicebot.domain.call import Speaker, Turn
from voicebot.domain.script import Script
from voicebot.entrypoints.demo.run_demo import DemoPlan, run_demo
from voicebot.rehearsal.reply_gaps import reply_gaps_of
from voicebot.rehearsal.witness import read_witnesses

TALKERS = ("asks_then_accepts", "dissatisfied_no_manager", "competitor", "price_then_accepts")
"""Four talkative personas: five, six, four and three turns."""
SCRIPT = "winback"
SAME_TURN_S = 1.0
"""Ends of one utterance in the transcript and in the callee's recording are not further apart."""


async def hold_calls(folder: Path, settings: Settings, seed: int) -> dict[str, tuple[Turn, ...]]:
    """The bot under test: a line process as in `voicebot run` calls the four at once; the turns by called number."""
    plan = DemoPlan(
        settings=settings, folder=folder, customers=0, personas=TALKERS, lines=len(TALKERS), seed=seed, serve=False
    )
    turns: dict[str, tuple[Turn, ...]] = {}
    async with aclosing(run_demo(plan, lambda doing, progress: None, asyncio.Event())) as verdicts:
        async for calls in verdicts:
            turns = {call.rehearsed.phone.e164: call.record.turns for call in calls if call.record}
    return turns


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
    settings = replace(read_settings({}), home=folder, lines_per_process=len(TALKERS))
    script = load_scripts(settings)[SCRIPT]
    excesses = []
    for number in range(1, rounds + 1):
        calls = folder / f"round-{number}"
        turns = await hold_calls(calls, settings, seed=number)
        for witness in await asyncio.to_thread(read_witnesses, calls / "callees"):
            if witness.called in turns:
                excesses += over_silence(Path(witness.recording), turns[witness.called], script)
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
