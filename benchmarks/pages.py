"""Lists, searches and pages of the desk over 1 million calls / 10 million turns: server time of each, and its growth.

    python benchmarks/pages.py [--json] [--calls 1000000] [--rounds 30]

Fills an embedded database of its own (about ten minutes and 10 GB for the default size): first a tenth, which is
measured, then the rest. Every page is asked for over HTTP as a signed-in manager asks, with another place, word or
filter each time: the time is that of the whole answer, session, database and template included. `worst_p95_ms` is the
95th percentile of the slowest page; `growth` is how many times dearer the median page became with ten times the data.
"""

import argparse
import asyncio
import functools
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text
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

START = datetime(2024, 11, 20, 6, tzinfo=UTC)
STEP_S = 60
"""Seconds from call to call: a million of them are nearly two years."""
UTTERANCES = Path(__file__).parent / "data" / "utterances.tsv"
BOT = (
    "Здравствуйте! Это робот компании Пример, разговор записывается. Вам удобно говорить?",
    "Вы покупали у нас кофе. Дарим вам персональную скидку десять процентов на три дня. Вам интересно?",
    "Понимаю. А почему, если не секрет?",
    "Для вас мы готовы сделать скидку пятнадцать процентов. Так будет интересно?",
    "Нам очень жаль, что так вышло. Расскажите, пожалуйста, что пошло не так?",
    "Спасибо, я всё записал и передам менеджеру. Всего доброго!",
    "Промокод придёт вам в смс. Спасибо и до свидания!",
    "Простите, не расслышал. Повторите, пожалуйста.",
)
SCHEMA = (
    "CREATE TABLE pool (kind text, n int, said text, primary key (kind, n))",
    "ALTER TABLE calls DISABLE TRIGGER ALL",  # foreign keys hold by construction; the search is filled at the end
    "ALTER TABLE turns DISABLE TRIGGER ALL",
    "ALTER TABLE call_tags DISABLE TRIGGER ALL",
    "ALTER TABLE call_reviews DISABLE TRIGGER ALL",
    "INSERT INTO campaigns (name, kind, script, dialplan, status, standard_percent, offer_days, floor_percent,"
    " ceiling_percent, min_margin_percent, acquisition_cost, created_at)"
    " SELECT 'Кампания ' || n, 'service', 'winback', 'default', 'finished', 10, 3, 5, 25, 5, 1500, now()"
    " FROM generate_series(1, 40) n",
)
FILL = (
    # A customer in four calls, a lead in two; a campaign lasts a twentieth of the time, two of them run at once.
    "INSERT INTO customers (external_id, last_name, first_name, patronymic)"
    " SELECT 'C-' || n, (ARRAY['Иванов', 'Петров', 'Сидоров', 'Кузнецов', 'Смирнов', 'Попов', 'Волков'])[1 + n % 7]"
    "  || n % 999,"
    "  (ARRAY['Иван','Пётр','Анна','Мария','Олег'])[1 + n % 5], 'Петрович'"
    " FROM generate_series(CAST(:first AS bigint) / 4 + 1, CAST(:last AS bigint) / 4) n",
    "INSERT INTO customer_phones (customer_id, phone, is_primary)"
    " SELECT n, '+79' || lpad(n::text, 9, '0'), true"
    " FROM generate_series(CAST(:first AS bigint) / 4 + 1, CAST(:last AS bigint) / 4) n",
    "INSERT INTO leads (campaign_id, customer_id, state, attempts, created_at, updated_at)"
    " SELECT 1 + 2 * ((n - 1) * 20 / :leads) + n % 2, (n + 1) / 2, 'done', 2, now(), now()"
    " FROM generate_series(CAST(:first AS bigint) / 2 + 1, CAST(:last AS bigint) / 2) n",
    "INSERT INTO calls (lead_id, customer_id, phone, attempt, owner, verdict, offers, direction, trunk, script,"
    "  dialled_at, answered_at, ended_at, cause, sip_code, hung_up_by, disposition, outcome_group, hangup_state)"
    " SELECT (n + 1) / 2, (n + 3) / 4, '+79' || lpad(((n + 3) / 4)::text, 9, '0'), 2 - n % 2, 'line', "
    "  '{\"allowed\": true, \"refusals\": [], \"facts\": {}}', '{}', CASE WHEN n % 50 = 0 THEN 'in' ELSE 'out' END,"
    "  'carrier', 'winback', at, CASE WHEN n % 3 > 0 THEN at + interval '9 seconds' END,"
    "  at + make_interval(secs => 12 + n * 7919 % 200), CASE WHEN n % 3 > 0 THEN 'answered' ELSE 'busy' END, 200,"
    "  CASE WHEN n % 3 > 0 THEN 'bot' END, said, CASE said WHEN 'busy' THEN 'none' WHEN 'accepted' THEN 'interested'"
    "   WHEN 'hung_up' THEN 'neutral' WHEN 'callback' THEN 'neutral' ELSE 'negative' END,"
    "  CASE WHEN said = 'hung_up' THEN (ARRAY['greeting', 'offer', 'reason'])[1 + n % 7 % 3] ELSE '' END"
    " FROM (SELECT n, CAST(:start AS timestamptz) + make_interval(secs => n * :step) AS at,"
    "   CASE WHEN n % 3 = 0 THEN 'busy' WHEN n % 5000 = 1 THEN 'complaint'"
    "    ELSE (ARRAY['accepted', 'declined', 'hung_up', 'callback', 'stop'])[1 + n % 5] END AS said"
    "  FROM generate_series(CAST(:first AS bigint) + 1, CAST(:last AS bigint)) n) numbered",
    # Fifteen turns of two calls in three. Everyday words are everywhere; the spruce was sold in the first winter only;
    # each call in a thousand names a product of its own.
    "INSERT INTO turns (call_id, position, speaker, state, text, started_at, ended_at, intent, confidence, score)"
    " SELECT c.id, p, CASE WHEN p % 2 = 0 THEN 'bot' ELSE 'customer' END,"
    "  (ARRAY['greeting','offer','reason','remedy','farewell'])[1 + p / 3],"
    "  CASE WHEN p = 3 AND c.id % 1000 = 1 THEN 'мне нужен товар артикул' || c.id"
    "   WHEN p = 5 AND c.id < :last_spruce AND c.id % 3 = 1 THEN 'ёлка у вас была хорошая'"
    "   ELSE said END,"
    "  p * 4, p * 4 + 3, CASE WHEN p % 2 = 1 THEN 'yes' END, CASE WHEN p % 2 = 1 THEN 0.9 END,"
    "  CASE WHEN p % 2 = 1 THEN 0.8 END"
    " FROM generate_series(CAST(:first AS bigint) + 1, CAST(:last AS bigint)) AS c(id)"
    " CROSS JOIN generate_series(0, 14) p"
    " JOIN pool ON kind = CASE WHEN p % 2 = 0 THEN 'bot' ELSE 'customer' END"
    "  AND n = CASE WHEN p % 2 = 0 THEN p / 2 % 8 ELSE (c.id * 31 + p * 7919 + c.id / 997) % :phrases END"
    " WHERE c.id % 3 > 0",
    "INSERT INTO call_tags (call_id, tag) SELECT n, CASE WHEN n % 4000 = 1 THEN 'vip' ELSE 'price' END"
    " FROM generate_series(CAST(:first AS bigint) + 1, CAST(:last AS bigint)) n WHERE n % 20 = 1",
    "INSERT INTO call_reviews (call_id, reviewed_by, at) SELECT n, 'Анна', now()"
    " FROM generate_series(CAST(:first AS bigint) + 1, CAST(:last AS bigint)) n WHERE n % 3 > 0 AND n % 30 <> 1",
    "INSERT INTO escalations (customer_id, campaign_id, call_id, kind, urgent, reason, created_at, resolved_at,"
    "  resolved_by) SELECT c.customer_id, l.campaign_id, c.id, 'manager', c.id % 8 = 0, 'привезли не то', c.ended_at,"
    "   CASE WHEN c.id < :last - 3000 THEN c.ended_at + interval '2 hours' END,"
    "   CASE WHEN c.id < :last - 3000 THEN 'Анна' ELSE '' END"
    " FROM calls c JOIN leads l ON l.id = c.lead_id WHERE c.id > :first AND c.id <= :last AND c.id % 60 = 1",
    # What reports count: each class of customers, orders before and after the calls, codes of which a third is used,
    # scores, a new version of the script every 97 days.
    "UPDATE customers SET value_class = (ARRAY['A', 'B', 'C', 'D'])[1 + id % 4]"
    " WHERE id > CAST(:first AS bigint) / 4 AND id <= CAST(:last AS bigint) / 4",
    "INSERT INTO orders (external_id, customer_id, placed_at, total)"
    " SELECT 'O-' || c.id || '-' || n, c.id, CAST(:start AS timestamptz)"
    "  + make_interval(days => CAST(c.id % 700 + n * 40 - 300 AS integer)), 500 + c.id % 9000"
    " FROM customers c CROSS JOIN generate_series(1, 3) n"
    " WHERE c.id > CAST(:first AS bigint) / 4 AND c.id <= CAST(:last AS bigint) / 4 AND n <= 1 + c.id % 3",
    "INSERT INTO promo_codes (code, customer_id, campaign_id, percent, days, issued_at, valid_until, redeemed_at)"
    " SELECT 'C' || c.id, c.customer_id, l.campaign_id, 10, 3, c.ended_at, c.ended_at + interval '4 days',"
    "  CASE WHEN c.id % 3 = 0 THEN c.ended_at + interval '1 day' END FROM calls c JOIN leads l ON l.id = c.lead_id"
    " WHERE c.id > :first AND c.id <= :last AND c.disposition = 'accepted' ON CONFLICT DO NOTHING",
    "UPDATE calls SET nps = id * 31 % 11 WHERE id > :first AND id <= :last AND id % 90 = 1",
)
_INDEXED_AT_ONCE = 2000


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

    def days_of(chance: random.Random, count: int) -> str:
        last = START + timedelta(seconds=STEP_S * chance.randrange(calls // 2, calls + 1))
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
        "audit log": lambda chance: "/audit",
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
    with (
        tempfile.TemporaryDirectory(prefix="voicebot-benchmark-") as folder,
        EmbeddedPostgres(Path(folder) / "pg") as own,
    ):
        url = own.url()
        migrate(url)
        engine = open_engine(url)
        try:
            tenth = total // 10 // 12 * 12
            await _prepare(engine)
            await _fill(engine, 0, tenth, total)
            small = await _measure(engine, Path(folder), tenth, arguments.rounds)
            await _fill(engine, tenth, total, total)
            whole = await _measure(engine, Path(folder), total, arguments.rounds)
        finally:
            await engine.dispose()
    medians = [statistics.median(whole[name]) / statistics.median(small[name]) for name in whole]
    figures = {
        "worst_p95_ms": max(_p95(times) for times in whole.values()),
        "growth": round(statistics.median(medians), 2),
        "worst_growth": round(max(medians), 2),
        "calls": total,
        "turns": total // 3 * 2 * 15,
        "p95_ms": {name: _p95(times) for name, times in whole.items()},
        "p50_ms": {name: round(statistics.median(times), 1) for name, times in whole.items()},
        "tenth_p50_ms": {name: round(statistics.median(times), 1) for name, times in small.items()},
    }
    _print(figures, as_json=arguments.json)


async def _prepare(engine: AsyncEngine) -> None:
    said = [line.split("\t")[1] for line in UTTERANCES.read_text(encoding="utf-8").splitlines() if line[:1] not in "#"]
    async with engine.begin() as connection:
        for statement in SCHEMA:
            await connection.execute(text(statement))
        rows = [{"kind": "bot", "n": n, "said": one} for n, one in enumerate(BOT)]
        rows += [{"kind": "customer", "n": n, "said": one} for n, one in enumerate(said)]
        await connection.execute(text("INSERT INTO pool VALUES (:kind, :n, :said)"), rows)


async def _fill(engine: AsyncEngine, first: int, last: int, total: int) -> None:
    """Calls first+1 .. last, in the order of time, then what they are found by."""
    started = time.perf_counter()
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        phrases = await connection.scalar(text("SELECT count(*) FROM pool WHERE kind = 'customer'"))
        values = {"first": first, "last": last, "leads": total // 2, "start": START, "step": STEP_S, "phrases": phrases}
        for statement in FILL:
            await connection.execute(text(statement), values | {"last_spruce": total // 20})
        definition = await connection.scalar(text("SELECT pg_get_indexdef('ix_call_search'::regclass)"))
        await connection.execute(text("DROP INDEX ix_call_search"))
    _say(f"{last} calls written in {time.perf_counter() - started:.0f} s")
    starts = list(range(first, last, _INDEXED_AT_ONCE))
    await asyncio.gather(_index(engine, starts[::2], last), _index(engine, starts[1::2], last))
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(str(definition)))
        await connection.execute(text("VACUUM ANALYZE"))
    _say(f"{last} calls filled in {time.perf_counter() - started:.0f} s")


async def _index(engine: AsyncEngine, starts: list[int], last: int) -> None:
    query = text("SELECT index_calls(ARRAY(SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint))))")
    for start in starts:
        async with engine.begin() as connection:
            await connection.execute(query, {"first": start + 1, "last": min(start + _INDEXED_AT_ONCE, last)})


async def _measure(engine: AsyncEngine, folder: Path, calls: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every answer, by page; pages this version has not are left out."""
    clock = FixedClock(START + timedelta(seconds=STEP_S * calls + 300))
    quick = Argon2Passwords(time_cost=1, memory_kib=64)
    open_unit = functools.partial(SqlDeskUnit, engine)
    settings = Settings(home=folder / "home", recordings=folder / "recordings")
    desk = await build_desk(settings, open_unit, clock, passwords=quick)
    started = time.perf_counter()
    await refresh_reports(open_unit, clock, desk.zone)
    _say(f"sums of the reports brought up to date in {time.perf_counter() - started:.1f} s")
    token = await invite_user(open_unit, [Role.MANAGER, Role.AUDITOR], by="benchmark", now=clock.now())
    new = NewUser(login=f"manager-{calls}", name="Менеджер", password=token)
    await accept_invitation(desk.keeper, token, new, clock.now())
    app = web.Application()
    mount_desk(app, desk)
    times: dict[str, list[float]] = {}
    async with TestClient(TestServer(app)) as browser:
        form = {"login": new.login, "password": new.password}
        await browser.post("/sign-in", data=form, allow_redirects=False)
        chance = random.Random(5)
        for name, address in pages(calls).items():
            taken = [await _ask(browser, address(chance)) for _ in range(rounds + 2)]
            if None not in taken:
                times[name] = [one for one in taken[2:] if one is not None]  # the first ones fill the caches
                _say(f"{name:>38}  p50 {statistics.median(times[name]):7.1f}  p95 {_p95(times[name]):7.1f} ms")
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


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=30)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
