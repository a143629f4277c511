"""The store that `pages.py` asks for its pages: 1 million calls / 10 million turns, made up in SQL."""

import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

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
    "UPDATE campaigns SET status = 'running' WHERE id > 38",
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
    "  dialled_at, answered_at, ended_at, cause, sip_code, hung_up_by, disposition, outcome_group, hangup_state,"
    "  recording)"
    " SELECT (n + 1) / 2, (n + 3) / 4, '+79' || lpad(((n + 3) / 4)::text, 9, '0'), 2 - n % 2, 'line', "
    "  '{\"allowed\": true, \"refusals\": [], \"facts\": {}}', '{}', CASE WHEN n % 50 = 0 THEN 'in' ELSE 'out' END,"
    "  'carrier', 'winback', at, CASE WHEN n % 3 > 0 THEN at + interval '9 seconds' END,"
    "  at + make_interval(secs => 12 + n * 7919 % 200), CASE WHEN n % 3 > 0 THEN 'answered' ELSE 'busy' END, 200,"
    "  CASE WHEN n % 3 > 0 THEN 'bot' END, said, CASE said WHEN 'busy' THEN 'none' WHEN 'accepted' THEN 'interested'"
    "   WHEN 'hung_up' THEN 'neutral' WHEN 'callback' THEN 'neutral' ELSE 'negative' END,"
    "  CASE WHEN said = 'hung_up' THEN (ARRAY['greeting', 'offer', 'reason'])[1 + n % 7 % 3] ELSE '' END,"
    "  CASE WHEN n % 3 > 0 THEN to_char(at, 'YYYY/MM/DD/') || n || '.wav' ELSE '' END"
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
    # What else has grown by then: texts, news told to the CRM, stops, consents, the log; people who wait for a call.
    "INSERT INTO messages (key, customer_id, campaign_id, call_id, channel, template, phone, text, state, attempts,"
    "  created_at, sent_at) SELECT 'call:' || c.id, c.customer_id, l.campaign_id, c.id, 'sms', 'promo', c.phone,"
    "  'Ваш промокод C' || c.id || ', скидка 10 %', CASE WHEN c.id % 500 = 1 THEN 'failed' ELSE 'delivered' END, 1,"
    "  c.ended_at, c.ended_at FROM calls c JOIN leads l ON l.id = c.lead_id"
    " WHERE c.id > :first AND c.id <= :last AND c.disposition = 'accepted'",
    "INSERT INTO crm_updates (key, customer_id, call_id, kind, payload, state, attempts, created_at, sent_at)"
    " SELECT 'call:' || id, customer_id, id, 'call', jsonb_build_object('call', id, 'disposition', disposition,"
    "  'transcript', repeat('интересно, расскажите ', 8)), CASE WHEN id % 2000 = 1 THEN 'failed' ELSE 'sent' END, 1,"
    "  ended_at, ended_at FROM calls WHERE id > :first AND id <= :last AND answered_at IS NOT NULL",
    "INSERT INTO stop_list (customer_id, since, source)"
    " SELECT customer_id, max(ended_at), 'call' FROM calls WHERE id > :first AND id <= :last AND id % 60 = 0"
    " GROUP BY customer_id ON CONFLICT DO NOTHING",
    "INSERT INTO consents (customer_id, scope, kind, source, wording_version, given_at)"
    " SELECT n, 'call', 'advertising', 'site', '1', CAST(:start AS timestamptz)"
    " FROM generate_series(CAST(:first AS bigint) / 4 + 1, CAST(:last AS bigint) / 4) n",
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "INSERT INTO audit_log (id, at, actor, action, subject, prev_hash, hash)"
    " SELECT head.id + row_number() OVER (ORDER BY c.id), c.ended_at,"
    "  CASE WHEN c.id % 10 = 1 THEN 'manager-' || c.id / 10 % 7 ELSE 'jobs' END,"
    "  (ARRAY['call.reviewed', 'recording.heard', 'escalation.taken', 'crm.told'])[1 + c.id / 10 % 4],"
    "  'call:' || c.id, md5('before' || c.id), md5('' || c.id)"
    " FROM calls c CROSS JOIN (SELECT coalesce(max(id), 0) AS id FROM audit_log) head"
    " WHERE c.id > :first AND c.id <= :last AND c.id % 2 = 1",
    "ALTER TABLE audit_log ENABLE TRIGGER ALL",
    "INSERT INTO leads (id, campaign_id, customer_id, state, next_attempt_at, created_at, updated_at)"
    " OVERRIDING SYSTEM VALUE SELECT 10000000 + n * 2 + k, 39 + k, n, 'queued', now(), now(), now()"
    " FROM generate_series(CAST(:first AS bigint) / 4 + 1, CAST(:last AS bigint) / 4) n"
    " CROSS JOIN (VALUES (0), (1)) k(k) WHERE n % 5 < 2 ON CONFLICT DO NOTHING",
)
_INDEXED_AT_ONCE = 2000
_QUICKLY = (
    "ALTER SYSTEM SET max_wal_size = '8GB'",
    "ALTER SYSTEM SET checkpoint_timeout = '30min'",
    "ALTER SYSTEM SET synchronous_commit = off",
    "SELECT pg_reload_conf()",
)
"""While it is filled only: pages are measured with the server as it is shipped."""
_AS_SHIPPED = (
    "ALTER SYSTEM RESET max_wal_size",
    "ALTER SYSTEM RESET checkpoint_timeout",
    "ALTER SYSTEM RESET synchronous_commit",
    "SELECT pg_reload_conf()",
)


async def prepare(engine: AsyncEngine) -> None:
    said = [line.split("\t")[1] for line in UTTERANCES.read_text(encoding="utf-8").splitlines() if line[:1] not in "#"]
    async with engine.begin() as connection:
        for statement in SCHEMA:
            await connection.execute(text(statement))
        rows = [{"kind": "bot", "n": n, "said": one} for n, one in enumerate(BOT)]
        rows += [{"kind": "customer", "n": n, "said": one} for n, one in enumerate(said)]
        await connection.execute(text("INSERT INTO pool VALUES (:kind, :n, :said)"), rows)


async def fill(engine: AsyncEngine, first: int, last: int, total: int) -> None:
    """Calls first+1 .. last, in the order of time, then what they are found by."""
    started = time.perf_counter()
    phrases = await _run(engine, _QUICKLY, "SELECT count(*) FROM pool WHERE kind = 'customer'")
    values = {"first": first, "last": last, "leads": total // 2, "start": START, "step": STEP_S, "phrases": phrases}
    for number, statement in enumerate(FILL, start=1):
        await _run(engine, (), statement, values | {"last_spruce": total // 20})
        say(f"{last} calls: statement {number} of {len(FILL)} done after {time.perf_counter() - started:.0f} s")
    definition = await _run(engine, (), "SELECT pg_get_indexdef('ix_call_search'::regclass)")
    await _run(engine, (), "DROP INDEX ix_call_search")
    starts = list(range(first, last, _INDEXED_AT_ONCE))
    await asyncio.gather(_index(engine, starts[::2], last), _index(engine, starts[1::2], last))
    say(f"{last} calls: words collected after {time.perf_counter() - started:.0f} s")
    await _run(engine, ("SET maintenance_work_mem = '512MB'",), str(definition))
    await _run(engine, (), "VACUUM ANALYZE")
    await _run(engine, _AS_SHIPPED, "CHECKPOINT")
    say(f"{last} calls filled in {time.perf_counter() - started:.0f} s")


async def _run(
    engine: AsyncEngine, before: tuple[str, ...], statement: str, values: Mapping[str, object] | None = None
) -> object:
    """The one value it answers with, if any."""
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for one in before:
            await connection.execute(text(one))
        found = await connection.execute(text(statement), values or {})
        return found.scalar() if found.returns_rows else None


async def _index(engine: AsyncEngine, starts: list[int], last: int) -> None:
    query = text("SELECT index_calls(ARRAY(SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint))))")
    for start in starts:
        async with engine.begin() as connection:
            await connection.execute(query, {"first": start + 1, "last": min(start + _INDEXED_AT_ONCE, last)})


def say(line: str) -> None:
    """How far it has come, for people."""
    print(line, file=sys.stderr, flush=True)
