"""Finding phrases in what was heard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voicebot.domain.phrase_book import DEGREE, FILLER, LIGHT, NEGATION, TURN, Entry, Phrase, PhraseBook
from voicebot.domain.phrase_pattern import Line

_ORDINARY, _LIGHT, _FILLER, _BARRIER = range(4)


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of the utterance with everything the book knows of it."""

    form: str
    symbols: tuple[int, ...]
    mask: int
    certainty: float = 1.0
    """Below 1 when the word is only near to a known one."""


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found, with the words it used."""

    phrase: Phrase
    positions: tuple[int, ...]


def find_matches(book: PhraseBook, words: Sequence[HeardWord], context: str) -> list[Match]:
    """Every phrase of `book` that holds in `context` and is heard, not taken back by a «не» before it."""
    if not words:
        return []
    search = _Search(book, words)
    everything = 0
    for word in words:
        everything |= word.mask
    found: dict[tuple[int, tuple[int, ...]], Match] = {}
    by_anchor = book.by_anchor_in(context)
    for entry in dict.fromkeys(entry for word in words for s in word.symbols for entry in by_anchor.get(s, ())):
        for mask in entry.required:
            if not mask & everything:
                break
        else:
            for positions in search.places_of(entry):
                found.setdefault((id(entry.phrase), positions), Match(entry.phrase, positions))
    return list(found.values())


class _Search:
    """One utterance being searched."""

    def __init__(self, book: PhraseBook, words: Sequence[HeardWord]) -> None:
        kinds = book.kinds
        self._masks = [word.mask for word in words]
        self._levels = [
            _BARRIER
            if mask & (kinds[NEGATION] | kinds[TURN])
            else _FILLER
            if mask & kinds[FILLER]
            else _LIGHT
            if mask & (kinds[LIGHT] | kinds[DEGREE])
            else _ORDINARY
            for mask in self._masks
        ]
        self._negation, self._degree = kinds[NEGATION], kinds[DEGREE] | kinds[FILLER]

    def places_of(self, entry: Entry) -> Iterable[tuple[int, ...]]:
        """Word positions of every occurrence of `entry`."""
        line, first = entry.line, entry.line.steps[0].mask
        for start, mask in enumerate(self._masks):
            if line.at_start and start and self._levels[start - 1] != _FILLER:
                return
            if mask & first and not self._negated(start):
                rest = self._walk(line, 1, start)
                if rest is not None:
                    yield (start, *rest)

    def _negated(self, start: int) -> bool:
        """Whether a «не» (perhaps «не очень», «не так») stands before `start`."""
        before = start - 1
        if self._masks[start] & self._negation:  # «не, не надо»: the first «не» is a plain no
            while before >= 0 and self._levels[before] == _FILLER:
                before -= 1
            if before >= 0 and self._masks[before] & self._negation:
                return False
        while before >= 0 and self._masks[before] & self._degree:
            before -= 1
        return before >= 0 and bool(self._masks[before] & self._negation)

    def _walk(self, line: Line, number: int, previous: int) -> tuple[int, ...] | None:
        """Positions of steps from `number` on, after word `previous`; None when they are not there."""
        if number == len(line.steps):
            rest = self._levels[previous + 1 :]
            return None if line.at_end and any(level != _FILLER for level in rest) else ()
        step = line.steps[number]
        left = step.gap
        for at in range(previous + 1, len(self._masks)):
            if self._masks[at] & step.mask:
                rest_of = self._walk(line, number + 1, at)
                if rest_of is not None:
                    return (at, *rest_of)
            level = self._levels[at]
            if level == _BARRIER or (level == _ORDINARY and left == 0):
                break
            left -= level == _ORDINARY
        return self._walk(line, number + 1, previous) if step.optional else None
