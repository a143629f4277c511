"""/metrics tells the truth, to those who may ask, under the names that dashboard and alert rules use."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.application.campaigns.shop import NOON, Shop, unanswered_report
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.desk.test_today import RULES
from tests.entrypoints.web.conftest import Holder, Program, escalated
from voicebot.application.record_outcome import record_outcome
from voicebot.config import PROJECT
from voicebot.domain.alarms import AlarmKind
from voicebot.domain.api_token import Scope
from voicebot.domain.call import Cause
from voicebot.domain.outcome import unanswered
from voicebot.domain.process import Process, ProcessKind
from voicebot.entrypoints.web.api.keys import Api

DEPLOY = PROJECT / "deploy"
NAME = re.compile(r"\bvoicebot_[a-z_]+")
Sample = tuple[str, tuple[tuple[str, str], ...]]


async def figures(program: Program) -> dict[Sample, float]:
    reply = await program.ask("/metrics")
    assert (reply.status, reply.content_type) == (200, "text/plain")
    found = text_string_to_metric_families(await reply.text())
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in found for one in family.samples}


def of(found: dict[Sample, float], name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


async def full(shop: Shop, api: Api) -> None:
    """A company in which everything that is measured has happened."""
    await escalated(shop)
    await shop.campaign([await shop.customer() for _ in range(3)], name="Возврат")
    await shop.execute("update calls set trunk = 'main'")
    busy = (await shop.claim()).call.id
    await record_outcome(shop.open_unit, busy, unanswered_report(Cause.BUSY), unanswered(Cause.BUSY), RULES)
    live = (await shop.claim()).call.id
    await shop.execute(f"update calls set trunk = 'main' where id = {live}")
    await shop.execute(
        "insert into trunks (name, next_call_at, paused_until, trips, reason) values"
        f" ('main', '{NOON}', '{NOON + timedelta(minutes=1)}', 2, 'failed')"
    )
    await shop.execute(
        "insert into crm_events (key, customer_id, kind, at, received_at)"
        " select 'e' || id, customer_id, 'cart', dialled_at, dialled_at - interval '3 seconds' from calls"
    )
    await shop.execute(
        "insert into procrastinate_jobs (queue_name, task_name, args, status)"
        " values ('voicebot', 'update_crm', '{}', 'failed')"
    )
    async with api.open_unit() as unit:
        for number, kind in enumerate(ProcessKind):
            seen = NOON - timedelta(seconds=5)
            process = Process(
                id=f"a:{number}:1",
                host="a",
                pid=number,
                kind=kind,
                name=kind,
                lines=3 if kind is ProcessKind.LINE else 0,
                version="1",
                started_at=seen,
                seen_at=seen,
            )
            await unit.processes.seen(process, seen)
        await unit.commit()


async def test_calls_queues_managers_and_machines_are_counted(
    holder: Holder, shop: Shop, api: Api, clock: MovingClock
) -> None:
    await full(shop, api)
    clock.time += timedelta(seconds=20)
    found = await figures(await holder(Scope.METRICS_READ))
    assert of(found, "voicebot_database_up") == 1
    assert of(found, "voicebot_calls_total", campaign="Возврат", direction="out", cause="busy") == 1
    assert of(found, "voicebot_talks_total", campaign="campaign 2", group="negative") == 1
    assert of(found, "voicebot_calls_live", campaign="Возврат") == 1
    assert of(found, "voicebot_leads", campaign="Возврат", state="due") == 1
    assert of(found, "voicebot_leads", campaign="Возврат", state="later") == 1
    assert of(found, "voicebot_leads", campaign="Возврат", state="claimed") == 1
    assert of(found, "voicebot_escalations_open", urgent="true") == 1
    assert of(found, "voicebot_reply_gap_seconds", quantile="0.5") == 0.7
    assert of(found, "voicebot_event_to_invite_seconds", quantile="0.9") == 3
    assert of(found, "voicebot_processes", kind="line") == 1
    assert of(found, "voicebot_lines") == 3
    assert of(found, "voicebot_trunk_calls_live", trunk="main") == 1
    assert of(found, "voicebot_trunk_paused", trunk="main") == 1
    assert of(found, "voicebot_alarm", kind="trunk", subject="main") == 1
    assert of(found, "voicebot_alarm", kind="stops", subject="") == 0
    assert of(found, "voicebot_jobs", task="update_crm", state="failed") == 1
    assert of(found, "voicebot_dead_letters", kind="job") == 1
    assert of(found, "voicebot_day_dialled", window="today") == 3


async def test_figures_are_kept_for_ten_seconds_and_counters_never_fall(
    holder: Holder, shop: Shop, clock: MovingClock
) -> None:
    await escalated(shop)
    program = await holder(Scope.METRICS_READ)
    labels = {"campaign": "campaign 2", "direction": "out", "cause": "answered"}
    assert of(await figures(program), "voicebot_calls_total", **labels) == 1
    await shop.execute(
        "insert into calls (lead_id, customer_id, phone, attempt, owner, verdict, offers, dialled_at, answered_at,"
        " ended_at, cause, outcome_group) select lead_id, customer_id, phone, 2, owner, verdict, offers, dialled_at,"
        " answered_at, ended_at, cause, outcome_group from calls"
    )
    clock.time += timedelta(seconds=9)
    assert of(await figures(program), "voicebot_calls_total", **labels) == 1
    clock.time += timedelta(seconds=2)
    assert of(await figures(program), "voicebot_calls_total", **labels) == 2
    other = await holder(Scope.METRICS_READ)  # another process, that has remembered nothing
    for days in (1, 2, 3):
        clock.time = NOON + timedelta(days=days)
        for one in (program, other):
            assert of(await figures(one), "voicebot_calls_total", **labels) == 2


async def test_only_the_scope_opens_the_metrics(holder: Holder) -> None:
    others = [one for one in Scope if one is not Scope.METRICS_READ]
    program = await holder(*others)
    assert (await program.ask("/metrics")).status == 403
    assert (await program.client.get("/metrics")).status == 401


async def test_programs_of_the_machine_need_no_token_where_the_settings_say_so(holder: Holder) -> None:
    client = (await holder(metrics="loopback")).client
    assert (await client.get("/metrics")).status == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert (await client.get("/metrics", headers={header: "127.0.0.1"})).status == 401
    assert (await client.get("/api/v1/calls")).status == 401


async def test_a_database_that_is_away_is_a_figure(holder: Holder, shop: Shop) -> None:
    program = await holder(metrics="loopback")
    await shop.execute("alter table trunks rename to elsewhere")
    reply = await program.client.get("/metrics")
    assert "voicebot_database_up 0.0" in await reply.text()


def expressions(document: Any) -> list[str]:
    """Every PromQL expression in a document, however deep."""
    match document:
        case dict():
            inner = [one for value in document.values() for one in expressions(value)]
            asked = re.findall(r'query "(.*?[^\\])"', " ".join(map(str, document.values())))
            return inner + asked + ([document["expr"]] if "expr" in document else [])
        case list():
            return [one for value in document for one in expressions(value)]
    return []


@pytest.mark.parametrize("path", ["grafana/voicebot.json", "prometheus/alerts.yml"])
async def test_every_metric_that_is_watched_is_shown(path: str, holder: Holder, shop: Shop, api: Api) -> None:
    await full(shop, api)
    program = await holder(Scope.METRICS_READ)
    await figures(program)
    shown = {name for name, _ in await figures(program)}
    text = (DEPLOY / path).read_text(encoding="utf-8")
    asked = expressions(json.loads(text) if Path(path).suffix == ".json" else yaml.safe_load(text))
    named = {name for one in asked for name in NAME.findall(one)}
    assert len(named) > 5
    assert named - shown == set()


def test_every_alarm_of_the_desk_has_a_rule_and_every_rule_says_what_to_do() -> None:
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    text = " ".join(rule["expr"] for rule in rules)
    assert set(re.findall(r'voicebot_alarm\{kind="(\w+)"\}', text)) == set(AlarmKind)
    for rule in rules:
        assert rule["annotations"]["summary"] and rule["annotations"]["description"], rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")
