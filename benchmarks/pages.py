"""Lists, searches and pages of the desk and the API over 1 million calls: server time of each, and its growth.

    python benchmarks/pages.py [--json] [--calls 1000000] [--rounds 30] [--store FOLDER] [--only "today"]

Fills an embedded database of its own (about ten minutes and 10 GB for the default size): first a tenth, which is
measured, then the rest. With `--store` the database is kept, and the next run measures at once. Every page is asked for
over HTTP as a signed-in manager asks, with another place, word or filter each time: the time is that of the whole
answer, session, database and template included. `worst_p95_ms` is the 95th percentile of the slowest page; `growth` is
how many times dearer the median page became with ten times the data.
"""

import argparse
import asyncio
import contextlib
import functools
import json
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from page_addresses import api_pages, pages
from page_store import START, STEP_S, fill, prepare, say
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.argon2_passwords import Argon2Passwords
from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.store.engine import check_database, open_engine
from voicebot.adapters.store.migrate import migrate
from voicebot.application.desk.api_tokens import make_token
from voicebot.application.desk.users import NewUser, accept_invitation, invite_user
from voicebot.application.refresh_reports import refresh_reports
from voicebot.config import Settings
from voicebot.domain.api_token import Scope
from voicebot.domain.user import Role
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.app import build_app
from voicebot.entrypoints.web.desk.application import build_desk
from voicebot.entrypoints.web.memory import settle_memory


@dataclass
class FixedClock:
    """The Clock port; stands where the data ends."""

    time: datetime

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def main() -> None:
    arguments = _arguments()
    total = max(arguments.calls // 120, 10) * 120
    with contextlib.ExitStack() as closing:
        folder = arguments.store or Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="voicebot-pages-")))
        url = closing.enter_context(EmbeddedPostgres(folder / "pg")).url()
        migrate(url)
        engine = open_engine(url)
        try:
            small, whole = await _measured(engine, folder, total, arguments)
        finally:
            await engine.dispose()
    figures: dict[str, object] = {"worst_p95_ms": max(_p95(times) for times in whole.values())}
    if small:
        medians = [statistics.median(whole[name]) / statistics.median(small[name]) for name in whole]
        figures |= {"growth": round(statistics.median(medians), 2), "worst_growth": round(max(medians), 2)}
    figures |= {
        "calls": total,
        "turns": total // 3 * 2 * 15,
        "p95_ms": {name: _p95(times) for name, times in whole.items()},
        "p50_ms": {name: round(statistics.median(times), 1) for name, times in whole.items()},
        "tenth_p50_ms": {name: round(statistics.median(times), 1) for name, times in small.items()},
    }
    _print(figures, as_json=arguments.json)


async def _measured(
    engine: AsyncEngine, folder: Path, total: int, arguments: argparse.Namespace
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds by page with a tenth of the data, and with all; of a store that was kept, with all only."""
    small: dict[str, list[float]] = {}
    filled = folder / "filled"
    if not filled.exists():
        tenth = total // 10 // 12 * 12
        await prepare(engine)
        await fill(engine, 0, tenth, total)
        small = await _measure(engine, folder, tenth, arguments)
        await fill(engine, tenth, total, total)
        filled.write_text(f"{total}\n")
    elif int(filled.read_text()) != total:
        raise SystemExit(f"{folder} holds {filled.read_text().strip()} calls: give another --store")
    return small, await _measure(engine, folder, total, arguments)


async def _measure(
    engine: AsyncEngine, folder: Path, calls: int, arguments: argparse.Namespace
) -> dict[str, list[float]]:
    """Milliseconds of every answer, by page; pages this version has not are left out."""
    clock = FixedClock(START + timedelta(seconds=STEP_S * calls + 300))
    quick = Argon2Passwords(time_cost=1, memory_kib=64)
    open_unit = functools.partial(SqlDeskUnit, engine)
    settings = Settings(home=folder / "home", recordings=folder / "recordings", api_rate=0)
    desk = await build_desk(settings, open_unit, clock, passwords=quick)
    started = time.perf_counter()
    await refresh_reports(open_unit, clock, desk.zone)
    say(f"sums of the reports brought up to date in {time.perf_counter() - started:.1f} s")
    token = await invite_user(open_unit, [Role.MANAGER, Role.AUDITOR], by="benchmark", now=clock.now())
    new = NewUser(login=f"manager-{calls}-{time.time_ns()}", name="Менеджер", password=token)
    await accept_invitation(desk.keeper, token, new, clock.now())
    shown, _ = await make_token(open_unit, "CRM", tuple(Scope), days=None, by="benchmark", now=clock.now())
    api = Api(settings=settings, open_unit=open_unit, clock=clock, check=functools.partial(check_database, engine))
    app = build_app(api, desk)
    times: dict[str, list[float]] = {}
    settle_memory()
    async with TestClient(TestServer(app)) as browser:
        form = {"login": new.login, "password": new.password}
        await browser.post("/sign-in", data=form, allow_redirects=False)
        chance = random.Random(5)
        for name, address in (pages(calls) | api_pages(calls)).items():
            if arguments.only not in name:
                continue
            taken = [await _ask(browser, address(chance), shown) for _ in range(arguments.rounds + 2)]
            if None not in taken:
                times[name] = [one for one in taken[2:] if one is not None]  # the first ones fill the caches
                say(f"{name:>38}  p50 {statistics.median(times[name]):7.1f}  p95 {_p95(times[name]):7.1f} ms")
    return times


async def _ask(browser: "TestClient[web.Request, web.Application]", address: str, token: str) -> float | None:
    headers = {"Authorization": f"Bearer {token}"} if address.startswith("/api") else {}
    started = time.perf_counter()
    async with browser.get(address, headers=headers, allow_redirects=False) as answer:
        await answer.read()
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise SystemExit(f"{address} answered {answer.status}")
    return (time.perf_counter() - started) * 1000


def _p95(times: list[float]) -> float:
    return round(sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)], 1)


def _print(figures: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"figures": figures}, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{name:>16}  {value}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", default="", help="pages with this in their names")
    parser.add_argument("--store", type=Path, help="keep the database in this folder; a filled one is used again")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
