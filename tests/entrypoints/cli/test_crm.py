"""`voicebot import`, `sample` and `segment preview` as people type them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SEGMENTS = Path(__file__).parents[3] / "scripts" / "segments"


def voicebot(
    *arguments: str | Path, url: str = "postgresql://nobody@127.0.0.1:1/none", **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"VOICEBOT_DATABASE_URL": url, "COLUMNS": "200"} | variables
    program = "from voicebot.entrypoints.cli.main import run; run()"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_sample_is_loaded_previewed_and_written(database_url: str, tmp_path: Path) -> None:
    loaded = voicebot("sample", "--customers", "150", "--seed", "4", url=database_url)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert "loaded 150 customers" in loaded.stdout
    shown = voicebot("segment", "preview", SEGMENTS / "silent.yaml", "--limit", "2", "--json", url=database_url)
    assert shown.returncode == 0, shown.stderr
    preview = json.loads(shown.stdout)
    assert preview["matched"] == preview["allowed"] + preview["excluded"] > 0
    assert len(preview["examples"]) == 2
    assert all("***" in one["phone"] for one in preview["examples"])
    assert {one["reason"] for one in preview["exclusions"]} >= {"no_consent"}
    table = voicebot("segment", "preview", "--kind", "silent", "--months", "4", url=database_url)
    assert "not called because" in table.stdout
    assert "no consent" in table.stdout
    assert voicebot("sample", "--customers", "5", "--out", tmp_path).returncode == 0
    again = voicebot("import", "customers", tmp_path / "customers.csv", url=database_url)
    assert again.stdout == "customers: 5 rows, 0 added, 5 updated\n"


def test_bad_rows_are_all_reported_with_exit_code_2(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("external_id,phones\nC-1,89161234567\nC-2,12\n,89161234567\n", encoding="utf-8")
    refused = voicebot("import", "customers", file, url=database_url)
    assert refused.returncode == 2
    assert f"{file}:3:phones: " in refused.stderr
    assert f"{file}:4:external_id: empty" in refused.stderr
    assert "Traceback" not in refused.stderr
    skipped = voicebot("import", "customers", file, "--skip-bad", url=database_url)
    assert (skipped.returncode, skipped.stdout) == (
        0,
        "customers: 3 rows, 1 added, 0 updated, 2 problems in rows left out\n",
    )
    assert f"{file}:3:phones: " in skipped.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "customers", "none.csv"), "no such file"),
        (("segment", "preview"), "FILE or --kind"),
        (("segment", "preview", "none.yaml"), "cannot be read"),
        (("segment", "preview", "--kind", "silent", "--min-orders", "3", "--max-orders", "1"), "--max-orders"),
    ],
)
def test_a_mistake_costs_one_message_and_exit_code_2(arguments: tuple[str, ...], words: str) -> None:
    refused = voicebot(*arguments)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_that_is_away_is_told_without_a_traceback(tmp_path: Path) -> None:
    away = voicebot("segment", "preview", "--kind", "silent")
    assert away.returncode == 2  # the setting names a place where nothing answers
    assert away.stderr.startswith("voicebot: VOICEBOT_DATABASE_URL:")
    assert "the database does not answer" in away.stderr
    bad = voicebot("segment", "preview", "--kind", "silent", url="mysql://user:s3cret@host/db")
    assert bad.returncode == 2
    assert "VOICEBOT_DATABASE_URL" in bad.stderr
    assert "s3cret" not in bad.stderr


@pytest.mark.parametrize("table", ["customers", "orders", "consents", "events"])
def test_the_columns_are_documented_by_the_command(table: str) -> None:
    shown = voicebot("import", table, "--columns")
    assert shown.returncode == 0
    assert "example" in shown.stdout
