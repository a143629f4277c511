"""Phrase books read from files."""

from pathlib import Path

import pytest

from voicebot.adapters.pymorphy3_lemmas import pymorphy3_lemmatiser
from voicebot.adapters.yaml_phrase_books import read_phrase_books
from voicebot.domain.errors import BadInput
from voicebot.domain.intent import Intent, ListenKind
from voicebot.domain.phrase_book import PhraseBook

ORDER = """
order:
  ranks: [[stop], [voicemail, wrong_person, human, service, competitor, price, no_need, callback, who, robot, question],
          [repeat, "yes", "no", goodbye, number]]
  soft: ["yes"]
contexts:
  greeting: {kind: yes_no}
  nps: {kind: number, first: [number]}
"""
KINDS = "classes:\n" + "".join(
    f"  {name}: [{word}]\n"
    for name, word in [
        ("пустые", "ну"), ("легкие", "мне"), ("степень", "очень"), ("отрицание", "не"), ("поворот", "но"),
        ("рядом со временем", "давайте"),
    ]
)  # fmt: skip


def write(folder: Path, text: str) -> Path:
    (folder / "book.yaml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(BadInput) as raised:
        PhraseBook(read_phrase_books(folder), pymorphy3_lemmatiser())
    return [str(problem).removeprefix(f"{folder}/") for problem in raised.value.problems]


def test_good_book_is_read_whole(tmp_path: Path) -> None:
    text = (
        KINDS
        + ORDER
        + 'phrases:\n  "yes":\n    - say: [хочу]\n      in: [greeting]\n      weak: true\n  nothing: [не дорого]\n'
    )
    source = read_phrase_books(write(tmp_path, text))
    said, nothing = source.phrases
    assert (said.intent, said.written.text, said.only, said.weak) == (Intent.YES, "хочу", {"greeting"}, True)
    assert nothing.intent is None
    assert source.contexts["nps"].kind is ListenKind.NUMBER
    assert source.order.ranks[0] == (Intent.STOP,)


def test_every_mistake_is_told_at_once_with_line_and_repair(tmp_path: Path) -> None:
    text = (
        "phrases:\n  perhaps:\n    - да\n  price:\n    - say: [дорого]\n      where: [offer]\n    - weak: true\n"
        "colours:\n  a: b\ncontexts:\n  nps: {kind: colour}\norder:\n  ranks: [[stop]]\n  soft: [maybe]\n"
    )
    told = problems(write(tmp_path, text))
    assert [line.split(": ")[0] for line in told] == [f"book.yaml:{n}" for n in (2, 6, 7, 8, 11, 14, 13)]
    assert all("(" in line for line in told)


def test_wrong_phrases_are_told_with_their_lines(tmp_path: Path) -> None:
    text = KINDS + ORDER + "phrases:\n  price:\n    - <нечто>\n    - (дорого\n    - дорого\n"
    told = problems(write(tmp_path, text))
    first = text.splitlines().index("    - <нечто>") + 1
    assert told[0].startswith(f"book.yaml:{first}: '<нечто>': no class 'нечто'")
    assert told[1].startswith(f"book.yaml:{first + 1}: '(дорого': '(' is never closed")
    assert len(told) == 2


def test_unknown_context_is_told(tmp_path: Path) -> None:
    told = problems(write(tmp_path, KINDS + ORDER + "phrases:\n  price:\n    - say: [дорого]\n      in: [ofer]\n"))
    assert "no context 'ofer'" in told[0]


def test_wrong_fallbacks_and_slips_are_told(tmp_path: Path) -> None:
    text = KINDS + ORDER + "fallbacks:\n  loud: nps\n  open: nowhere\nslips:\n  два слова: одно\n"
    told = problems(write(tmp_path, text))
    assert ["no kind 'loud'" in told[0], "one word for one" in told[1], "'nowhere'" in told[2]] == [True] * 3


def test_missing_word_kinds_are_told(tmp_path: Path) -> None:
    assert any("class 'отрицание' is missing" in line for line in problems(write(tmp_path, ORDER)))


def test_text_that_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    (told,) = problems(write(tmp_path, "phrases:\n  price: [дорого\n"))
    assert "not YAML" in told


def test_folder_without_books_is_told(tmp_path: Path) -> None:
    assert "no phrase books here" in problems(tmp_path)[0]
