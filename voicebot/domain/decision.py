"""Choosing the meaning among all that was heard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voicebot.domain.intent import Intent
from voicebot.domain.phrase_book import Order


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign of an intent in the utterance."""

    intent: Intent | None
    """None: these words mean nothing."""
    positions: tuple[int, ...]
    """The words it rests on, ascending."""
    phrase: str
    weak: bool = False


def decide(
    heard: Iterable[Evidence], order: Order, *, first: Sequence[Intent] = (), turns: Sequence[int] = ()
) -> list[Evidence]:
    """Evidence of the winning intent first, then the best of every other intent heard.

    `first` are intents raised above all but `stop` (a legal duty) here; `turns` are positions of «но», «хотя» ...
    """
    kept = _longest(list(heard), first)
    kept = _after_turn([one for one in kept if one.intent], order, turns)
    ranks: dict[Intent | None, float] = {i: float(n) for n, rank in enumerate(order.ranks, 1) for i in rank}
    ranks.update(dict.fromkeys(first, 0.5))
    ranks[Intent.STOP] = 0.0
    kept.sort(key=lambda one: _strength(one, ranks))
    best: dict[Intent, Evidence] = {}
    for one in kept:
        if one.intent:
            best.setdefault(one.intent, one)
    return list(best.values())


def _strength(one: Evidence, ranks: Mapping[Intent | None, float]) -> tuple[bool, float, int, int]:
    """Firm before weak, then by rank, then the last said, then the longer."""
    return one.weak, ranks.get(one.intent, len(ranks)), -one.positions[-1], -len(one.positions)


def _longest(heard: list[Evidence], first: Sequence[Intent]) -> list[Evidence]:
    """Without evidence whose words all belong to a longer phrase of another meaning («не против» eats «против»)."""
    return [
        one
        for one in heard
        if one.intent in first
        or not any(
            other.intent is not one.intent
            and len(other.positions) > len(one.positions)
            and set(one.positions) <= set(other.positions)
            for other in heard
        )
    ]


def _after_turn(kept: list[Evidence], order: Order, turns: Sequence[int]) -> list[Evidence]:
    """What follows a turn takes back the soft things said before it."""
    for turn in reversed(turns):
        after = [o for o in kept if o.intent in order.soft and not o.weak and o.positions[0] > turn]
        if after:
            return [o for o in kept if o.intent not in order.soft or o.positions[-1] > turn]
    return kept
