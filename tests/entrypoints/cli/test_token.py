"""`voicebot token` as people type it."""

import json

import psycopg
from click.testing import Result
from typer.testing import CliRunner

from voicebot.domain.errors import BadInput, NotFound
from voicebot.entrypoints.cli.main import app


def typed(*arguments: str, url: str) -> Result:
    return CliRunner().invoke(app, ["token", *arguments], env={"VOICEBOT_DATABASE_URL": url, "COLUMNS": "200"})


def test_a_token_is_shown_once_listed_and_revoked(database_url: str) -> None:
    made = typed(
        "create",
        "CRM",
        "--scope",
        "events:write",
        "--scope",
        "orders:write",
        "--days",
        "90",
        "--by",
        "Анна",
        url=database_url,
    )
    assert made.exit_code == 0
    shown = made.stdout.splitlines()[-1]
    assert shown.startswith("vbt_") and len(shown) > 40
    (row,) = json.loads(typed("list", "--json", url=database_url).stdout)
    assert (row["name"], row["scopes"], row["created_by"], row["used_at"], row["revoked_at"]) == (
        "CRM",
        ["events:write", "orders:write"],
        "Анна",
        None,
        None,
    )
    assert shown not in typed("list", url=database_url).stdout
    assert typed("revoke", "1", "--by", "Анна", url=database_url).exit_code == 0
    assert "revoked" in typed("list", url=database_url).stdout
    with psycopg.connect(database_url) as connection:
        entries = connection.execute("select actor, action, subject from audit_log order by id").fetchall()
        stored = str(connection.execute("select * from api_tokens").fetchall())
    assert entries == [("Анна", "token.created", "token:1"), ("Анна", "token.revoked", "token:1")]
    assert shown not in stored


def test_everything_wrong_with_a_token_is_said_at_once(database_url: str) -> None:
    error = typed("create", " ", "--scope", "campaigns:release", "--days", "0", url=database_url).exception
    assert isinstance(error, BadInput)
    assert [one.source for one in error.problems] == ["name", "scopes", "days"]
    assert isinstance(typed("revoke", "7", url=database_url).exception, NotFound)
