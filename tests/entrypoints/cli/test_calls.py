"""`voicebot calls ...` and `voicebot campaign ...` as a manager meets them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import typer
from typer.testing import CliRunner

from tests.application.campaigns.shop import MAY_CALL, TURNS, Shop, answered, outcome
from voicebot.adapters.store.engine import open_engine
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.entrypoints.cli import calls, campaign

_T = TypeVar("_T")
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={"promo": MessageTemplate(name="promo", text="{name}, код {code}")},
    sender=Sender(company="Пример", rules_url=""),
    draw=lambda _: 4711,
)


class Manager:
    """Somebody at a terminal, with a database behind it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._app = typer.Typer(pretty_exceptions_enable=False)
        calls.register(self._app)
        campaign.register(self._app)

    def types(self, *arguments: str) -> str:
        result = CliRunner(env={"COLUMNS": "200"}).invoke(self._app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def shop(self, work: Callable[[Shop], Awaitable[_T]]) -> _T:
        async def main() -> _T:
            engine = open_engine(self._url)
            try:
                return await work(Shop(engine))
            finally:
                await engine.dispose()

        return asyncio.run(main())


@pytest.fixture
def manager(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Manager:
    monkeypatch.setenv("VOICEBOT_DATABASE_URL", database_url)
    return Manager(database_url)


async def _one_acceptance(shop: Shop) -> int:
    await shop.campaign([await shop.customer(), await shop.customer()], name="Осень")
    claimed = await shop.claim()
    accepted = outcome(
        Disposition.ACCEPTED,
        FollowUp(kind=ActionKind.PROMO),
        FollowUp(kind=ActionKind.SMS, template="promo"),
        FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="хочу человека"),
        group=Group.INTERESTED,
        tags=("price",),
    )
    await record_outcome(shop.open_unit, claimed.call.id, answered(turns=TURNS), accepted, RULES)
    return claimed.call.id


def test_a_list_shows_masked_phones_and_what_came_of_each_call(manager: Manager) -> None:
    call_id = manager.shop(_one_acceptance)
    written = manager.types("calls", "list")
    for word in (str(call_id), "Осень", "accepted", "interested", "price", "40 s", "+7916***0001"):
        assert word in written
    assert "+79160000001" not in written
    (found,) = json.loads(manager.types("calls", "list", "--campaign", "Осень", "--json"))
    assert (found["call"], found["phone"], found["tags"]) == (call_id, "+7916***0001", ["price"])
    assert found["external_id"] in written
    assert json.loads(manager.types("calls", "list", "--group", "negative", "--json")) == []
    assert manager.types("calls", "list", "--group", "negative") == "no such calls\n"
    with pytest.raises(NotFound, match="Весна"):
        manager.types("calls", "list", "--campaign", "Весна")


def test_one_call_is_shown_with_transcript_code_message_and_escalation(manager: Manager) -> None:
    call_id = manager.shop(_one_acceptance)
    written = manager.types("calls", "show", str(call_id))
    for words in ("Здравствуйте", "yes", "700", "promo code ", "10 %", "SMS 'promo' queued", "urgent manager: хочу"):
        assert words in written
    shown = json.loads(manager.types("calls", "show", str(call_id), "--json"))
    assert [turn["text"] for turn in shown["turns"]] == ["Здравствуйте", "да", "Скидка"]
    assert shown["promo"]["percent"] == "10"
    assert shown["messages"][0]["state"] == "queued"
    assert shown["verdict"]["allowed"] is True
    with pytest.raises(NotFound, match="no call 999"):
        manager.types("calls", "show", "999")


def test_a_campaign_is_selected_released_paused_and_watched(manager: Manager, tmp_path: Path) -> None:
    async def lapsed(shop: Shop) -> None:
        for _ in range(40):
            await shop.customer(spent=5000, consented=MAY_CALL)

    manager.shop(lapsed)
    segment = tmp_path / "silent.yaml"
    segment.write_text("name: silent\nkind: silent\nmonths: 3\n")
    written = manager.types("campaign", "create", "Осень", "--segment", str(segment), "--by", "Анна")
    assert "await their release" in written
    manager.types("campaign", "release", "Осень", "--by", "Анна Смирнова")
    manager.types("campaign", "pause", "Осень", "--by", "Анна Смирнова")
    (found,) = json.loads(manager.types("campaign", "list", "--json"))
    assert (found["status"], found["released_by"], found["kind"]) == ("paused", "Анна Смирнова", "advertising")
    assert 30 <= found["leads"] <= 40  # a control group is left alone
    assert "Осень" in manager.types("campaign", "list")
    with pytest.raises(BadInput, match="no leads to release"):
        manager.types("campaign", "release", "Осень", "--by", "Анна")
    with pytest.raises(BadInput, match="no script 'winbak'"):
        manager.types("campaign", "create", "B", "--segment", str(segment), "--by", "Анна", "--script", "winbak")
    with pytest.raises(BadInput, match="--by: is empty"):
        manager.types("campaign", "create", "B", "--segment", str(segment), "--by", " ")


def test_a_segment_of_nobody_makes_no_campaign(manager: Manager, tmp_path: Path) -> None:
    segment = tmp_path / "silent.yaml"
    segment.write_text("name: silent\nkind: silent\nmonths: 3\n")
    with pytest.raises(BadInput, match=r"silent\.yaml: nobody of this segment may be called now"):
        manager.types("campaign", "create", "Осень", "--segment", str(segment), "--by", "Анна")
    assert json.loads(manager.types("campaign", "list", "--json")) == []
    assert "no campaigns yet" in manager.types("campaign", "list")


def test_a_release_tells_what_keeps_the_campaign_from_dialling(
    manager: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lapsed(shop: Shop) -> None:
        for _ in range(5):
            await shop.customer(spent=5000, consented=MAY_CALL)

    def released(name: str, *, made_for: Path, here: Path) -> str:
        monkeypatch.setenv("VOICEBOT_DIALPLAN", str(made_for))
        manager.types("campaign", "create", name, "--segment", str(segment), "--by", "Анна")
        monkeypatch.setenv("VOICEBOT_DIALPLAN", str(here))
        return manager.types("campaign", "release", name, "--by", "Анна")

    manager.shop(lapsed)
    segment = tmp_path / "silent.yaml"
    segment.write_text("name: silent\nkind: silent\nmonths: 3\n")
    bare, labelled = tmp_path / "bare.yaml", tmp_path / "labelled.yaml"
    trunk = 'trunks:\n  a:\n    host: 127.0.0.1\n    caller_ids: ["+74951234567"]\n'
    bare.write_text(trunk + 'routes: [{match: "*", trunks: [a]}]\n')
    label = '    label: {contract: "1", name: "Пример", category: "реклама"}\n'
    labelled.write_text(trunk + label + 'routes: [{match: "*", trunks: [a]}]\n')
    assert "no contract and label of mass calls" in released("A", made_for=bare, here=bare)
    assert "made for the dialplan 'bare'" in released("B", made_for=bare, here=labelled)
    assert "warning" not in released("C", made_for=labelled, here=labelled)
