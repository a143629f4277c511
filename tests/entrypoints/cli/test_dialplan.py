"""`voicebot dialplan ...` as a telephony admin meets it."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from voicebot.domain.errors import BadInput
from voicebot.entrypoints.cli import dialplan

PLAN = """
trunks:
  main: {host: 10.0.0.1, caller_ids: ["+74951234567"]}
routes:
  - {match: "+7*", trunks: [main]}
"""


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)
    dialplan.register(app)
    return app


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return path


def test_a_good_dialplan_is_said_to_be_in_order(app: typer.Typer, plan: Path) -> None:
    result = CliRunner().invoke(app, ["dialplan", "check", str(plan)])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        f"{plan}: in order; trunks: main; routes: 1",
        "note: trunk 'main' has no label: no advertising campaign starts on it",
    ]


def test_a_bad_dialplan_ends_with_its_problems(app: typer.Typer, plan: Path) -> None:
    plan.write_text(PLAN.replace("[main]", "[mian]"))
    result = CliRunner().invoke(app, ["dialplan", "check", str(plan)])
    assert isinstance(result.exception, BadInput)
    assert str(result.exception) == f"{plan}:5: route 1: unknown trunk 'mian' (did you mean 'main'?)"


def test_a_route_is_explained(app: typer.Typer, plan: Path) -> None:
    result = CliRunner().invoke(app, ["dialplan", "route", "8 916 123-45-67", "--file", str(plan)])
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == "- route 1 '+7*' matches +7916***4567"
    assert "dials sip:+79161234567@10.0.0.1:5060 showing +74951234567" in result.output


def test_a_number_without_a_route_exits_with_1(app: typer.Typer, plan: Path) -> None:
    result = CliRunner().invoke(app, ["dialplan", "route", "+493012345678", "--file", str(plan)])
    assert result.exit_code == 1
    assert "no route matches" in result.output


def test_what_is_no_number_is_refused(app: typer.Typer, plan: Path) -> None:
    result = CliRunner().invoke(app, ["dialplan", "route", "12", "--file", str(plan)])
    assert isinstance(result.exception, BadInput)
