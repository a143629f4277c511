"""`voicebot status` and `voicebot trunks`: what an admin sees of all machines."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner

from tests.application.campaigns.shop import Shop
from voicebot.adapters.store.engine import open_engine
from voicebot.application.trunk_lines import TrunkLine, take_line, tell_result
from voicebot.domain.dialplan import Trunk
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.process import Process, ProcessKind
from voicebot.entrypoints.cli import status

TRUNK = Trunk(name="main", host="h", lines=30, calls_per_second=1000)


@pytest.fixture
def app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("VOICEBOT_DATABASE_URL", database_url)
    app = typer.Typer(pretty_exceptions_enable=False)
    status.register(app)
    return app


def types(app: typer.Typer, *arguments: str) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def in_shop(database_url: str, work: Callable[[Shop], Awaitable[None]]) -> None:
    async def main() -> None:
        engine = open_engine(database_url)
        try:
            await work(Shop(engine))
        finally:
            await engine.dispose()

    asyncio.run(main())


def process(host: str, name: str, *, silent_for: timedelta, lines: int = 0) -> Process:
    seen = datetime.now(UTC) - silent_for
    kind = ProcessKind.LINE if lines else ProcessKind.JOBS
    return Process(
        id=f"{host}:7:{name}",
        host=host,
        pid=7,
        kind=kind,
        name=name,
        lines=lines,
        version="1",
        started_at=seen,
        seen_at=seen,
    )


async def two_hosts_at_work(shop: Shop) -> None:
    """One live call, one lead that waits, a trunk the breaker has paused, a process that died."""
    await shop.campaign([await shop.customer(), await shop.customer()], name="Осень")
    call = (await shop.claim()).call.id
    async with shop.open_unit() as unit:
        for one in (
            process("a", "line-0", silent_for=timedelta(seconds=3), lines=3),
            process("b", "jobs", silent_for=timedelta(seconds=4)),
            process("b", "line-0", silent_for=timedelta(minutes=2), lines=3),
            process("c", "line-0", silent_for=timedelta(days=2), lines=3),
        ):
            await unit.processes.seen(one, one.seen_at)
        await unit.processes.forget(datetime.now(UTC) - timedelta(days=1))
        await unit.commit()
    now = datetime.now(UTC)
    line = await take_line(shop.open_unit, call, TRUNK, now)
    assert isinstance(line, TrunkLine)
    for _ in range(5):
        await tell_result(shop.open_unit, line, failed=True, now=now)
    async with shop.open_unit() as unit:
        await unit.trunks.occupy(call, "main")
        await unit.commit()


def test_the_status_counts_all_machines(app: typer.Typer, database_url: str) -> None:
    in_shop(database_url, two_hosts_at_work)
    told = json.loads(types(app, "status", "--json"))
    assert told["hosts"] == ["a", "b"]
    assert [(one["host"], one["name"], one["gone"]) for one in told["processes"]] == [
        ("a", "line-0", False),
        ("b", "jobs", False),
        ("b", "line-0", True),
    ]
    assert (told["lines"], told["live_calls"]) == (3, 1)
    assert sum(told["leases"].values()) == 1, "in force or not: the shop claims at a noon of its own"
    (queue,) = told["queues"]
    assert (queue["campaign"], queue["due"] + queue["later"], queue["claimed"]) == ("Осень", 1, 1)
    (trunk,) = told["trunks"]
    assert (trunk["trunk"], trunk["live_calls"], trunk["breaker"]) == ("main", 1, "open")
    shown = types(app, "status")
    assert "hosts      2: a, b" in shown
    assert "processes  2 alive, 1 gone" in shown
    assert "voicebot trunks resume main" in shown


def test_a_paused_trunk_is_resumed_by_a_named_person(app: typer.Typer, database_url: str) -> None:
    in_shop(database_url, two_hosts_at_work)
    with pytest.raises(BadInput, match="--by"):
        types(app, "trunks", "resume", "main", "--by", " ")
    with pytest.raises(NotFound, match="no trunk 'other'"):
        types(app, "trunks", "resume", "other", "--by", "Анна")
    assert "carries calls again" in types(app, "trunks", "resume", "main", "--by", "Анна")
    (trunk,) = json.loads(types(app, "trunks", "list", "--json"))
    assert (trunk["breaker"], trunk["paused_until"]) == ("closed", None)


def test_an_empty_database_has_a_status(app: typer.Typer) -> None:
    assert "hosts      0 (voicebot run, voicebot dial)" in types(app, "status")
    assert "no trunk was dialled over yet" in types(app, "trunks", "list")
