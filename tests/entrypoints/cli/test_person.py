"""`voicebot erase` and `voicebot export-person` at a terminal."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from tests.application.campaigns.shop import Shop
from voicebot.adapters.store.engine import open_engine
from voicebot.domain.errors import BadInput, NotFound
from voicebot.entrypoints.cli import person

ERASE = ("erase", "c1", "--ground", "withdrawal", "--requested", "2026-11-20")


@pytest.fixture
def shop(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Any], Any]:
    """Does something with a shop that has one customer."""
    monkeypatch.setenv("VOICEBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path))
    monkeypatch.setenv("VOICEBOT_RECORDINGS", str(tmp_path / "recordings"))

    def work(do: Callable[[Shop], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            engine = open_engine(database_url)
            try:
                return await do(Shop(engine))
            finally:
                await engine.dispose()

        return asyncio.run(main())

    work(lambda one: one.customer(phones=["+79161112233"]))
    return work


def types(*arguments: str, answer: str = "") -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    person.register(app)
    return CliRunner().invoke(app, arguments, input=answer, catch_exceptions=False)


def test_a_person_is_forgotten_after_a_question(shop: Callable[[Any], Any]) -> None:
    assert types(*ERASE, "--by", "Анна", answer="n\n").exit_code == 1
    assert shop(lambda one: one.value("select count(*) from customer_phones")) == 1
    result = types(*ERASE, "--by", "Анна", answer="y\n")
    assert result.exit_code == 0, result.output
    assert "act 1: " in result.output
    assert "2026-12-20" in result.output
    assert shop(lambda one: one.value("select count(*) from customer_phones")) == 0
    assert shop(lambda one: one.value("select actor from audit_log where action = 'customer.erased'")) == "Анна"


def test_nobody_is_forgotten_twice_or_by_nobody_or_without_being_there(shop: Callable[[Any], Any]) -> None:
    with pytest.raises(BadInput, match="--by: is missing"):
        types(*ERASE, "--by", " ", "--yes")
    types(*ERASE, "--by", "Анна", "--yes")
    with pytest.raises(BadInput, match="was erased already"):
        types(*ERASE, "--by", "Анна", "--yes")
    with pytest.raises(NotFound):
        types("erase", "c9", "--ground", "unlawful", "--by", "Анна", "--yes")


def test_what_is_known_of_a_person_is_handed_out(shop: Callable[[Any], Any], tmp_path: Path) -> None:
    file = tmp_path / "c1.json"
    assert types("export-person", "c1", "--by", "Анна", "-o", str(file)).exit_code == 0
    data = json.loads(file.read_text())
    assert data["customer"]["phones"][0]["number"] == "+79161112233"
    assert json.loads(types("export-person", "c1", "--by", "Анна").output)["customer"] == data["customer"]
    assert shop(lambda one: one.value("select count(*) from audit_log where action = 'customer.exported'")) == 2
