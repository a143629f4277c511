"""Scores in words."""

import pytest

from voicebot.domain.heard_number import heard_score
from voicebot.domain.heard_words import words_of


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("восемь", 8), ("на восьмёрочку", 8), ("десять из десяти", 10), ("ноль", 0), ("семь-восемь", 7),
        ("ставлю пять", 5), ("троечку", 3), ("10", 10), ("8 из 10", 8), ("из десяти семь", 7), ("единица", 1),
        ("пять из пяти", 10), ("четыре из пяти", 8), ("одиннадцать из десяти", 10), ("ни одного балла", 0),
        ("между семью и восемью", 7), ("семь нет восемь", 8), ("максимум", 10), ("один", 1), ("минус десять", 0),
        ("ну твёрдая четвёрка", 4), ("девять балл", 9),
    ],
)  # fmt: skip
def test_score_is_read(said: str, score: int) -> None:
    found = heard_score(words_of(said))
    assert found is not None
    assert found[0] == score


@pytest.mark.parametrize(
    "said", ["", "не знаю", "пять минут", "два раза звонили", "одна моя подруга", "через час", "отлично"]
)
def test_other_counts_are_no_score(said: str) -> None:
    assert heard_score(words_of(said)) is None
