"""Message templates are checked whole when they are read."""

from pathlib import Path

import pytest

from voicebot.adapters.yaml_messages import load_messages
from voicebot.config import PROJECT
from voicebot.domain.errors import BadInput


def test_the_shipped_messages_are_right() -> None:
    messages = load_messages(PROJECT / "scripts" / "messages.yaml")
    assert {"code", "percent", "until", "company", "url"} <= messages["promo"].variables


def test_every_problem_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "messages.yaml"
    file.write_text("promo: '{nmae}, код {code}'\nempty:\nlong: " + "я" * 1001 + "\n")
    with pytest.raises(BadInput) as caught:
        load_messages(file)
    found = [(problem.where, problem.message) for problem in caught.value.problems]
    assert [line for line, _ in found] == ["1", "2", "3"]
    assert "nobody fills '{nmae}'" in found[0][1]
    assert "did you mean 'name'?" in caught.value.problems[0].repair


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"messages\.yaml"):
        load_messages(tmp_path / "messages.yaml")
