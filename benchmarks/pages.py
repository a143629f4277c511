"""Lists, searches and pages of the desk over 1 million calls / 10 million turns: server time of each, and its growth.

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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from page_store import START, STEP_S, fill, prepare, say
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.argon2_passwords import Argon2Passwords
from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.migrate import migrate
from voicebot.application.desk.users import NewUser, accept_invitation, invite_user
from voicebot.application.refresh_reports import refresh_reports
from voicebot.config import Settings
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk.application import build_desk, mount_desk
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


def pages(calls: int) -> Mapping[str, Callable[[random.Random], str]]:
    """Every page by name: an address, another one each time."""

    def place(chance: random.Random) -> dict[str, int]:
        return {"before": chance.randrange(calls // 20, calls + 1)} if chance.random() < 0.7 else {}

    def listed(**asked: str | tuple[str, ...]) -> Callable[[random.Random], str]:
        def address(chance: random.Random) -> str:
            chosen = {name: one if isinstance(one, str) else chance.choice(one) for name, one in asked.items()}
            return f"/calls?{urlencode(chosen | place(chance))}"

        return address

    def moment(chance: random.Random) -> datetime:
        return START + timedelta(seconds=STEP_S * chance.randrange(calls // 2, calls + 1))

    def days_of(chance: random.Random, count: int) -> str:
        last = moment(chance)
        return urlencode({"from": f"{last - timedelta(days=count - 1):%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"})

    campaigns = tuple(str(one) for one in range(1, 41))
    days = tuple(f"{START + timedelta(seconds=STEP_S * n * calls // 20):%Y-%m-%d}" for n in range(20))
    common, rare = (
        ("интересно", "удобно", "слушаю"),
        ("перезвоните завтра", "другом магазине", "суд", "жалоба", "водитель"),
    )
    return {
        "calls": listed(),
        "calls: one campaign": listed(campaign=campaigns),
        "calls: one disposition": listed(disposition=("accepted", "stop", "complaint", "busy")),
        "calls: rare tag": listed(tag="vip"),
        "calls: unread": listed(unread="1"),
        "calls: days": listed(**{"from": days, "to": days}),
        "calls: long ago": listed(to=days[:4]),
        "calls: campaign, group, length": listed(campaign=campaigns, group=("interested", "negative"), length="talk"),
        "calls: rare together": listed(campaign=campaigns, disposition="complaint", tag="vip"),
        "calls: never together": listed(disposition="accepted", group="negative"),
        "calls: state, direction, since": listed(state="offer", direction="in", **{"from": days[:10]}),
        "search: common word": listed(q=common),
        "search: less common words": listed(q=rare),
        "search: word of one call": lambda chance: (
            f"/calls?q=артикул{1000 * chance.randrange(calls // 3000 + 1) * 3 + 1}"
        ),
        "search: word of long ago": listed(q="ёлка"),
        "search: nobody said it": listed(q=("синхрофазотрон", "интересно синхрофазотрон", '"удобно ёлка"')),
        "search: two common words": listed(q=("интересно удобно", "слушаю дорого", "дорого -интересно")),
        "search: phrase": listed(q=('"перезвоните завтра"', '"не интересно"')),
        "search: bot's words": listed(q=("скидка", "менеджеру промокод"), everybody="1"),
        "search: without a word": listed(q="-интересно"),
        "search: word, campaign, disposition": listed(q=common, campaign=campaigns, disposition="declined"),
        "search: word, days": listed(q=("дорого", "ёлка"), **{"from": days[:15]}),
        "search: everything at once": listed(
            q=common, campaign=campaigns, group="negative", disposition="stop", length="talk", unread="1", tag="price"
        ),
        "one call": lambda chance: f"/calls/{chance.randrange(1, calls)}",
        "today": lambda chance: "/",
        "escalations": lambda chance: "/escalations",
        "escalations: resolved": lambda chance: "/escalations/history",
        "escalations: resolved long ago": lambda chance: (
            f"/escalations/history?before={moment(chance):%Y-%m-%dT%H:%M:%S}%2B00:00~1"
        ),
        "customers": lambda chance: "/customers",
        "customers: name": lambda chance: (
            f"/customers?{urlencode({'q': chance.choice(('Иванов', 'Волков7', 'Петров12'))})}"
        ),
        "customers: telephone": lambda chance: f"/customers?q=%2B79{chance.randrange(1, calls // 4):09}",
        "one customer": lambda chance: f"/customers/{chance.randrange(1, calls // 4)}",
        "campaigns": lambda chance: "/campaigns",
        "one campaign": lambda chance: f"/campaigns/{chance.choice(campaigns)}",
        "scripts": lambda chance: "/scripts",
        "phrase books": lambda chance: "/scripts/phrases",
        "why called": lambda chance: f"/customers/{chance.randrange(1, calls // 4)}/why",
        "audit log": lambda chance: "/audit",
        "audit log: one person": lambda chance: f"/audit?actor=manager-{chance.randrange(7)}",
        "audit log: one deed, days": lambda chance: (
            f"/audit?action={chance.choice(('call.reviewed', 'crm.told'))}&{days_of(chance, 7)}"
        ),
        "audit log: about one": lambda chance: f"/audit?subject=call:{chance.randrange(calls)}",
        "reports": lambda chance: "/reports",
        "reports: one campaign by day": lambda chance: (
            f"/reports?by=day&{days_of(chance, 30)}&campaign={chance.choice(campaigns)}"
        ),
        "reports: any month by script": lambda chance: f"/reports?by=script&{days_of(chance, 30)}",
        "reports: a quarter by class": lambda chance: f"/reports?by=class&{days_of(chance, 90)}",
        "reports: a year by week": lambda chance: f"/reports?by=week&{days_of(chance, 365)}",
        "reports: cohorts": lambda chance: "/reports/cohorts",
        "reports: NPS": lambda chance: f"/reports/nps?{days_of(chance, 30)}",
        "reports: summary": lambda chance: f"/reports/summary?{days_of(chance, 30)}",
        "reports: table as CSV": lambda chance: f"/reports/table.csv?by=campaign&{days_of(chance, 90)}",
    }


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
    settings = Settings(home=folder / "home", recordings=folder / "recordings")
    desk = await build_desk(settings, open_unit, clock, passwords=quick)
    started = time.perf_counter()
    await refresh_reports(open_unit, clock, desk.zone)
    say(f"sums of the reports brought up to date in {time.perf_counter() - started:.1f} s")
    token = await invite_user(open_unit, [Role.MANAGER, Role.AUDITOR], by="benchmark", now=clock.now())
    new = NewUser(login=f"manager-{calls}-{time.time_ns()}", name="Менеджер", password=token)
    await accept_invitation(desk.keeper, token, new, clock.now())
    app = web.Application()
    mount_desk(app, desk)
    times: dict[str, list[float]] = {}
    settle_memory()
    async with TestClient(TestServer(app)) as browser:
        form = {"login": new.login, "password": new.password}
        await browser.post("/sign-in", data=form, allow_redirects=False)
        chance = random.Random(5)
        for name, address in pages(calls).items():
            if arguments.only not in name:
                continue
            taken = [await _ask(browser, address(chance)) for _ in range(arguments.rounds + 2)]
            if None not in taken:
                times[name] = [one for one in taken[2:] if one is not None]  # the first ones fill the caches
                say(f"{name:>38}  p50 {statistics.median(times[name]):7.1f}  p95 {_p95(times[name]):7.1f} ms")
    return times


async def _ask(browser: "TestClient[web.Request, web.Application]", address: str) -> float | None:
    started = time.perf_counter()
    async with browser.get(address, allow_redirects=False) as answer:
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
