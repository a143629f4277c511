"""The main job in small: real database, real SIP, real speech both ways, through the command line."""

import json
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicebot.rehearsal.reply_gaps import utterances

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
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
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


def heard_by(persona: str, folder: Path) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Stretches of speech in the callee's own recording, seconds: the customer's and the bot's."""
    (recording,) = (folder / "callees").glob(f"{persona}-*.wav")
    with wave.open(str(recording)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    return utterances(samples[:, 0], 8000), utterances(samples[:, 1], 8000)


def test_the_bot_is_quiet_within_300_ms_of_real_speech(report: dict[str, Any], folder: Path) -> None:
    customer, bot = heard_by("talks_over", folder)
    ((began, stopped),) = ((began, end) for began, _ in customer for start, end in bot if start < began < end)
    assert stopped - began <= 0.3
    assert all(start > stopped + 0.3 for start, _ in bot if start > began), "and nothing stale is said after it"


def test_a_hum_does_not_stop_the_bot(report: dict[str, Any], folder: Path) -> None:
    customer, bot = heard_by("hums", folder)
    over = [(hum, line) for hum in customer for line in bot if line[0] < hum[0] < line[1]]
    assert over, "the persona hums while the bot speaks"
    assert all(line[1] > hum[1] for hum, line in over)


def test_nobody_talks_to_a_number_that_does_not_exist(report: dict[str, Any]) -> None:
    call = by_persona(report, "no_such_number")
    assert call["got"] == {"group": "none", "disposition": "unallocated"}
    assert call["recording"] is None
