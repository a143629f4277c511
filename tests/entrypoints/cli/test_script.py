"""The commands `voicebot script` and `voicebot talk`, as a user meets them."""

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.domain.customer import NewCustomer, PersonName
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.order import NewOrder, OrderLine
from voicebot.entrypoints.cli.main import app

NOW = ["--now", "2026-11-23T11:00"]


def talk(*lines: str, script: str = "winback", options: tuple[str, ...] = ()) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["talk", script, "--json", *NOW, *options], input="".join(f"{x}\n" for x in lines))
    assert result.exception is None, result.exception
    spoken = json.loads(result.stdout)
    assert isinstance(spoken, dict)
    return spoken


def kinds(spoken: dict[str, Any]) -> list[str]:
    return [action["kind"] for action in spoken["actions"]]


def test_check_reports_one_line_per_good_script() -> None:
    result = CliRunner().invoke(app, ["script", "check"])
    assert result.exit_code == 0
    assert sum(": ok: " in line for line in result.stdout.splitlines()) >= 3


def test_check_refuses_a_bad_script_naming_file_and_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "title: x\npurpose: service\nstart: a\ntime_up: a\nstates:\n  a: {say: Привет, nxt: b}\n", encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["script", "check", str(bad)])
    assert isinstance(result.exception, BadInput)
    assert result.exception.exit_code == 2
    assert f"{bad}:6: a: unknown key 'nxt' (did you mean 'next'?)" in str(result.exception)
    assert f"{bad}:6: a: the first sentence does not name the advertiser" in str(result.exception)


def test_graph_draws_every_state_in_both_formats(tmp_path: Path) -> None:
    mermaid = CliRunner().invoke(app, ["script", "graph", "winback"])
    assert "flowchart LR" in mermaid.stdout
    assert "  offer -->|price| better_offer\n" in mermaid.stdout
    out = tmp_path / "winback.svg"
    CliRunner().invoke(app, ["script", "graph", "winback", "--format", "svg", "--out", str(out)])
    named_only = tmp_path / "drawing.SVG"
    CliRunner().invoke(app, ["script", "graph", "winback", "--out", str(named_only)])
    drawing = out.read_text(encoding="utf-8")
    assert named_only.read_text(encoding="utf-8") == drawing
    assert drawing.startswith("<svg ") and all(name in drawing for name in ("greeting", "better_offer", "stop_confirm"))


def test_talk_prints_exactly_one_object_with_the_promised_keys() -> None:
    spoken = talk("да", "да, интересно")
    assert list(spoken) == ["turns", "group", "disposition", "tags", "actions", "hangup_state"]
    assert [turn["state"] for turn in spoken["turns"]] == ["greeting", "offer", "accepted"]
    first, last = spoken["turns"][0], spoken["turns"][-1]
    assert (first["customer"], first["intent"]) == ("да", "yes") and 0 < first["score"] <= 1
    assert (last["customer"], last["intent"], last["score"]) == (None, None, None)
    assert "десять процентов" in spoken["turns"][1]["bot"]
    assert (spoken["group"], spoken["disposition"], spoken["tags"]) == ("interested", "accepted", [])
    assert spoken["actions"] == [{"kind": "promo", "offer": "first"}, {"kind": "sms", "template": "promo"}]
    assert spoken["hangup_state"] is None


def test_price_gets_the_better_offer() -> None:
    spoken = talk("да", "дорого", "хорошо, давайте")
    assert (spoken["disposition"], spoken["tags"]) == ("accepted", ["price"])
    assert spoken["actions"][0] == {"kind": "promo", "offer": "better"}


def test_stop_is_a_stop_and_nothing_is_sent() -> None:
    spoken = talk("да", "больше мне не звоните")
    assert (spoken["group"], spoken["disposition"], kinds(spoken)) == ("negative", "stop", ["stop"])


def test_agreed_time_is_spoken_and_written() -> None:
    spoken = talk("перезвоните завтра в шесть вечера")
    assert spoken["actions"] == [{"kind": "callback", "at": "2026-11-24T18:00:00+03:00"}]
    assert "завтра в восемнадцать часов" in spoken["turns"][-1]["bot"]


def test_a_machine_is_left_a_message_only_when_asked_to() -> None:
    words = "абонент не может ответить оставьте сообщение после сигнала"
    left = talk(words, "<beep>", options=("--leave-message",))
    assert [(turn["state"], turn["customer"]) for turn in left["turns"]] == [
        ("greeting", words),
        ("greeting", "<beep>"),
        ("voicemail_message", None),
    ]
    assert left["turns"][1]["bot"] == "" and "личная скидка" in left["turns"][2]["bot"]
    hung_up_on = talk(words)
    assert [turn["state"] for turn in hung_up_on["turns"]] == ["greeting"]
    for spoken in (left, hung_up_on, talk("<beep>")):
        assert (spoken["group"], spoken["disposition"], spoken["actions"]) == ("none", "voicemail", [])


def test_end_of_input_is_silence_to_the_end() -> None:
    spoken = talk()
    assert (spoken["disposition"], spoken["group"], spoken["actions"]) == ("silent", "neutral", [])
    assert [turn["customer"] for turn in spoken["turns"]] == ["", "", "", None]


def test_hanging_up_names_the_state() -> None:
    spoken = talk("да", "<hangup>")
    assert (spoken["disposition"], spoken["tags"], spoken["hangup_state"]) == ("hung_up", ["hung_up_at:offer"], "offer")


def test_keys_answer_for_words() -> None:
    assert talk("<dtmf:1>", "<dtmf:1>")["disposition"] == "accepted"
    assert talk("<dtmf:9>")["disposition"] == "stop"


def test_manager_may_not_answer() -> None:
    reached = talk("соедините с оператором")
    assert reached["actions"] == [{"kind": "transfer", "connected": True, "reason": "соедините с оператором"}]
    missed = talk("соедините с оператором", options=("--no-manager",))
    assert sorted(kinds(missed)) == ["escalate", "transfer"]


def test_person_at_the_screen_reads_a_dialogue() -> None:
    result = CliRunner().invoke(app, ["script", "talk", "winback", "--company", "Ромашка", *NOW], input="да\nда\n")
    assert "Бот: Здравствуйте! Это робот компании Ромашка, разговор записывается." in result.stdout
    assert "accepted · interested · no tags" in result.stdout


async def test_customer_of_the_database_hears_their_own_name_and_order(engine: AsyncEngine, database_url: str) -> None:
    placed = datetime(2026, 8, 20, 12, tzinfo=UTC)
    line = OrderLine(what="Чай 100 шт.", category="чай", quantity=Decimal(1), price=Decimal(900))
    async with SqlUnitOfWork(engine) as unit:
        name = PersonName(last="Орлов", first="Пётр", patronymic="Ильич")
        await unit.loader.stage([NewCustomer(external_id="C-1", name=name)])
        await unit.loader.apply()
        await unit.loader.stage([NewOrder(external_id="O-1", customer="C-1", placed_at=placed, lines=(line,))])
        await unit.loader.apply()
        await unit.commit()
    arguments = ["talk", "winback", "--json", "--customer", "C-1", *NOW]
    environment = {"VOICEBOT_DATABASE_URL": database_url}
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments, input="да\n", env=environment)
    assert result.exception is None, result.exception
    greeting, offer = json.loads(result.stdout)["turns"][:2]
    assert "Пётр Ильич Орлов" in greeting["bot"]
    assert "Три месяца назад у вас был заказ: чай сто штук." in offer["bot"]
    nobody = await asyncio.to_thread(CliRunner().invoke, app, ["talk", "winback", "--customer", "C-2"], env=environment)
    assert isinstance(nobody.exception, NotFound)


@pytest.mark.parametrize("script", ["reminder", "quality"])
def test_other_scripts_talk_too(script: str) -> None:
    assert talk("не звоните мне больше", script=script)["disposition"] == "stop"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["talk", "wingback"], "no script 'wingback'"),
        (["talk", "winback", "--now", "вчера"], "'вчера' is no time"),
        (["script", "graph", "winback", "--format", "png"], "use mermaid or svg"),
        (["script", "graph", "winback", "--out", "/nowhere/at/all.svg"], "cannot be written"),
    ],
)
def test_wrong_argument_is_one_clear_message(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, BadInput)
    assert message in str(result.exception)
