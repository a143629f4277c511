"""Understanding an answer with phrase books."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from voicebot.domain.callback_time import HeardTime, heard_time
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.decision import Evidence, decide
from voicebot.domain.heard_number import heard_score
from voicebot.domain.heard_words import Nearest, words_of
from voicebot.domain.intent import Intent, ListenKind, Question, Understanding
from voicebot.domain.matching import HeardWord, find_matches
from voicebot.domain.phrase_book import BESIDE_TIME, DEGREE, FILLER, LIGHT, TURN, Context, PhraseBook

_WEAK = 0.7
"""Certainty of a weak sign («да» among other words)."""
_TOO_UNSURE = 0.3
"""Below this even a clear meaning is not trusted: the bot asks again; the customer's rights excepted."""
_ALWAYS_TRUSTED = frozenset({Intent.STOP, Intent.HUMAN, Intent.WRONG_PERSON})
_LONGEST = 120
"""Words looked at; a person who says more in one breath is dictating."""
_LIKENESS_OF_REAL_WORDS = 0.89
"""A word the dictionary knows was rarely meant to be another: only when it sounds nearly the same."""
_SHORTEST_DENIED = 4
"""Letters of a word that a joined «не» may deny; shorter ones are parts of other words («неделя»)."""
_PREFIXES = frozenset({"на", "от", "за", "до", "при", "по", "из", "под", "об", "про", "бес"})
"""Prepositions that are prefixes too; before a verb no preposition can stand."""
_SUREST_GUESS = 0.95
"""Certainty of a word that sounds exactly like a known one."""
_UNEXPLAINED = 2
"""Words a bare «да» may leave without a meaning."""
_SMALL_WORDS = frozenset({Intent.YES, Intent.NO, Intent.REPEAT, Intent.GOODBYE})
_CACHED_WORDS = 20_000


class PhraseBookUnderstanding:
    """LanguageUnderstanding by phrase books; one instance may serve all calls of a process."""

    def __init__(self, book: PhraseBook, nearest: Nearest) -> None:
        self._book = book
        self._nearest = nearest
        self._heard: dict[str, HeardWord] = {}
        self._guessed: dict[str, HeardWord] = {}

    def understand(
        self, text: str, question: Question, *, confidence: float, local_now: datetime, hours: ContactHours
    ) -> Understanding:
        """The meaning of `text` as an answer to `question`; never raises on any text."""
        forms = self._split(self._joined(words_of(text)[:_LONGEST]))
        if not forms:
            return Understanding(text=text, intent=Intent.UNKNOWN, score=0.0)
        time = heard_time(forms, now=local_now, hours=hours)
        name, context = self._book.context_of(question)
        ranked, certainty = self._ranked(forms, name, context, time)
        if not ranked:
            return Understanding(text=text, intent=Intent.UNKNOWN, score=0.0)
        return _understanding(text, forms, ranked, min(1.0, max(0.0, confidence)) * certainty, time)

    def _ranked(
        self, forms: Sequence[str], name: str, context: Context, time: HeardTime | None
    ) -> tuple[list[Evidence], float]:
        """Intents heard, strongest first, with the certainty of the words themselves."""
        heard = [self._word(form) for form in forms]
        ranked = self._decide(heard, name, context, time)
        guessed = [self._guess(word) for word in heard]
        if guessed == heard:
            return ranked, 1.0
        again = self._decide(guessed, name, context, time)
        clear = bool(ranked) and not ranked[0].weak
        if not again or (clear and again[0].intent is not Intent.STOP) or again[0].intent in _intents(ranked[:1]):
            return ranked, 1.0
        return again, min((guessed[at].certainty for at in again[0].positions), default=1.0)

    def _decide(
        self, heard: Sequence[HeardWord], name: str, context: Context, time: HeardTime | None
    ) -> list[Evidence]:
        book = self._book
        evidence = [
            Evidence(m.phrase.intent, m.positions, m.phrase.written.text, m.phrase.weak)
            for m in find_matches(book, heard, name)
        ]
        evidence += self._values(heard, context, time)
        turn = book.kinds[TURN]
        turns = [at for at, word in enumerate(heard) if word.mask & turn]
        ranked = decide(evidence, book.source.order, first=context.first, turns=turns)
        return [] if ranked and self._too_little(ranked[0], evidence, heard) else ranked

    def _too_little(self, best: Evidence, evidence: Sequence[Evidence], heard: Sequence[HeardWord]) -> bool:
        """A bare «да» or «нет» does not decide about a long sentence nobody understood."""
        if not best.weak or len(best.positions) > 1 or best.intent not in _SMALL_WORDS:
            return False
        explained = {at for one in evidence for at in one.positions}
        kinds = self._book.kinds
        idle = kinds[FILLER] | kinds[LIGHT] | kinds[DEGREE]
        return sum(not word.mask & idle for at, word in enumerate(heard) if at not in explained) > _UNEXPLAINED

    def _values(self, heard: Sequence[HeardWord], context: Context, time: HeardTime | None) -> Iterable[Evidence]:
        """A time or a score said on its own is an answer too."""
        if context.kind is ListenKind.NUMBER:
            score = heard_score([word.form for word in heard])
            if score:
                yield Evidence(Intent.NUMBER, score[1], "<число>")
        elif time and (context.kind is ListenKind.TIME or self._nothing_else(heard, time.positions)):
            yield Evidence(Intent.CALLBACK, time.positions, "<время>")

    def _nothing_else(self, heard: Sequence[HeardWord], positions: Sequence[int]) -> bool:
        kinds = self._book.kinds
        beside = kinds[LIGHT] | kinds[FILLER] | kinds[BESIDE_TIME]
        return all(word.mask & beside or len(word.form) < 3 for at, word in enumerate(heard) if at not in positions)

    def _split(self, forms: Iterable[str]) -> list[str]:
        """Negations the recogniser joined taken apart: «неинтересно» is «не интересно»."""
        split: list[str] = []
        for form in forms:
            split += ("не", form[2:]) if self._hides_negation(form) else (form,)
        return split

    def _joined(self, forms: Sequence[str]) -> list[str]:
        """Verbs the recogniser tore apart put together: «от станьте» is «отстаньте»."""
        joined: list[str] = []
        for form in map(self._once, forms):
            whole = joined[-1] + form if joined and joined[-1] in _PREFIXES else ""
            if whole and self._is_verb(form) and self._is_real(whole) and self._word(whole).mask:
                joined[-1] = whole
            else:
                joined.append(form)
        return joined

    def _once(self, form: str) -> str:
        """«удобно-удобно» is «удобно» unless the books know it as it is."""
        first, _, second = form.partition("-")
        return first if first == second and not self._word(form).mask else form

    def _is_verb(self, form: str) -> bool:
        return self._book.vocabulary.is_verb(form)

    def _hides_negation(self, form: str) -> bool:
        rest = form[2:]
        if form[:2] not in ("не", "ни") or len(rest) < _SHORTEST_DENIED or self._word(form).mask:
            return False
        if self._is_real(form):
            return form.startswith("не") and self._is_real(rest) and bool(self._word(rest).mask)
        return bool(self._word(rest).mask or self._guess(self._word(rest)).mask)

    def _is_real(self, form: str) -> bool:
        return self._book.vocabulary.is_real(form)

    def _word(self, form: str) -> HeardWord:
        return _remembered(self._heard, form, self._look_up)

    def _look_up(self, form: str) -> HeardWord:
        symbols = self._book.symbols_of(form)
        mask = 0
        for symbol in symbols:
            mask |= 1 << symbol
        return HeardWord(form, symbols, mask)

    def _guess(self, word: HeardWord) -> HeardWord:
        """The word itself if the book knows it, else the one it sounds like."""
        return word if word.mask else _remembered(self._guessed, word.form, self._look_near)

    def _look_near(self, form: str) -> HeardWord:
        near = self._nearest(form)
        enough = _LIKENESS_OF_REAL_WORDS if self._is_real(form) else 0.0
        if near is None or near[1] < enough:
            return self._look_up(form)
        return replace(self._look_up(near[0]), certainty=min(near[1], _SUREST_GUESS))


def _remembered(cache: dict[str, HeardWord], form: str, look_up: Callable[[str], HeardWord]) -> HeardWord:
    word = cache.get(form)
    if word is None:
        if len(cache) >= _CACHED_WORDS:
            cache.clear()
        word = cache[form] = look_up(form)
    return word


def _intents(evidence: Sequence[Evidence]) -> list[Intent]:
    return [one.intent for one in evidence if one.intent]


def _understanding(
    text: str, forms: Sequence[str], ranked: Sequence[Evidence], certainty: float, time: HeardTime | None
) -> Understanding:
    best = ranked[0]
    intents = _intents(ranked)
    score = round(certainty * (_WEAK if best.weak else 1.0), 3)
    if score < _TOO_UNSURE and intents[0] not in _ALWAYS_TRUSTED:
        return Understanding(text=text, intent=Intent.UNKNOWN, score=score, also=tuple(intents))
    value: int | datetime | None = None
    if intents[0] is Intent.CALLBACK and time:
        value = time.moment
    elif intents[0] is Intent.NUMBER:
        heard = heard_score(forms)
        value = heard[0] if heard else None
    return Understanding(
        text=text, intent=intents[0], value=value, score=score, matched=best.phrase, also=tuple(intents[1:])
    )
