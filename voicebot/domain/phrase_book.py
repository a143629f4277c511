"""What people say, and what it means: phrases, classes, order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.heard_words import Lemmatise
from voicebot.domain.intent import Intent, ListenKind, Question
from voicebot.domain.phrase_pattern import Classes, Line, Variant, read_lines, read_variants
from voicebot.domain.phrase_words import PhraseError, Vocabulary


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A text with the place where it is written."""

    text: str
    source: str
    """File as the user named it."""
    line: int

    def problem(self, message: str, repair: str = "") -> Problem:
        """Something wrong at this place."""
        return Problem(source=self.source, where=str(self.line), message=message, repair=repair)


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """One phrase of the book."""

    written: Written
    intent: Intent | None
    """None swallows its words: they mean nothing («не дорого»)."""
    only: frozenset[str] = frozenset()
    """Contexts it is valid in; empty for all."""
    never: frozenset[str] = frozenset()
    """Contexts it is not valid in."""
    weak: bool = False
    """Counts only when nothing firm is heard («да», «алло»)."""

    def holds_in(self, context: str) -> bool:
        """Whether the phrase means this after a question of `context`."""
        return context not in self.never and (not self.only or context in self.only)


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What is special about the answers to one kind of question."""

    kind: ListenKind
    first: tuple[Intent, ...] = ()
    """Intents that win here over the general order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """Who wins when several intents are heard."""

    ranks: tuple[tuple[Intent, ...], ...]
    """Strongest first; inside one rank a firm phrase beats a weak one, then the last said wins."""
    soft: frozenset[Intent]
    """Intents that a turn («но», «хотя») can take back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PhraseSource:
    """The phrase books as read from the files, before any phrase is understood."""

    classes: Mapping[str, Sequence[Written]]
    phrases: Sequence[Phrase]
    contexts: Mapping[str, Context]
    order: Order
    fallbacks: Mapping[ListenKind, str] = field(default_factory=dict)
    """The context that stands in for an unknown one of each kind."""
    slips: Mapping[str, str] = field(default_factory=dict)
    """A form the recogniser writes -> the form it may have been as well."""


FILLER, LIGHT, DEGREE, NEGATION, TURN = "пустые", "легкие", "степень", "отрицание", "поворот"
BESIDE_TIME = "рядом со временем"
WORD_KINDS = (FILLER, LIGHT, DEGREE, NEGATION, TURN, BESIDE_TIME)
"""Classes with a job of their own; every set of books must define them."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A compiled line with the phrase it belongs to."""

    phrase: Phrase
    line: Line
    required: tuple[int, ...]
    """Masks of all steps that must be present: a quick look before the search."""


class PhraseBook:
    """Phrases ready to be searched; immutable after construction."""

    def __init__(self, source: PhraseSource, lemmatise: Lemmatise) -> None:
        """Raises BadInput with every problem of every phrase."""
        self.source = source
        self.vocabulary = Vocabulary(lemmatise)
        problems: list[Problem] = []
        classes = self._classes(problems)
        entries = [entry for phrase in source.phrases for entry in self._compiled(phrase, classes, problems)]
        problems += [
            Problem(source="phrases", where="", message=f"class '{name}' is missing", repair="define it in classes:")
            for name in WORD_KINDS
            if name not in source.classes
        ]
        if problems:
            raise BadInput(problems)
        self.kinds: Mapping[str, int] = {name: self._one_mask(classes.variants(name)) for name in WORD_KINDS}
        self._anchored = _by_anchor(entries)
        self._by_anchor: dict[str, Mapping[int, Sequence[Entry]]] = {}

    def symbols_of(self, form: str) -> tuple[int, ...]:
        """Numbers of all symbols a heard form satisfies, its known slip included."""
        symbols = self.vocabulary.symbols_of(form)
        slip = self.source.slips.get(form)
        return tuple({*symbols, *self.vocabulary.symbols_of(slip)}) if slip else symbols

    def by_anchor_in(self, context: str) -> Mapping[int, Sequence[Entry]]:
        """Entries that hold in `context`, under every symbol of their rarest word."""
        key = context if context in self.source.contexts else ""
        index = self._by_anchor.get(key)
        if index is None:
            held = {bit: [e for e in entries if e.phrase.holds_in(key)] for bit, entries in self._anchored.items()}
            index = self._by_anchor[key] = held
        return index

    def context_of(self, question: Question) -> tuple[str, Context]:
        """The context of `question`; an unknown one is understood like the usual one of its kind."""
        contexts = self.source.contexts
        name = question.context if question.context in contexts else self.source.fallbacks.get(question.kind, "")
        return name, contexts.get(name) or Context(kind=question.kind)

    def _classes(self, problems: list[Problem]) -> Classes:
        """Every class compiled; a class may use only those written above it."""
        classes = Classes(self.vocabulary)
        for name, members in self.source.classes.items():
            good: dict[str, list[Variant]] = {}
            for member in members:
                try:
                    good[member.text] = read_variants(member.text, self.vocabulary, classes)
                except PhraseError as error:
                    problems.append(member.problem(f"'{member.text}' in class '{name}': {error}"))
            classes.add(name, good)
        return classes

    def _compiled(self, phrase: Phrase, classes: Classes, problems: list[Problem]) -> Iterable[Entry]:
        try:
            lines = read_lines(phrase.written.text, self.vocabulary, classes)
        except PhraseError as error:
            problems.append(phrase.written.problem(f"'{phrase.written.text}': {error}"))
            return []
        return [Entry(phrase, line, tuple(s.mask for s in line.steps if not s.optional)) for line in lines]

    @staticmethod
    def _one_mask(variants: Iterable[Variant]) -> int:
        mask = 0
        for variant in variants:
            mask |= variant[0].mask if len(variant) == 1 else 0
        return mask


def _by_anchor(entries: Sequence[Entry]) -> dict[int, list[Entry]]:
    """Entries under each symbol of their rarest word, so that few are looked at per utterance."""
    masks = Counter(mask for entry in entries for mask in entry.required)
    bits = {mask: tuple(_bits(mask)) for mask in masks}
    uses = Counter[int]()
    for mask, times in masks.items():
        for bit in bits[mask]:
            uses[bit] += times
    commonness = {mask: sum(uses[bit] for bit in bits[mask]) for mask in masks}
    index: dict[int, list[Entry]] = {}
    for entry in entries:
        for bit in bits[min(entry.required, key=commonness.__getitem__)]:
            index.setdefault(bit, []).append(entry)
    return index


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
