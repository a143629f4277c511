"""What comes out of a CRM can be said by a Russian voice."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from voicebot.domain.spoken_text import digits, speakable, spelled


def test_codes_are_spelled_letter_by_letter() -> None:
    assert spelled("DZ-70Ж") == "ди, зэт, дефис, семь, ноль, жэ"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("+79161234507", "восемь, девятьсот шестнадцать, сто двадцать три, сорок пять, ноль семь"),
        ("8 (495) 000-00-01", "восемь, четыреста девяносто пять, ноль ноль ноль, ноль ноль, ноль один"),
        ("112", "один, двенадцать"),
    ],
)
def test_phones_are_dictated_in_groups(number: str, words: str) -> None:
    assert digits(number) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Кофе в зёрнах", "Кофе в зёрнах"),
        ("Кофе «Арабика» 1,5 кг", "Кофе Арабика полтора килограмма"),
        ("Вода 0.5 л", "Вода ноль целых пять десятых литра"),
        ("Чай № 5, 100 шт.", "Чай номер пять, сто штук"),
        ("Мука 2 кг", "Мука два килограмма"),
        ("Скидка 21%", "Скидка двадцать один процент"),
        ("Galaxy 12 Pro", "Галакси двенадцать Про"),
        ("Кофеварка EC685", "Кофеварка"),
        ("TV 55", "ти ви пятьдесят пять"),
        ("артикул 0042", "артикул ноль ноль, сорок два"),
    ],
)
def test_goods_are_said_in_words(written: str, words: str) -> None:
    assert speakable(written) == words


def test_long_goods_are_cut_at_a_word_that_can_end_a_phrase() -> None:
    assert speakable("Набор посуды для дачи и похода", longest=18) == "Набор посуды"


@given(some.text(max_size=60))
def test_any_text_becomes_words_only(written: str) -> None:
    assert re.fullmatch(r"[А-Яа-яЁё ,.-]*", speakable(written))
