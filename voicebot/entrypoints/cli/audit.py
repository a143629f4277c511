"""`voicebot audit ...`: who did what, and the proof that nobody rewrote it."""

import asyncio
import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.audit import ChainedEntry

if TYPE_CHECKING:
    from voicebot.application.ports.audit import AuditFilter
    from voicebot.application.verify_audit import AuditReport

audit_app = typer.Typer(no_args_is_help=True, help="The audit log: who did what, and the proof that it stands.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(audit_app, name="audit")


@audit_app.command()
def verify(
    head: Annotated[str, typer.Option(help="Hash an earlier verify printed: proves that nothing was cut off.")] = "",
    as_json: AsJson = False,
) -> None:
    """Recompute the whole chain and every released list; exit code 1 when something was changed."""
    report = asyncio.run(_verify(head))
    if as_json:
        typer.echo(json.dumps(_report_json(report), ensure_ascii=False, indent=2))
    else:
        for line in _report_lines(report, kept=bool(head)):
            typer.echo(line)
    if not report.intact:
        raise typer.Exit(1)


@audit_app.command("list")
def list_entries(
    subject: Annotated[str, typer.Option(help="Only what was done to this, such as campaign:7.")] = "",
    since: Annotated[datetime | None, typer.Option(help="Done then or later (local time).")] = None,
    actor: Annotated[str, typer.Option(help="Only what this person or part of the program did.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The newest ones.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries, newest first."""
    from voicebot.application.ports.audit import AuditFilter

    subjects = (subject,) if subject else ()
    wanted = AuditFilter(subjects=subjects, actor=actor, since=since.astimezone() if since else None, limit=limit)
    found = asyncio.run(_find(wanted))
    if as_json:
        typer.echo(json.dumps([entry_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo("no such entries")
        return
    for one in found:
        typer.echo(_line(one))


async def _verify(head: str) -> "AuditReport":
    from voicebot.application.verify_audit import verify_audit
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        return await verify_audit(store.open_unit, head=head)


async def _find(wanted: "AuditFilter") -> tuple[ChainedEntry, ...]:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        return await unit.audit.find(wanted)


def _report_lines(report: "AuditReport", *, kept: bool) -> list[str]:
    lines = [f"{report.entries} entries hold, head {report.head}"]
    if report.broken is not None:
        lines.append(f"BROKEN at {report.broken}")
    lines.append(f"{report.releases} released lists compared" + _unhashed(report.unhashed))
    lines += [f"BROKEN {one}" for one in report.broken_releases]
    if report.intact and not kept:
        lines.append(
            "keep the head outside this database; `voicebot audit verify --head ...` then proves that no end is missing"
        )
    return lines


def _unhashed(count: int) -> str:
    return f", {count} older than the hashing of lists" if count else ""


def _report_json(report: "AuditReport") -> dict[str, object]:
    broken = report.broken
    return {
        "intact": report.intact,
        "entries": report.entries,
        "head": report.head,
        "broken": None
        if broken is None
        else {"entry": broken.id, "flaw": broken.flaw, "expected": broken.expected, "found": broken.found},
        "releases": report.releases,
        "releases_unhashed": report.unhashed,
        "broken_releases": [
            {"release": one.id, "flaw": one.flaw, "expected": one.expected, "found": one.found}
            for one in report.broken_releases
        ],
    }


def _line(one: ChainedEntry) -> str:
    entry = one.entry
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    words = (
        f"{one.id}",
        f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}",
        entry.actor,
        entry.action,
        entry.subject,
        details,
    )
    return "  ".join(word for word in words if word)


def entry_json(one: ChainedEntry) -> dict[str, object]:
    """One entry as `audit list --json` prints it."""
    entry = one.entry
    return {
        "entry": one.id,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": dict(entry.details),
        "prev_hash": one.prev_hash,
        "hash": one.hash,
    }
