"""Words of an utterance, ready for comparison."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_WORD = re.compile(r"\d{1,2}[:.]\d{2}(?!\d)|\d+|[a-zа-я]+(?:-[a-zа-я]+)*")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a word form."""

    lemma: str
    """Dictionary form, ё written as е."""
    marks: frozenset[str] = frozenset()
    """Grammar of the form: пов (imperative), инф (infinitive), прош (past), 1л 2л 3л (person of a verb),
    прич (participle), мест (pronoun), имя (a person's name), догадка (the dictionary lacks the word)."""


Lemmatise = Callable[[str], tuple[Reading, ...]]
"""All believable readings of a lower-case word form, likeliest first; never empty, never raises."""
Nearest = Callable[[str], tuple[str, float] | None]
"""The book's word a misheard form most likely stands for, with the likeness 0..1; None when nothing is near."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text`: lower case, ё as е, no punctuation; «17:30» and «семь-восемь» stay whole."""
    return tuple(_WORD.findall(text.lower().replace("ё", "е").replace("%", " процентов ")))
