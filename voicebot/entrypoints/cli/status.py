"""`voicebot status` and `voicebot trunks ...`: who works, on what, and what waits."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.dialplan import Trunk
from voicebot.domain.pacing import TrunkLoad
from voicebot.domain.process import Process
from voicebot.domain.work_in_hand import WorkInHand

trunks_app = typer.Typer(no_args_is_help=True, help="Trunks: which are paused, and how to resume them.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.add_typer(trunks_app, name="trunks")


def status(as_json: AsJson = False) -> None:
    """Show hosts, processes, lines, leases, queues, trunks and jobs of all machines on this database."""
    work, limits = asyncio.run(_read())
    if as_json:
        typer.echo(json.dumps(_as_json(work, limits), ensure_ascii=False, indent=2))
        return
    for line in _summary(work):
        typer.echo(line)
    _show("processes", ("host", "process", "pid", "lines", "version", "last sign"), _process_rows(work))
    queue_columns = ("campaign", "status", "priority", "weight", "due", "later", "unreleased", "with a line")
    _show("queues", queue_columns, _queue_rows(work))
    _show("trunks", ("trunk", "calls", "of lines", "calls/s", "breaker"), _trunk_rows(work, limits))
    _show("jobs", ("job", "waiting", "doing", "failed"), ((j.task, j.waiting, j.doing, j.failed) for j in work.jobs))


@trunks_app.command("list")
def list_trunks(as_json: AsJson = False) -> None:
    """Show live calls, limits and breakers of the trunks."""
    work, limits = asyncio.run(_read())
    if as_json:
        typer.echo(json.dumps(_trunks_json(work, limits), ensure_ascii=False, indent=2))
        return
    if not work.trunks:
        typer.echo("no trunk was dialled over yet")
    _show("", ("trunk", "calls", "of lines", "calls/s", "breaker"), _trunk_rows(work, limits))


@trunks_app.command()
def resume(
    name: Annotated[str, typer.Argument(help="Name of the trunk.")],
    by: Annotated[str, typer.Option("--by", help="Your name: it is written into the audit log.")],
) -> None:
    """Let calls over a paused trunk again at once; a pause ends by itself when a call gets through."""
    asyncio.run(_resume(name, by))
    typer.echo(f"trunk '{name}' carries calls again")


async def _read() -> tuple[WorkInHand, Mapping[str, Trunk]]:
    """The status, and the trunks of this machine's dialplan: limits are known from there only."""
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.status import read_status
    from voicebot.bootstrap import documents_in_force, open_store

    settings = read_settings()
    async with open_store(settings) as store:
        dialplan = await documents_in_force(settings, store.open_unit, actor="status").dialplan()
        limits = {trunk.name: trunk for trunk in dialplan.trunks}
        return await read_status(store.open_unit, SystemClock().now()), limits


async def _resume(name: str, by: str) -> None:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.trunk_lines import resume_trunk
    from voicebot.bootstrap import open_store
    from voicebot.domain.errors import BadInput

    if not by.strip():
        raise BadInput.one("--by", "is empty", repair="give your name: it is written into the audit log")
    async with open_store(read_settings()) as store:
        await resume_trunk(store.open_unit, name, by=by, now=SystemClock().now())


def _summary(work: WorkInHand) -> list[str]:
    alive = [one for one in work.processes if not one.gone(work.at)]
    hosts = sorted({one.host for one in alive})
    due, later = sum(one.due for one in work.queues), sum(one.later for one in work.queues)
    unreleased = sum(one.unreleased for one in work.queues)
    return [
        f"hosts      {len(hosts)}{': ' + ', '.join(hosts) if hosts else ' (voicebot run, voicebot dial)'}",
        f"processes  {len(alive)} alive, {len(work.processes) - len(alive)} gone",
        f"lines      {sum(one.lines for one in alive)}, {work.live.count} in a call",
        f"leases     {work.leases} in force, {work.expired} run out",
        f"leads      {due} due now, {later} later, {unreleased} unreleased",
    ]


def _process_rows(work: WorkInHand) -> Iterable[tuple[object, ...]]:
    for one in work.processes:
        since = f"{(work.at - one.seen_at).total_seconds():.0f} s ago"
        yield (
            one.host,
            one.name,
            one.pid,
            one.lines or "",
            one.version,
            f"gone, {since}" if one.gone(work.at) else since,
        )


def _queue_rows(work: WorkInHand) -> Iterable[tuple[object, ...]]:
    for one in work.queues:
        yield one.name, one.status, one.priority, one.weight, one.due, one.later, one.unreleased, one.claimed


def _trunk_rows(work: WorkInHand, limits: Mapping[str, Trunk]) -> Iterable[tuple[object, ...]]:
    for one in work.trunks:
        trunk = limits.get(one.name)
        lines, rate = (trunk.lines, f"{trunk.calls_per_second:g}") if trunk else ("?", "?")
        yield one.name, one.live, lines, rate, _breaker_words(one, work)


def _breaker_words(load: TrunkLoad, work: WorkInHand) -> str:
    breaker = load.breaker
    state = breaker.state(work.at)
    if breaker.paused_until is None:
        failed = sum(result.failed for result in breaker.results)
        return f"closed ({failed} of the last {len(breaker.results)} calls failed)" if failed else "closed"
    until = f" until {breaker.paused_until.astimezone():%H:%M:%S}" if work.at < breaker.paused_until else ""
    return f"{state}{until}: {breaker.reason} (voicebot trunks resume {load.name} --by ...)"


def _show(title: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = list(rows)
    if not shown:
        return
    table = Table(*columns, title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for row in shown:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


def _as_json(work: WorkInHand, limits: Mapping[str, Trunk]) -> dict[str, object]:
    alive = [one for one in work.processes if not one.gone(work.at)]
    return {
        "at": work.at.isoformat(),
        "hosts": sorted({one.host for one in alive}),
        "processes": [_process_json(one, work) for one in work.processes],
        "lines": sum(one.lines for one in alive),
        "live_calls": work.live.count,
        "leases": {"in_force": work.leases, "run_out": work.expired},
        "queues": [
            {
                "campaign": one.name,
                "status": one.status,
                "priority": one.priority,
                "weight": one.weight,
                "due": one.due,
                "later": one.later,
                "unreleased": one.unreleased,
                "claimed": one.claimed,
            }
            for one in work.queues
        ],
        "trunks": _trunks_json(work, limits),
        "jobs": {one.task: {"waiting": one.waiting, "doing": one.doing, "failed": one.failed} for one in work.jobs},
    }


def _process_json(one: Process, work: WorkInHand) -> dict[str, object]:
    return {
        "id": one.id,
        "host": one.host,
        "pid": one.pid,
        "kind": one.kind.value,
        "name": one.name,
        "lines": one.lines,
        "live_calls": sum(n for owner, n in work.live.by_owner.items() if owner.startswith(f"{one.id}:")),
        "version": one.version,
        "started_at": one.started_at.isoformat(),
        "seen_at": one.seen_at.isoformat(),
        "gone": one.gone(work.at),
    }


def _trunks_json(work: WorkInHand, limits: Mapping[str, Trunk]) -> list[dict[str, object]]:
    return [
        {
            "trunk": one.name,
            "live_calls": one.live,
            "lines": limits[one.name].lines if one.name in limits else None,
            "calls_per_second": limits[one.name].calls_per_second if one.name in limits else None,
            "breaker": one.breaker.state(work.at).value,
            "paused_until": one.breaker.paused_until.isoformat() if one.breaker.paused_until else None,
            "reason": one.breaker.reason,
        }
        for one in work.trunks
    ]
