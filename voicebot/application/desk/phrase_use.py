"""What the phrases of the books have caught, and what nobody understood."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.application.ports.documents import Caught, NotUnderstood, WrittenPhrase
from voicebot.domain.call import LONGEST_MATCH
from voicebot.domain.intent import Intent
from voicebot.domain.script import Script

LOOKED_AT: Final = 50_000
"""Utterances counted at most: the cost does not grow with the company."""
_UNKNOWN_LOOKED_AT: Final = 5_000
_UNKNOWN_TOLD: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What the utterances of a period came to."""

    total: int
    by_intent: Mapping[str, int]
    by_phrase: Mapping[tuple[str, str], int]
    """By phrase and intent."""
    unrecorded: int
    """Understood before phrases were kept, or without one (keys, times, scores)."""

    @property
    def full(self) -> bool:
        """Whether there were more utterances than are counted."""
        return self.total >= LOOKED_AT

    def share(self, count: int) -> float | None:
        """Of all utterances."""
        return count / self.total if self.total else None

    def count(self, phrase: WrittenPhrase) -> int:
        """What one phrase has caught."""
        return self.by_phrase.get((phrase.text[:LONGEST_MATCH], phrase.intent), 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedPhrase:
    """A phrase with what it has caught."""

    phrase: WrittenPhrase
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BookUse:
    """One book in figures."""

    name: str
    phrases: int
    caught: int
    idle: int
    """Phrases that have caught nothing."""


async def read_use(unit: DeskUnit, since: datetime) -> Use:
    """Of calls dialled since."""
    return _use(await unit.phrase_use.caught(since, limit=LOOKED_AT))


async def read_unknown(unit: DeskUnit, since: datetime, scripts: Iterable[Script]) -> tuple[NotUnderstood, ...]:
    """The most frequent words nobody understood; where any words are an answer, nothing is misunderstood."""
    states = {state.name for script in scripts for state in script.states.values() if state.is_open}
    return await unit.phrase_use.not_understood(
        since, open_states=states, looked_at=_UNKNOWN_LOOKED_AT, limit=_UNKNOWN_TOLD
    )


def book_use(name: str, written: Sequence[WrittenPhrase], use: Use) -> BookUse:
    """The figures of one book."""
    counts = [use.count(one) for one in written if one.intent]
    return BookUse(name=name, phrases=len(counts), caught=sum(counts), idle=sum(not one for one in counts))


def by_intent(written: Sequence[WrittenPhrase], use: Use, *, idle_only: bool) -> dict[str, list[CountedPhrase]]:
    """Those that catch most come first; what swallows its words can catch nothing and is left out."""
    found: dict[str, list[CountedPhrase]] = {}
    for one in written:
        count = use.count(one)
        if one.intent and not (idle_only and count):
            found.setdefault(one.intent, []).append(CountedPhrase(phrase=one, count=count))
    for phrases in found.values():
        phrases.sort(key=lambda counted: (-counted.count, counted.phrase.line))
    return found


def _use(caught: Iterable[Caught]) -> Use:
    intents, by_phrase, total, unrecorded = Counter[str](), Counter[tuple[str, str]](), 0, 0
    for one in caught:
        total += one.count
        intents[one.intent or Intent.UNKNOWN.value] += one.count
        by_phrase[one.phrase, one.intent] += one.count
        if not one.phrase and one.intent not in ("", Intent.UNKNOWN.value):
            unrecorded += one.count
    return Use(total=total, by_intent=dict(intents.most_common()), by_phrase=by_phrase, unrecorded=unrecorded)
