"""`voicebot jobs failed` and `jobs retry` as people type them."""

import json
from pathlib import Path

import psycopg
from click.testing import Result
from typer.testing import CliRunner

from tests.entrypoints.cli.test_crm import voicebot
from voicebot.domain.errors import NotFound
from voicebot.entrypoints.cli.main import app

SETUP = """
insert into customers (external_id, first_name) values ('c1', 'Иван');
insert into campaigns (name, kind, script, dialplan, status, standard_percent, offer_days, floor_percent,
    ceiling_percent, min_margin_percent, acquisition_cost, created_at)
values ('весна', 'service', 'winback', 'default', 'running', 10, 3, 5, 25, 5, 1500, now());
insert into crm_updates (key, customer_id, kind, payload, state, attempts, error, created_at) values
    ('call:1', 1, 'call', '{"key": "call:1"}', 'failed', 6, 'the CRM answered HTTP 503', '2020-11-24T09:00Z'),
    ('call:2', 1, 'call', '{"key": "call:2"}', 'sent', 1, '', '2020-11-24T09:00Z');
insert into messages (key, customer_id, campaign_id, channel, template, phone, text, state, attempts, error, created_at)
values
    ('a', 1, 1, 'sms', 'promo', '+79160000001', 'x', 'failed', 6, 'the gateway is away', '2020-11-24T10:00Z'),
    ('b', 1, 1, 'sms', 'promo', '+79160000001', 'x', 'unknown', 1, 'it is not known', '2020-11-24T11:00Z'),
    ('c', 1, 1, 'sms', 'promo', '+79160000001', '', 'failed', 0, 'no message template', '2020-11-24T11:00Z');
insert into procrastinate_jobs (queue_name, task_name, lock, args, status, attempts)
values ('voicebot', 'deliver_message', 'message:9', '{"message_id": 9}', 'failed', 2);
insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)
values ('voicebot', 'reap_leases', 'reap_leases', '{}', 'failed');
"""


def typed(*arguments: str, url: str) -> Result:
    """The command in this process: starting one takes longer than all the rest."""
    return CliRunner().invoke(app, ["jobs", *arguments], env={"VOICEBOT_DATABASE_URL": url, "COLUMNS": "200"})


def test_dead_letters_are_listed_and_live_again(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SETUP)
        listed = typed("failed", "--json", url=database_url)
        letters = json.loads(listed.stdout)
        assert [(one["id"], one["state"], one["error"]) for one in letters] == [
            ("crm:1", "failed", "the CRM answered HTTP 503"),
            ("sms:1", "failed", "the gateway is away"),
            ("sms:2", "unknown", "it is not known"),
            ("job:1", "failed", ""),
        ]
        assert "+7916" not in listed.stdout
        assert "Иван" not in listed.stdout
        everything = typed("retry", "--all", "--by", "Анна", url=database_url)
        assert everything.stdout == "queued again: crm:1, sms:1, job:1\n", everything.output
        assert "sms:2" in typed("failed", url=database_url).stdout
        named = typed("retry", "sms:2", "--by", "Анна", url=database_url)
        assert named.stdout == "queued again: sms:2\n"
        assert typed("failed", url=database_url).stdout == "nothing was given up\n"
        assert connection.execute("select state from crm_updates order by id").fetchall() == [("queued",), ("sent",)]
        queued = "select task_name, lock, args, attempts from procrastinate_jobs where status = 'todo' order by id"
        assert connection.execute(queued).fetchall() == [
            ("deliver_message", "message:9", {"message_id": 9}, 0),
            ("update_crm", "crm:1", {"update_id": 1}, 0),
            ("deliver_message", "message:1", {"message_id": 1}, 0),
            ("deliver_message", "message:2", {"message_id": 2}, 0),
        ]
        audited = "select actor, subject from audit_log where action = 'jobs.retried' order by id"
        assert connection.execute(audited).fetchall() == [("Анна", one) for one in ("crm:1", "sms:1", "job:1", "sms:2")]


def test_a_name_that_is_no_dead_letter_queues_nothing(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SETUP)
        wrong = typed("retry", "crm:1", "crm:2", "sms:77", url=database_url)
        assert isinstance(wrong.exception, NotFound)
        assert str(wrong.exception) == "no dead letter crm:2, sms:77: `voicebot jobs failed` lists them"
        assert connection.execute("select count(*) from crm_updates where state = 'failed'").fetchone() == (1,)


def test_settings_of_the_crm_are_checked_with_their_repair(tmp_path: Path) -> None:
    told = voicebot("jobs", "failed", VOICEBOT_CRM="webhook", VOICEBOT_CRM_SECRET="short", VOICEBOT_API_TOKEN="short")
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        "voicebot: VOICEBOT_CRM: webhook needs an address (set VOICEBOT_CRM_URL)",
        "VOICEBOT_CRM_SECRET: is too short (a secret has at least 16 characters)",
        "VOICEBOT_API_TOKEN: is too short (a secret has at least 16 characters)",
    ]
