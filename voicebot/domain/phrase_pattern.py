"""The little language phrases are written in.

    слово          the word in any form. Of a verb the infinitive means any form («звонить» finds «звоните»); any other
                   form means that mood, tense or person alone («звоните» does not find «звонил»); pronouns as written
    =слово         exactly this form
    слов*          any word that begins so
    слово/пов      the word, but only as a command (marks: пов, инф, прош, 1л, 2л, 3л); /имя alone is any person's name
    <класс>        any member of a class; <класс>/1л and (а|б)/1л only in that form
    а|б            one or the other; (а б|в г) the same for several words
    слово?         may be missing; (а б)? too
    {а б}          in any order, up to three words between
    а .. б         up to three words between; а ... б any number (neither crosses «не» or a turn word such as «но»)
    ^  $           nothing but fillers before / after

Between any two neighbours light words («мне», «это», «очень» ...) may always stand.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import permutations, product
from operator import or_

from voicebot.domain.phrase_words import PhraseError, Vocabulary

_FORM = r"(?:/[а-я0-9]+)?"
_SIGN = re.compile(
    rf"\s*(\.\.\.|\.\.|\)/[а-я0-9]+|[(){{}}|?^$]|<[^<> ]+(?: [^<> ]+)*>{_FORM}|/[а-я0-9]+|=?[a-zа-я0-9-]+\*?{_FORM})"
)
_NO_WORD = frozenset("(){}|?^$<.")
_FAR = 99
_NEAR = 3
_MOST_VARIANTS = 400
"""A phrase that unfolds into more is a mistake, not a phrase."""


@dataclass(frozen=True, slots=True)
class Step:
    """One word to find."""

    mask: int
    """Bits of the symbols that satisfy it."""
    optional: bool = False
    gap: int = 0
    """How many ordinary words may stand before it."""


Variant = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One way to say a phrase, ready to be searched for."""

    steps: Variant
    at_start: bool
    at_end: bool


@dataclass(slots=True)
class _Reader:
    """A recursive-descent reader of one phrase."""

    signs: list[str]
    vocabulary: Vocabulary
    classes: "Classes"
    mark: str = ""
    """Form every word being read must have."""
    position: int = field(default=0)

    def peek(self) -> str:
        return self.signs[self.position] if self.position < len(self.signs) else ""

    def take(self) -> str:
        sign = self.peek()
        self.position += 1
        return sign

    def sequence(self, stops: str, *, split: bool) -> list[Variant]:
        """Variants of everything up to one of `stops`; with `split` a bare «|» ends the sequence."""
        items: list[list[Variant]] = []
        gap = 0
        while (sign := self.peek()) and not (stops and sign[0] in stops) and not (split and sign == "|"):
            if sign in ("..", "..."):
                self.take()
                gap = _NEAR if sign == ".." else _FAR
                continue
            item = self.item(split=split)
            items.append([_with_gap(variant, gap) for variant in item] if gap else item)
            gap = 0
        if not items:
            raise PhraseError("a part of the phrase is empty; write at least one word between the signs")
        if gap:
            raise PhraseError("nothing follows '..'; dots stand between two words")
        return _chain(items)

    def item(self, *, split: bool) -> list[Variant]:
        variants = self.atom()
        while not split and self.peek() == "|":
            self.take()
            variants = variants + self.atom()
        variants = _merged(variants)
        if self.peek() == "?":
            self.take()
            if len(variants) == 1 and len(variants[0]) == 1:
                return [(replace(variants[0][0], optional=True),)]
            return [*variants, ()]
        return variants

    def atom(self) -> list[Variant]:
        sign = self.take()
        if sign == "(":
            return self.group()
        if sign == "{":
            return self.any_order()
        if sign.startswith("<"):
            name, _, mark = sign[1:].partition(">")
            return self.classes.variants(name, mark.lstrip("/") or self.mark)
        if sign[:1] in {")", "}", "|", "?", "^", "$", ""}:
            raise PhraseError(f"'{sign or 'end of phrase'}' stands in a wrong place")
        return [(Step(self._word(sign)),)]

    def group(self) -> list[Variant]:
        outer, self.mark = self.mark, self._mark_of_group() or self.mark
        plain = self._plain_words()
        if plain:
            self.mark = outer
            return plain
        variants = self.sequence(")", split=True)
        while self.peek() == "|":
            self.take()
            variants = variants + self.sequence(")", split=True)
        if not self.take().startswith(")"):
            raise PhraseError("'(' is never closed; add ')'")
        self.mark = outer
        return _merged(variants)

    def _plain_words(self) -> list[Variant]:
        """(а|б|в), by far the commonest group, read in one go; nothing when the group is another one."""
        words: list[str] = []
        for number, sign in enumerate(self.signs[self.position :]):
            if number % 2 == 0 and sign[0] not in _NO_WORD:
                words.append(sign)
            elif number % 2 and sign[0] == ")":
                self.position += number + 1
                return [(Step(reduce(or_, map(self._word, words))),)]
            elif not number % 2 or sign != "|":
                return []
        return []

    def _word(self, sign: str) -> int:
        if self.mark and "/" not in sign and not sign.startswith("="):
            sign += "/" + self.mark
        return self.vocabulary.word(sign)

    def _mark_of_group(self) -> str:
        """The form written after the bracket that closes the group just opened."""
        depth = 1
        for sign in self.signs[self.position :]:
            depth += (sign == "(") - sign.startswith(")")
            if depth == 0:
                return sign[2:]
        return ""

    def any_order(self) -> list[Variant]:
        items: list[list[Variant]] = []
        while self.peek() not in ("}", ""):
            items.append(self.item(split=False))
        if self.take() != "}":
            raise PhraseError("'{' is never closed; add '}'")
        if len(items) < 2:
            raise PhraseError("'{ }' needs at least two words")
        found: list[Variant] = []
        for order in permutations(items):
            apart = [order[0]] + [[_with_gap(variant, _NEAR) for variant in item] for item in order[1:]]
            found += _chain(apart)
        return found


def _with_gap(variant: Variant, gap: int) -> Variant:
    return (replace(variant[0], gap=gap), *variant[1:]) if variant else variant


def _merged(variants: list[Variant]) -> list[Variant]:
    """One step instead of many single-word variants."""
    single = [v[0] for v in variants if len(v) == 1 and not v[0].optional and not v[0].gap]
    if len(single) < 2:
        return variants
    mask = 0
    for step in single:
        mask |= step.mask
    return [(Step(mask),), *(v for v in variants if len(v) != 1 or v[0].optional or v[0].gap)]


def _chain(items: list[list[Variant]]) -> list[Variant]:
    count = 1
    for item in items:
        count *= len(item)
    if count > _MOST_VARIANTS:
        raise PhraseError(f"unfolds into {count} variants; split it into simpler phrases")
    return [tuple(step for variant in combination for step in variant) for combination in product(*items)]


def _signs(text: str) -> list[str]:
    text = text.strip().lower().replace("ё", "е")
    if text.removeprefix("=").isalpha():
        return [text]
    signs = [found.group(1) for found in _SIGN.finditer(text)]
    if "".join("".join(signs).split()) != "".join(text.split()):
        raise PhraseError(f"cannot read '{_SIGN.sub('', text).strip()}'; see the signs in the file header")
    return signs


def _without_leading_optional(steps: Variant) -> list[Variant]:
    if steps and steps[0].optional:
        return [(replace(steps[0], optional=False), *steps[1:]), *_without_leading_optional(steps[1:])]
    return [steps]


class Classes:
    """The classes of a set of books; a class may use only those added before it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._texts: dict[str, list[str]] = {}
        self._done: dict[tuple[str, str], list[Variant]] = {}

    def add(self, name: str, members: Mapping[str, Sequence[Variant]]) -> None:
        """A class of these members, each with the variants read from it."""
        self._texts[name] = list(members)
        self._done[name, ""] = _merged([variant for variants in members.values() for variant in variants])

    def variants(self, name: str, mark: str = "") -> list[Variant]:
        """All members, or only their forms `mark`; raises PhraseError."""
        if name not in self._texts:
            raise PhraseError(f"no class '{name}'; define it above under classes: or correct the name")
        done = self._done.get((name, mark))
        if done is None:
            texts = self._texts[name] if not mark else [text for text in self._texts[name] if " " not in text]
            done = _merged([v for text in texts for v in read_variants(text, self._vocabulary, self, mark=mark)])
            self._done[name, mark] = done
        return done


def read_variants(text: str, vocabulary: Vocabulary, classes: Classes, *, mark: str = "") -> list[Variant]:
    """All ways to say `text` (a class member or the middle of a phrase); raises PhraseError."""
    reader = _Reader(_signs(text), vocabulary, classes, mark)
    variants = reader.sequence("", split=False)
    if reader.peek():
        raise PhraseError(f"'{reader.peek()}' stands in a wrong place")
    return variants


def read_lines(text: str, vocabulary: Vocabulary, classes: Classes) -> list[Line]:
    """All lines `text` unfolds into; raises PhraseError."""
    text = text.strip()
    at_start, at_end = text.startswith("^"), text.endswith("$")
    middle = text[at_start : len(text) - at_end]
    lines = {
        Line(steps, at_start, at_end): None
        for variant in read_variants(middle, vocabulary, classes)
        for steps in _without_leading_optional(variant)
    }
    if any(not line.steps for line in lines):
        raise PhraseError("every word is optional; leave at least one that must be said")
    return list(lines)
