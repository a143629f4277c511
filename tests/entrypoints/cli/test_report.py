"""`voicebot report ...` as a manager meets it."""

import asyncio
import json
from pathlib import Path

import pytest
import typer
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.adapters.store.test_reports import fill
from tests.entrypoints.cli.manager import Manager
from tests.mail_server import MailServer
from voicebot.domain.errors import BadInput, GatewayError
from voicebot.entrypoints.cli import report

DAYS = ("--from", "2026-10-01", "--to", "2026-11-24")


def types(*arguments: str) -> str:
    app = typer.Typer(pretty_exceptions_enable=False)
    report.register(app)
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_stretch_of_days_is_printed_and_written(manager: Manager, tmp_path: Path) -> None:
    assert "no calls from" in types("report", "show")
    manager.shop(fill)
    printed = types("report", "show", *DAYS)
    assert "Возврат" in printed
    assert "100 %" in printed
    lines = [json.loads(line) for line in types("report", "show", *DAYS, "--by", "day", "--json").splitlines()]
    assert [line["Attempts"] for line in lines] == [2, 1, 2, 0]
    assert "days were added up" in types("report", "refresh")
    assert types("report", "show", *DAYS) == printed
    for ending in ("csv", "xlsx"):
        types("report", "show", *DAYS, "--campaign", "Возврат", "-o", str(tmp_path / f"report.{ending}"))
    assert b"Campaign" in (tmp_path / "report.csv").read_bytes()
    assert load_workbook(tmp_path / "report.xlsx").sheetnames[0] == "Measures"


@pytest.mark.parametrize("wrong", [("-o", "report.pdf"), ("--from", "2026-11-02", "--to", "2026-11-01")])
def test_what_cannot_be_is_refused(manager: Manager, wrong: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        types("report", "show", *wrong)


async def test_the_summary_is_mailed_at_once(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GatewayError, match="VOICEBOT_SMTP_HOST"):
        await asyncio.to_thread(types, "report", "mail", "boss@example.ru")
    async with MailServer() as server:
        monkeypatch.setenv("VOICEBOT_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("VOICEBOT_SMTP_PORT", str(server.port))
        monkeypatch.setenv("VOICEBOT_SMTP_SECURITY", "none")
        monkeypatch.setenv("VOICEBOT_SMTP_SENDER", "voicebot@example.ru")
        assert "taken" in await asyncio.to_thread(types, "report", "mail", "boss@example.ru", "--span", "day")
        assert [to for to, _ in server.letters] == ["boss@example.ru"]
