"""Selecting lapsed customers, with everything that speaks against a call, against the bare SQL anti-join.

    python benchmarks/selection.py [--json] [--customers 1000000] [--orders 5000000] [--rounds 5]

Fills an embedded database of its own (two to three minutes for the default size), then runs both queries by turns.
`ratio_to_bare_sql` is the median time of `voicebot`'s selection over that of the baseline, which only finds those who
bought once and not in the last three months; the selection also checks consents, stop-list, usable phones, recent
calls and the control group.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Executable, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.migrate import migrate
from voicebot.adapters.store.selection import allowed_ids, planned_for_masses
from voicebot.domain.segment import Segment, SelectionRules, Silent, months_before

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SILENT = Segment(name="silent", rule=Silent(months=3))
BARE = """
    SELECT count(*) FROM (
        SELECT c.id FROM customers c
        WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)
          AND NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.placed_at >= :since)
    ) lapsed
"""
FILL = (
    "SELECT setseed(0.5)",
    "INSERT INTO customers (external_id, last_name, first_name) SELECT 'C-' || n, 'Иванов', 'Иван'"
    " FROM generate_series(1, :customers) n",
    # Every 40th customer has no phone, every 90th has one that is marked wrong.
    "INSERT INTO customer_phones (customer_id, phone, is_primary, wrong_number_at)"
    " SELECT id, '+79' || lpad((id % 1000000000)::text, 9, '0'), true, CASE WHEN id % 90 = 0 THEN now() END"
    " FROM customers WHERE id % 40 <> 0",
    # Three in four have consented to advertising calls, one in thirty of those withdrew.
    "INSERT INTO consents (customer_id, scope, kind, source, wording_version, given_at, withdrawn_at)"
    " SELECT id, 'call', 'advertising', 'site', '1', '2024-01-01',"
    "   CASE WHEN id % 30 = 1 THEN timestamptz '2026-01-01' END"
    " FROM customers WHERE id % 4 <> 0",
    "INSERT INTO stop_list (phone, source) SELECT phone, 'call' FROM customer_phones WHERE customer_id % 70 = 3",
    "INSERT INTO stop_list (customer_id, source) SELECT id, 'call' FROM customers WHERE id % 150 = 7",
    # Two thirds of the customers stopped buying at some moment of the last two years.
    "INSERT INTO orders (external_id, customer_id, placed_at, total)"
    " SELECT 'O-' || n, c, timestamptz '2026-11-19' - make_interval(hours => (random() * 17000)::int)"
    "   - make_interval(days => CASE WHEN c % 3 = 0 THEN 0 ELSE (c * 7919 % 700)::int END), 100 + n % 9000"
    " FROM (SELECT n, 1 + (random() * (:customers - 1))::bigint AS c FROM generate_series(1, :orders) n) numbered",
)


async def main() -> None:
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="voicebot-benchmark-") as folder,
        EmbeddedPostgres(Path(folder) / "pg") as own,
    ):
        url = own.url()
        migrate(url)
        engine = open_engine(url)
        try:
            started = time.perf_counter()
            await _fill(engine, arguments.customers, arguments.orders)
            _say(f"filled in {time.perf_counter() - started:.0f} s")
            figures = await _compare(engine, arguments.rounds)
        finally:
            await engine.dispose()
    figures |= {"customers": arguments.customers, "orders": arguments.orders}
    if arguments.json:
        print(json.dumps({"figures": figures}))
        return
    for name, value in figures.items():
        print(f"{name:>16}  {value}")


async def _fill(engine: AsyncEngine, customers: int, orders: int) -> None:
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ALTER TABLE orders DISABLE TRIGGER ALL"))  # foreign keys hold by construction
        for statement in FILL:
            await connection.execute(text(statement), {"customers": customers, "orders": orders})
        await connection.execute(text("VACUUM ANALYZE"))


async def _compare(engine: AsyncEngine, rounds: int) -> dict[str, float]:
    selection = select(func.count()).select_from(allowed_ids(SILENT, SelectionRules(), NOW).subquery())
    bare_times, selection_times = [], []
    async with engine.connect() as connection, planned_for_masses(connection):  # the baseline gets the same memory
        since = {"since": months_before(NOW, SILENT.rule.months)}
        for number in range(rounds + 1):  # the first round fills the caches
            bare_s, lapsed = await _timed(connection, text(BARE), since)
            selection_s, allowed = await _timed(connection, selection, {})
            _say(f"round {number}: bare {bare_s:.2f} s, selection {selection_s:.2f} s, {lapsed} / {allowed} customers")
            if number:
                bare_times.append(bare_s)
                selection_times.append(selection_s)
    bare, ours = statistics.median(bare_times), statistics.median(selection_times)
    return {
        "ratio_to_bare_sql": round(ours / bare, 2),
        "selection_s": round(ours, 3),
        "bare_sql_s": round(bare, 3),
        "lapsed": lapsed,
        "allowed": allowed,
    }


async def _timed(connection: AsyncConnection, query: Executable, values: dict[str, object]) -> tuple[float, int]:
    started = time.perf_counter()
    count = await connection.scalar(query, values)
    return time.perf_counter() - started, int(count)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
