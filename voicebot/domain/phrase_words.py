"""Numbers for the words phrases are made of."""

from voicebot.domain.heard_words import Lemmatise, Reading

_VERB_MARKS = frozenset({"пов", "прош", "1л", "2л", "3л", "прич"})
_PERSONAL = frozenset({"пов", "прош", "1л", "2л", "3л", "инф"})
_MARKS = _VERB_MARKS | {"инф", "имя"}


class PhraseError(ValueError):
    """A phrase is written wrongly; the text says what and how to repair it."""


class Vocabulary:
    """Numbers for everything phrases speak of: lemmas, forms, beginnings, marks."""

    def __init__(self, lemmatise: Lemmatise) -> None:
        self._lemmatise = lemmatise
        self._numbers: dict[str, int] = {}
        self._beginnings: list[str] = []
        self._words: dict[str, int] = {}
        self.written: set[str] = set()
        """Whole words as the books write them: what a misheard word may have been."""

    def bit(self, symbol: str) -> int:
        """The bit of `symbol`, new if it was not known."""
        return 1 << self._numbers.setdefault(symbol, len(self._numbers))

    def word(self, written: str) -> int:
        """The bits a word of a phrase stands for; raises PhraseError."""
        bits = self._words.get(written)
        if bits is None:
            bits = self._words[written] = self._bits_of(written)
        return bits

    def _bits_of(self, written: str) -> int:
        form, _, mark = written.partition("/")
        if mark and mark not in _MARKS:
            raise PhraseError(f"no mark '/{mark}'; use one of /" + " /".join(sorted(_MARKS)))
        if not form:
            return self.bit("/" + mark)
        if form.endswith("*"):
            self._beginnings.append(form.rstrip("*"))
            return self.bit("p:" + form.rstrip("*"))
        if form.startswith("="):
            self.written.add(form[1:])
            return self.bit("f:" + form[1:])
        self.written.add(form)
        bits = self.bit("f:" + form) if not mark else 0
        for reading in self._lemmatise(form):
            self.written.add(reading.lemma)
            for symbol in _symbols(form, reading, mark):
                bits |= self.bit(symbol)
        return bits

    def is_real(self, form: str) -> bool:
        """Whether the dictionary has this form."""
        return all("догадка" not in reading.marks for reading in self._lemmatise(form))

    def is_verb(self, form: str) -> bool:
        """Whether the likeliest reading of `form` is a personal form, a command or an infinitive of a verb."""
        return bool(self._lemmatise(form)[0].marks & _PERSONAL)

    def symbols_of(self, form: str) -> tuple[int, ...]:
        """Numbers of all known symbols a heard form satisfies."""
        names = ["f:" + form]
        for reading in self._lemmatise(form):
            names.append("l:" + reading.lemma)
            for mark in reading.marks:
                names += ("/" + mark, f"l:{reading.lemma}/{mark}")
        names += ["p:" + beginning for beginning in self._beginnings if form.startswith(beginning)]
        return tuple({self._numbers[name] for name in names if name in self._numbers})


def _symbols(form: str, reading: Reading, mark: str) -> list[str]:
    """What one reading of a written form asks of the heard word."""
    if mark:
        return [f"l:{reading.lemma}/{mark}"]
    if form == reading.lemma:
        return ["l:" + form]
    if "мест" in reading.marks:
        return []
    kept = reading.marks & _VERB_MARKS
    return [f"l:{reading.lemma}/{one}" for one in kept] if kept else ["l:" + reading.lemma]
