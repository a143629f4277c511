"""The main job in small: real database, real SIP, real speech both ways, through the command line."""

import json
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from voicebot.rehearsal.reply_gaps import read_callee, utterances

PERSONAS = ("price_then_accepts", "stop", "talks_over", "hums", "voicemail", "no_such_number")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not below pytest's own folder, which is closed to the user the database server runs as.
    with tempfile.TemporaryDirectory(prefix="voicebot-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    chosen = [part for persona in PERSONAS for part in ("--persona", persona)]
    command = [sys.executable, "-m", "voicebot", "demo", "--json", "--keep", str(folder), "--lines", "6", *chosen]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def by_persona(report: dict[str, Any], name: str) -> dict[str, Any]:
    (call,) = (call for call in report["calls"] if call["persona"] == name)
    return dict(call)


def test_every_call_comes_to_what_its_persona_expects(report: dict[str, Any]) -> None:
    assert (report["passed"], report["failed"]) == (len(PERSONAS), 0)
    assert all(call["got"] == call["expected"] for call in report["calls"])


def test_an_accepted_offer_brings_one_code_and_one_message_with_it(report: dict[str, Any], folder: Path) -> None:
    call = by_persona(report, "price_then_accepts")
    assert call["tags"] == ["price"]
    messages = [json.loads(line) for line in (folder / "sms.jsonl").read_text().splitlines()]
    assert [call["promo"] in message["text"] for message in messages].count(True) == 1
    assert len(messages) == 3  # this one and those of talks_over and hums


def test_both_sides_are_recorded_in_stereo(report: dict[str, Any]) -> None:
    with wave.open(by_persona(report, "stop")["recording"]) as recording:
        assert (recording.getnchannels(), recording.getframerate(), recording.getsampwidth()) == (2, 8000, 2)
        samples = memoryview(recording.readframes(recording.getnframes())).cast("h")
    bot, customer = samples[0::2], samples[1::2]
    assert max(bot.tolist()) > 3000
    assert max(customer.tolist()) > 1000


def test_every_answer_to_the_customer_has_its_gap_measured(report: dict[str, Any]) -> None:
    gaps = by_persona(report, "price_then_accepts")["gap_ms"]
    assert len(gaps) == 3
    assert all(0 < gap < 3000 for gap in gaps)


def test_the_transcript_says_who_said_what_and_what_it_meant(report: dict[str, Any]) -> None:
    written = Path(by_persona(report, "price_then_accepts")["transcript"]).read_text()
    assert "better_offer" in written
    assert "price" in written


@dataclass(frozen=True)
class Heard:
    """A call in the callee's own recording; the answers to the first two questions part it."""

    offer_s: float
    """How long the bot sounded from the first answer to the end of the second."""
    rest_s: float
    """How long it sounded afterwards."""


def heard_by(persona: str, folder: Path) -> Heard:
    (recording,) = (folder / "callees").glob(f"{persona}-*.wav")
    customer, bot, rate_hz = read_callee(recording)
    (_, first), *_, (_, second) = utterances(customer, rate_hz)
    lines = utterances(bot, rate_hz)
    return Heard(
        offer_s=sum(min(ended, second) - began for began, ended in lines if first < began < second),
        rest_s=sum(ended - began for began, ended in lines if began > second),
    )


def test_real_speech_stops_the_bot_and_a_hum_does_not(report: dict[str, Any], folder: Path) -> None:
    # Not by the clock: how soon it stops is told by benchmarks/barge_in.py and, in virtual time, by
    # tests/rehearsal/test_personas_by_voice.py. Here a slow machine may stop it later, but not let it go on.
    written = {name: Path(by_persona(report, name)["transcript"]).read_text() for name in ("talks_over", "hums")}
    assert [name for name, text in written.items() if "перебит" in text] == ["talks_over"]
    cut, whole = heard_by("talks_over", folder), heard_by("hums", folder)
    assert 0 < cut.offer_s < whole.offer_s / 2
    assert cut.rest_s == pytest.approx(whole.rest_s, abs=1), "the same farewell, and nothing stale before it"


def test_nobody_talks_to_a_number_that_does_not_exist(report: dict[str, Any]) -> None:
    call = by_persona(report, "no_such_number")
    assert call["got"] == {"group": "none", "disposition": "unallocated"}
    assert call["recording"] is None
