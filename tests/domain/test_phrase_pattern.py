"""The language of phrases, with a toy dictionary."""

import pytest

from voicebot.domain.heard_words import Reading
from voicebot.domain.phrase_pattern import Classes, read_lines, read_variants
from voicebot.domain.phrase_words import PhraseError, Vocabulary

_FORMS = {
    "звоните": ("звонить", {"пов"}),
    "звонил": ("звонить", {"прош"}),
    "звонить": ("звонить", {"инф"}),
    "мне": ("я", {"мест"}),
}


def lemmatise(form: str) -> tuple[Reading, ...]:
    lemma, marks = _FORMS.get(form, (form, set()))
    return (Reading(lemma, frozenset(marks)),)


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(lemmatise)


def matches(vocabulary: Vocabulary, written: str, heard: str) -> bool:
    mask = vocabulary.word(written)
    return any(mask >> number & 1 for number in vocabulary.symbols_of(heard))


def test_infinitive_stands_for_every_form(vocabulary: Vocabulary) -> None:
    assert matches(vocabulary, "звонить", "звоните")
    assert matches(vocabulary, "звонить", "звонил")


def test_command_stands_for_commands_only(vocabulary: Vocabulary) -> None:
    assert matches(vocabulary, "звоните", "звоните")
    assert not matches(vocabulary, "звоните", "звонил")
    assert not matches(vocabulary, "звонить/пов", "звонил")


def test_inflected_pronoun_stands_for_itself(vocabulary: Vocabulary) -> None:
    assert matches(vocabulary, "я", "мне")
    assert matches(vocabulary, "мне", "мне")
    assert not matches(vocabulary, "мне", "я")


def test_exact_word_and_beginning(vocabulary: Vocabulary) -> None:
    assert not matches(vocabulary, "=звонить", "звонил")
    assert matches(vocabulary, "звон*", "звонкий")


def test_alternatives_and_optional_parts_unfold(vocabulary: Vocabulary) -> None:
    classes = Classes(vocabulary)
    classes.add("нет", {text: read_variants(text, vocabulary, classes) for text in ("нет", "ни за что")})
    lines = read_lines("^<нет> (спасибо|большое спасибо)? надо|нужно$", vocabulary, classes)
    assert sorted(len(line.steps) for line in lines) == [2, 3, 4, 4, 5, 6]
    assert all(line.at_start and line.at_end for line in lines)


def test_any_order_unfolds_into_every_order(vocabulary: Vocabulary) -> None:
    lines = read_lines("{а б в}", vocabulary, Classes(vocabulary))
    assert len(lines) == 6
    assert all(step.gap for line in lines for step in line.steps[1:])


def test_mark_after_a_group_holds_for_each_of_its_words(vocabulary: Vocabulary) -> None:
    (line,) = read_lines("(звонить|писать)/прош", vocabulary, Classes(vocabulary))
    heard = vocabulary.symbols_of("звонил")
    assert any(line.steps[0].mask >> number & 1 for number in heard)
    assert not any(line.steps[0].mask >> number & 1 for number in vocabulary.symbols_of("звоните"))


@pytest.mark.parametrize(
    ("phrase", "complaint"),
    [
        ("<неведомый>", "no class 'неведомый'"),
        ("(а|б", "never closed"),
        ("{а б", "never closed"),
        ("{а}", "at least two"),
        ("а ..", "nothing follows"),
        ("слово/зюзя", "no mark '/зюзя'"),
        ("а?", "every word is optional"),
        ("а !! б", "cannot read"),
        ("()", "empty"),
    ],
)
def test_wrong_phrase_says_what_is_wrong(vocabulary: Vocabulary, phrase: str, complaint: str) -> None:
    with pytest.raises(PhraseError, match=complaint):
        read_lines(phrase, vocabulary, Classes(vocabulary))
