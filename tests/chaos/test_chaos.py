"""Nothing is lost and nothing done twice, whatever is killed; `benchmarks/chaos.py` does the same with 500 leads."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # publishes no types
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.street import LISTENS, released, telephones
from tests.entrypoints.terminal import terminal_in
from voicebot.rehearsal.chaos.invariants import Findings
from voicebot.rehearsal.chaos.report import ChaosPlan
from voicebot.rehearsal.chaos.run_chaos import run_chaos

LISTENING = "+79160000001"
ANSWERED = "select count(*) from calls where answered_at is not null"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder: the user PostgreSQL runs as may not look into that."""
    with tempfile.TemporaryDirectory(prefix="voicebot-chaos-") as path:
        yield Path(path)


@pytest.mark.timeout(240)
async def test_a_campaign_outlives_kill_9_of_everything_and_a_restart_of_postgresql(folder: Path) -> None:
    plan = ChaosPlan(leads=12, machines=2, lines=3, kills=2, restarts=1, seed=3, longest_s=200)
    report = await run_chaos(plan, folder)
    assert report.quiet, "it came to rest in time"
    assert report.findings == Findings(excused=report.findings.excused)
    assert (report.restarts, report.orphans) == (1, 0)
    assert {call.number for call in report.evidence.seen} == {call.number for call in report.evidence.calls}
    assert len(report.evidence.leads) == plan.leads
    # Whoever said yes to a process that died in the outage may be asked again; the code is one.
    accepted = {call.customer_id for call in report.evidence.calls if call.disposition == "accepted"}
    assert accepted
    assert len(report.evidence.codes) == len(report.evidence.sms) == len(accepted)


@pytest.mark.timeout(240)
async def test_machines_that_leave_and_join_change_nothing_but_the_speed(folder: Path) -> None:
    plan = ChaosPlan(leads=12, machines=2, lines=2, kills=0, restarts=0, moves=2, seed=1, longest_s=200)
    report = await run_chaos(plan, folder)
    assert report.quiet, "it came to rest in time"
    assert report.findings == Findings()
    assert (report.moves, report.kills, report.orphans) == (2, Counter(), 0)
    assert {call.number for call in report.evidence.seen} == {call.number for call in report.evidence.calls}
    assert all(call.cause != "interrupted" for call in report.evidence.calls), "calls under way are finished first"


async def test_lines_whose_supervisor_is_killed_finish_their_call_and_take_no_other(
    tmp_path: Path, database_url: str, engine: AsyncEngine
) -> None:
    shop = Shop(engine)
    await released(shop, [await shop.customer(phones=(LISTENING,)), await shop.customer(phones=("+79160000009",))])
    async with telephones({LISTENING: LISTENS}, tmp_path) as (_, plan):
        terminal = terminal_in(tmp_path, database_url).with_(dialplan=str(plan))
        process = await terminal.start("dial")
        try:
            async with asyncio.timeout(150):
                while not await shop.value(ANSWERED):  # noqa: ASYNC110  # other processes write it
                    await asyncio.sleep(0.1)
            family = psutil.Process(process.pid).children(recursive=True)
        finally:
            process.kill()
            await process.wait()
        _, alive = await asyncio.to_thread(psutil.wait_procs, family, 25)
        for orphan in alive:
            orphan.kill()
    assert family
    assert not alive
    assert await shop.rows("select cause, disposition, (select count(*) > 0 from turns) from calls") == [
        ("answered", "hung_up", True)
    ]
    assert [attempts for (attempts,) in await shop.rows("select attempts from leads order by id")] == [1, 0]
