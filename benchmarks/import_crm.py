"""Importing customers - read, checked, normalised, upserted - against copying the same file in unread.

    python benchmarks/import_crm.py [--json] [--customers 100000]

`ratio_to_bare_copy` compares `voicebot import customers` with COPY of the file into a table of texts: what is left is
the price of reading phones as people write them, of checking every cell, and of keeping customers and phones unique.
"""

import argparse
import asyncio
import csv
import json
import tempfile
import time
from pathlib import Path
from random import Random

import psycopg

from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.migrate import migrate
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.adapters.system_clock import SystemClock
from voicebot.adapters.table_files import open_table
from voicebot.application.import_columns import COLUMNS, CrmTable
from voicebot.application.import_crm import import_table

NAMES = [column.name for column in COLUMNS[CrmTable.CUSTOMERS]]


async def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="voicebot-") as folder, EmbeddedPostgres(Path(folder) / "pg") as server:
        url = server.url()
        migrate(url)
        file = Path(folder) / "customers.csv"
        _write(file, arguments.customers)
        bare_s = _bare_copy(url, file)
        first_s, again_s = [await _import(url, file) for _ in range(2)]
    figures = {
        "import_s": round(first_s, 2),
        "import_again_s": round(again_s, 2),
        "bare_copy_s": round(bare_s, 2),
        "ratio_to_bare_copy": round(first_s / bare_s, 1),
        "customers": arguments.customers,
    }
    if arguments.json:
        print(json.dumps({"figures": figures}))
        return
    for name, value in figures.items():
        print(f"{name:>20}  {value}")


def _write(file: Path, customers: int) -> None:
    """One in three has a second number, a city one, which takes the long way through the numbering plan."""
    random = Random(1)  # not a secret
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(NAMES)
        for number in range(customers):
            mobile = f"8 (9{random.randint(10, 29)}) {random.randint(100, 999)}-{random.randint(1000, 9999)}"
            phones = mobile if number % 3 else f"{mobile}; +7 495 {random.randint(2_000_000, 9_999_999)}"
            name = ("Соколова", "Анна", "Игоревна")
            writer.writerow((f"C-{number}", *name, phones, f"c{number}@example.org", "Europe/Moscow", "C", "call"))


def _bare_copy(url: str, file: Path) -> float:
    started = time.perf_counter()
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({', '.join(f'{name} text' for name in NAMES)})".encode())
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(file.read_bytes())
    return time.perf_counter() - started


async def _import(url: str, file: Path) -> float:
    engine = open_engine(url)
    started = time.perf_counter()
    await import_table(
        CrmTable.CUSTOMERS,
        open_table(file),
        open_unit=lambda: SqlUnitOfWork(engine),
        clock=SystemClock(),
        skip_bad=True,  # random city numbers hit ranges that do not exist
    )
    seconds = time.perf_counter() - started
    await engine.dispose()
    return seconds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--customers", type=int, default=100_000)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
