"""Dictionary forms of Russian words (pymorphy3)."""

from functools import cache, lru_cache

import pymorphy3

from voicebot.domain.heard_words import Lemmatise, Reading

_WORTH_KEEPING = 0.12
"""Readings less likely than this share cause more false matches than they save (measured on the bench)."""
_REMEMBERED = 50_000
"""Word forms; some 20 MB at worst."""
_MARKS = {
    "impr": "пов", "INFN": "инф", "past": "прош", "1per": "1л", "2per": "2л", "3per": "3л",
    "PRTF": "прич", "PRTS": "прич", "GRND": "прич", "NPRO": "мест", "Apro": "мест",
    "Name": "имя", "Patr": "имя", "Surn": "имя",
}  # fmt: skip

_GUESSED = frozenset({"догадка"})
_OF_VERBS = frozenset({"пов", "инф", "прош", "1л", "2л", "3л"})


@lru_cache(maxsize=2048)
def _marks_of(grammar: frozenset[str]) -> frozenset[str]:
    return frozenset(_MARKS[grammeme] for grammeme in grammar & _MARKS.keys())


@cache
def pymorphy3_lemmatiser() -> Lemmatise:
    """The process's lemmatiser over pymorphy3's dictionary; loads in 0.1 s, a new word takes 20 us (100 us without
    DAWG2), and one that any phrase book has named before next to nothing."""
    analyse = pymorphy3.MorphAnalyzer().parse

    @lru_cache(maxsize=_REMEMBERED)
    def lemmatise(form: str) -> tuple[Reading, ...]:
        readings: dict[tuple[str, frozenset[str]], None] = {}
        for parse in analyse(form):
            if readings and parse.score < _WORTH_KEEPING:
                break
            grammar = parse.tag.grammemes
            marks = _marks_of(grammar) if parse.is_known else _GUESSED
            if "имя" in marks and readings and next(iter(readings))[1] & _OF_VERBS:
                continue  # «хамили» is no plural of Хамиль
            # A comparison is a word of its own: «лучше» must not count as «хорошо».
            lemma = form if "COMP" in grammar else parse.normal_form.replace("ё", "е")
            readings[lemma, marks] = None
        return tuple(Reading(lemma, marks) for lemma, marks in readings)

    return lemmatise
