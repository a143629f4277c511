"""Puts the ears for meaning together: books, dictionary, slips."""

from functools import lru_cache
from pathlib import Path

from voicebot.adapters.pymorphy3_lemmas import pymorphy3_lemmatiser
from voicebot.adapters.rapidfuzz_slips import rapidfuzz_slips
from voicebot.adapters.shelf import FILES, Shelf
from voicebot.adapters.yaml_phrase_books import read_phrase_books
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.understanding import PhraseBookUnderstanding
from voicebot.domain.phrase_book import PhraseBook


def load_understanding(folder: Path, shelf: Shelf = FILES) -> LanguageUnderstanding:
    """Understanding by the phrase books in `folder` (scripts/phrases); about 0.6 s, or none for books just read.

    Raises BadInput with every problem of every book, as file:line.
    """
    try:
        books = tuple((path, shelf.read(path)) for path in shelf.files(folder))
    except (OSError, UnicodeDecodeError):
        books = ()  # the reader says which and why
    return _understanding(folder, books) if books else _put_together(folder, shelf)


@lru_cache(maxsize=2)
def _understanding(folder: Path, books: tuple[tuple[Path, str], ...]) -> LanguageUnderstanding:
    return _put_together(folder, Shelf(dict(books)))


def _put_together(folder: Path, shelf: Shelf) -> LanguageUnderstanding:
    book = PhraseBook(read_phrase_books(folder, shelf), pymorphy3_lemmatiser())
    return PhraseBookUnderstanding(book, rapidfuzz_slips(book.vocabulary.written))
