"""Understanding an answer with phrase books."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from voicebot.domain.callback_time import HeardTime, heard_time
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.decision import Evidence, decide
from voicebot.domain.heard_number import heard_score
from voicebot.domain.intent import Intent, ListenKind, Question, Understanding
from voicebot.domain.matching import HeardWord, find_matches
from voicebot.domain.phrase_book import BESIDE_TIME, FILLER, LIGHT, TURN, Context, PhraseBook
from voicebot.domain.utterance import Nearest, words_of

_WEAK = 0.7
"""Certainty of a weak sign («да» among other words)."""
_TOO_UNSURE = 0.3
"""Below this even a clear meaning is not trusted: the bot asks again. Never applied to what the customer has a right to."""
_ALWAYS_TRUSTED = frozenset({Intent.STOP, Intent.HUMAN, Intent.WRONG_PERSON})
_LONGEST = 120
"""Words looked at; a person who says more in one breath is dictating."""
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
        forms = self._split(words_of(text)[:_LONGEST])
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
        if ranked and not ranked[0].weak:
            return ranked, 1.0
        guessed = [self._guess(word) for word in heard]
        if guessed == heard:
            return ranked, 1.0
        again = self._decide(guessed, name, context, time)
        if not again or (ranked and again[0].intent is ranked[0].intent):
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
        return decide(evidence, book.source.order, first=context.first, turns=turns)

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
            rest = form[2:]
            joined = form.startswith("не") and len(rest) > 3 and not self._word(form).mask and self._word(rest).mask
            split += ("не", rest) if joined else (form,)
        return split

    def _word(self, form: str) -> HeardWord:
        return _remembered(self._heard, form, self._look_up)

    def _look_up(self, form: str) -> HeardWord:
        symbols = self._book.vocabulary.symbols_of(form)
        mask = 0
        for symbol in symbols:
            mask |= 1 << symbol
        return HeardWord(form, symbols, mask)

    def _guess(self, word: HeardWord) -> HeardWord:
        """The word itself if the book knows it, else the one it sounds like."""
        return word if word.mask else _remembered(self._guessed, word.form, self._look_near)

    def _look_near(self, form: str) -> HeardWord:
        near = self._nearest(form)
        return replace(self._look_up(near[0]), certainty=near[1]) if near else self._look_up(form)


def _remembered(cache: dict[str, HeardWord], form: str, look_up: Callable[[str], HeardWord]) -> HeardWord:
    word = cache.get(form)
    if word is None:
        if len(cache) >= _CACHED_WORDS:
            cache.clear()
        word = cache[form] = look_up(form)
    return word


def _understanding(
    text: str, forms: Sequence[str], ranked: Sequence[Evidence], certainty: float, time: HeardTime | None
) -> Understanding:
    best = ranked[0]
    intents = [one.intent for one in ranked if one.intent]
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
