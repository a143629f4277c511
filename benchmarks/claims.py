"""How fast lines take leads, and whether a long queue slows them down.

    python benchmarks/claims.py [--json] [--leads 20000] [--processes 8] [--lines 4] [--small 10000] [--large 1000000]

An embedded PostgreSQL of its own with three databases. In one, eight processes of four lines each claim 20,000 leads at
once, as line processes do: the order of claims, the whole gate, the stored verdict, the attempt; lines of a process
that ask at the same time share a transaction (`claims_per_second`, `claimed_twice`). In the two others a process of one
line claims by turns from a queue of ten thousand and from one of a million (`cost_ratio_1m_to_10k`: median time of a
claim, large over small). Each queue is spread over
four running campaigns of different weight and priority, beside a paused one and one that is due later only; customers
have numbers, consents, orders and, one in ten, an earlier call.
"""

import argparse
import asyncio
import functools
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import text

from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.migrate import migrate
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.claim_lead import Assignment, Line
from voicebot.application.shared_claims import SharedClaims
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.testing.stopped_clock import StoppedClock

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""A Tuesday, eleven in Moscow: the default hours are open."""
ROUND = 100
"""Claims from one queue before it is the other's turn."""
FILL = (
    "INSERT INTO customers (external_id, last_name, first_name, time_zone)"
    " SELECT 'C-' || n, 'Иванов', 'Иван', 'Europe/Moscow' FROM generate_series(1, :leads) n",
    "INSERT INTO customer_phones (customer_id, phone, is_primary)"
    " SELECT id, '+79' || lpad(id::text, 9, '0'), true FROM customers",
    "INSERT INTO consents (customer_id, scope, kind, source, wording_version, given_at)"
    " SELECT id, 'call', 'advertising', 'site', '1', '2024-01-01' FROM customers",
    "INSERT INTO stop_list (phone, source) SELECT '+78' || lpad(n::text, 9, '0'), 'call'"
    " FROM generate_series(1, :leads / 50) n",
    "INSERT INTO orders (external_id, customer_id, placed_at, total)"
    " SELECT 'O-' || id, id, timestamptz '2026-03-01' - make_interval(days => (id % 300)::int), 100 + id % 9000"
    " FROM customers",
    "INSERT INTO order_lines (order_id, position, what, quantity, price) SELECT id, 1, 'Кофе', 1, total FROM orders",
    # 1 to 4 run; 5 is paused; 6 runs with leads for later; 7 is over.
    "INSERT INTO campaigns (name, kind, script, dialplan, status, standard_percent, offer_days, floor_percent,"
    "   ceiling_percent, min_margin_percent, acquisition_cost, released_by, released_at, created_at, priority, weight,"
    "   control_share)"
    " SELECT 'campaign ' || n, 'advertising', 'winback', 'default',"
    "   CASE n WHEN 5 THEN 'paused' WHEN 7 THEN 'finished' ELSE 'running' END, 10, 3, 5, 30, 5, 500, 'Анна',"
    "   timestamptz '2026-11-01', timestamptz '2026-11-01', CASE n WHEN 1 THEN 1 ELSE 0 END, n, 0"
    " FROM generate_series(1, 7) n",
    "INSERT INTO releases (campaign_id, released_by, released_at, leads, hash)"
    " SELECT id, 'Анна', timestamptz '2026-11-01', 1, repeat('0', 64) FROM campaigns",
    "INSERT INTO leads (campaign_id, customer_id, state, next_attempt_at, release_id, created_at, updated_at)"
    " SELECT 1 + id % 4, id, 'queued', timestamptz '2026-11-02' + id * interval '1 millisecond', 1 + id % 4,"
    "   timestamptz '2026-11-01', timestamptz '2026-11-01' FROM customers",
    "INSERT INTO leads (campaign_id, customer_id, state, next_attempt_at, release_id, created_at, updated_at)"
    " SELECT n, id, 'queued', CASE n WHEN 6 THEN timestamptz '2027-01-01' ELSE timestamptz '2026-11-02' END, n,"
    "   timestamptz '2026-11-01', timestamptz '2026-11-01'"
    " FROM customers, generate_series(5, 7) n WHERE id % 10 = 0 AND n < 7",
    "INSERT INTO leads (campaign_id, customer_id, state, attempts, release_id, disposition, created_at, updated_at)"
    " SELECT 7, id, 'done', 1, 7, 'no_answer', timestamptz '2026-06-01', timestamptz '2026-06-01'"
    " FROM customers WHERE id % 10 = 1",
    "INSERT INTO calls (lead_id, customer_id, phone, attempt, owner, verdict, offers, dialled_at, ended_at, cause,"
    "   disposition)"
    " SELECT leads.id, customer_id, phone, 1, 'then', '{}', '{}', timestamptz '2026-06-01', timestamptz '2026-06-01',"
    "   'no_answer', 'no_answer'"
    " FROM leads JOIN customer_phones USING (customer_id) WHERE campaign_id = 7",
    # Other lines talk meanwhile, to people who wait in the paused campaign.
    "INSERT INTO calls (lead_id, customer_id, phone, attempt, owner, verdict, offers, dialled_at)"
    " SELECT leads.id, 0 - leads.id, '+7700' || lpad(leads.id::text, 7, '0'), 1, 'then', '{}', '{}',"
    "   timestamptz '2026-11-24'"
    " FROM leads WHERE campaign_id = 5 ORDER BY id LIMIT 200",
)


Claim = Callable[[], Awaitable[Assignment | None]]


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What one process took."""

    leads: tuple[int, ...]
    started: float
    """Monotonic seconds, the same clock for all processes of a machine."""
    ended: float


async def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="voicebot-benchmark-") as folder,
        EmbeddedPostgres(Path(folder) / "pg") as own,
    ):
        figures = await _race(own.url("race"), arguments.leads, arguments.processes, arguments.lines)
        figures |= await _compare(own, arguments.small, arguments.large, arguments.rounds)
    if arguments.json:
        print(json.dumps({"figures": figures}))
        return
    for name, value in figures.items():
        print(f"{name:>22}  {value}")


async def _race(url: str, leads: int, processes: int, lines: int) -> dict[str, float]:
    """All processes claim from one queue until it is empty."""
    await _fill(url, leads)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    with context.Manager() as manager:
        results = manager.Queue()
        started = [
            context.Process(target=_claim_until_empty, args=(url, f"process-{number}", lines, barrier, results))
            for number in range(processes)
        ]
        for process in started:
            process.start()
        claimed = [await asyncio.to_thread(results.get) for _ in started]
        for process in started:
            await asyncio.to_thread(process.join)
    taken = Counter(lead for one in claimed for lead in one.leads)
    stored = await _value(url, "SELECT count(*) FROM calls WHERE owner <> 'then'")
    twice = sum(times - 1 for times in taken.values())
    if len(taken) != leads or stored != leads:
        raise SystemExit(f"{len(taken)} leads claimed, {stored} attempts stored, {leads} queued")
    seconds = max(one.ended for one in claimed) - min(one.started for one in claimed)
    _say(f"{leads} leads in {seconds:.1f} s; a process took {min(len(one.leads) for one in claimed)} at least")
    return {
        "claims_per_second": round(leads / seconds, 1),
        "claimed_twice": twice,
        "processes": processes,
        "lines": lines,
    }


def _claim_until_empty(
    url: str, owner: str, lines: int, barrier: Barrier, results: "multiprocessing.Queue[Claimed]"
) -> None:
    results.put(asyncio.run(_claim_all(url, owner, lines, barrier)))


async def _claim_all(url: str, owner: str, lines: int, barrier: Barrier) -> Claimed:
    leads: list[int] = []
    ended = 0.0

    async def work(claim: Claim) -> None:
        nonlocal ended
        while (assignment := await claim()) is not None:
            leads.append(assignment.lead.id)
            ended = time.monotonic()

    async with _lines(url, owner, lines) as claims:
        await asyncio.to_thread(barrier.wait)
        started = time.monotonic()
        await asyncio.gather(*(work(claim) for claim in claims))
    return Claimed(leads=tuple(leads), started=started, ended=max(started, ended))


async def _compare(own: EmbeddedPostgres, small: int, large: int, rounds: int) -> dict[str, float]:
    """By turns from a short and from a long queue; the first round of each fills the caches."""
    urls = {small: own.url("small"), large: own.url("large")}
    for leads, url in urls.items():
        started = time.perf_counter()
        await _fill(url, leads)
        _say(f"{leads} leads queued in {time.perf_counter() - started:.0f} s")
    times: dict[int, list[float]] = {small: [], large: []}
    async with _lines(urls[small], "short", 1) as (short,), _lines(urls[large], "long", 1) as (long,):
        for number in range(rounds + 1):
            for leads, claim in ((small, short), (large, long)):
                taken = [await _timed(claim) for _ in range(ROUND)]
                times[leads] += taken if number else []
    medians = {leads: statistics.median(measured) * 1000 for leads, measured in times.items()}
    return {
        "cost_ratio_1m_to_10k": round(medians[large] / medians[small], 2),
        "claim_ms_10k": round(medians[small], 2),
        "claim_ms_1m": round(medians[large], 2),
        "short_queue": small,
        "long_queue": large,
    }


async def _timed(claim: Claim) -> float:
    started = time.perf_counter()
    if await claim() is None:
        raise SystemExit("a queue ran empty: fewer --rounds or a longer queue")
    return time.perf_counter() - started


@asynccontextmanager
async def _lines(url: str, owner: str, count: int) -> AsyncIterator[tuple[Claim, ...]]:
    """The claims of each line of a process, on a pool of its own, as a line process has it."""
    engine = open_engine(url, connections=1)
    claims = SharedClaims(functools.partial(SqlUnitOfWork, engine), StoppedClock(NOW))
    lines = [Line(owner=f"{owner}:{number}", policy=ContactPolicy(), dialplan="default") for number in range(count)]
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        yield tuple(functools.partial(claims.claim, line) for line in lines)
    finally:
        await claims.close()
        await engine.dispose()


async def _fill(url: str, leads: int) -> None:
    await asyncio.to_thread(migrate, url)
    engine = open_engine(url)
    tables = ("customer_phones", "consents", "orders", "order_lines", "leads", "calls")
    try:
        async with engine.connect() as connection:
            connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in tables:  # foreign keys hold by construction
                await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            for statement in FILL:
                await connection.execute(text(statement), {"leads": leads} if ":leads" in statement else {})
            for table in tables:
                await connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER ALL"))
            await connection.execute(text("VACUUM ANALYZE"))
    finally:
        await engine.dispose()


async def _value(url: str, query: str) -> int:
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return int(await connection.scalar(text(query)))
    finally:
        await engine.dispose()


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--lines", type=int, default=4, help="of each process; a line process has at most four")
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=10, help=f"times {ROUND} claims from each queue")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
