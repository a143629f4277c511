"""`voicebot doctor`: looks at everything and says what to do."""

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.entrypoints.doctor.findings import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}
_MARGIN = 18
"""Width of the column of names."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False) -> None:
    """Look at settings, database, files, model, voice, telephone, trunks, ports, SMS and disk; say what to do.

    Changes nothing but to bring the database up to date. Exit code 0 when nothing failed (warnings are fine), 2 when
    something of yours is wrong, 1 when something else does not work.
    """
    asyncio.run(_examine(as_json=as_json))


async def _examine(*, as_json: bool) -> None:
    from voicebot.entrypoints.doctor.examination import all_checks
    from voicebot.entrypoints.doctor.findings import examine, exit_code

    findings = []
    async for finding in examine(all_checks(os.environ)):
        findings.append(finding)
        if not as_json:
            _print(finding)
    code = exit_code(findings)
    if as_json:
        report = {"checks": [_as_json(finding) for finding in findings], "exit_code": code}
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    # At once: a check that ran out of time may have left a thread that never ends, and asyncio would wait for it.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _print(finding: "Finding") -> None:
    level = typer.style(f"{finding.level:<8}", fg=_COLOURS[finding.level])
    repair = f" - {finding.repair}" if finding.repair else ""
    typer.echo(f"{level}{finding.check:<{_MARGIN}} {finding.found}{repair}")


def _as_json(finding: "Finding") -> dict[str, str]:
    return {"check": finding.check, "level": finding.level, "found": finding.found, "repair": finding.repair}
