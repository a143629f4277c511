"""`voicebot nlu` as a program."""

import json
import os
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-c", "from voicebot.entrypoints.cli.main import run; run()", "nlu"]


def nlu(*arguments: str, lines: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], input=lines, capture_output=True, timeout=150, check=False)


def test_each_line_gets_one_object() -> None:
    said = "завтра после шести\n\nда\n".encode() + b"\xff\xfe\n"
    done = nlu("--state", "greeting", "--now", "2026-11-18T11:00", lines=said)
    first, empty, yes, broken = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(first) == {"text", "intent", "value", "score", "matched"}
    assert (first["text"], first["intent"], first["value"]) == (
        "завтра после шести", "callback", "2026-11-19T18:00:00+03:00",
    )  # fmt: skip
    assert (empty["intent"], empty["value"]) == ("unknown", None)
    assert yes["intent"] == "yes"
    assert broken["intent"] == "unknown"
    assert "завтра".encode() in done.stdout


def test_score_is_a_number() -> None:
    done = nlu("--state", "nps", lines="на восьмёрочку\n".encode())
    assert json.loads(done.stdout)["value"] == 8


def test_wrong_time_is_one_message_and_exit_code_2() -> None:
    done = nlu("--state", "offer", "--now", "soon", lines=b"")
    assert done.returncode == 2
    assert done.stderr.decode().strip() == "voicebot: --now: 'soon' is no time (write e.g. 2026-11-18T11:00)"


def test_without_a_question_nothing_can_be_understood() -> None:
    done = nlu(lines="да\n".encode())
    assert done.returncode == 2
    assert b"--state" in done.stderr


def test_no_corrections_leave_the_file_alone(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.tsv"
    environment = os.environ | {"VOICEBOT_DATABASE_URL": database_url}
    done = subprocess.run(
        [*COMMAND, "export-corrections", file], capture_output=True, timeout=60, check=True, env=environment
    )
    assert done.stderr.decode().strip() == f"0 corrections exported to {file}"
    assert not file.exists()
