"""The dictionary and the ear for slips."""

import pytest

from voicebot.adapters.pymorphy3_lemmas import pymorphy3_lemmatiser
from voicebot.adapters.rapidfuzz_slips import rapidfuzz_slips, sound_of

lemmatise = pymorphy3_lemmatiser()


def test_forms_lead_to_their_dictionary_word() -> None:
    assert "звонить" in {reading.lemma for reading in lemmatise("звоните")}
    assert "дорогой" in {reading.lemma for reading in lemmatise("дорогая")}


def test_grammar_is_marked() -> None:
    assert any("пов" in reading.marks for reading in lemmatise("удалите"))
    assert any("имя" in reading.marks for reading in lemmatise("анна"))
    assert all("догадка" in reading.marks for reading in lemmatise("званите"))


def test_comparison_is_a_word_of_its_own() -> None:
    assert {reading.lemma for reading in lemmatise("лучше")}.isdisjoint({"хорошо", "хороший"})


@pytest.mark.parametrize(
    ("slip", "meant"), [("званите", "звоните"), ("удолите", "удалите"), ("атстаньте", "отстаньте")]
)
def test_misheard_word_finds_the_one_it_sounds_like(slip: str, meant: str) -> None:
    found = rapidfuzz_slips({"звоните", "удалите", "отстаньте", "скидка"})(slip)
    assert found is not None
    assert found[0] == meant


def test_distant_and_short_words_find_nothing() -> None:
    nearest = rapidfuzz_slips({"звоните", "да", "скидка"})
    assert nearest("трамвай") is None
    assert nearest("ду") is None


def test_unstressed_vowels_and_final_voicing_sound_the_same() -> None:
    assert sound_of("дарога") == sound_of("дорого")
    assert sound_of("заказ") == sound_of("заказс"[:-1]) == sound_of("заказь")
