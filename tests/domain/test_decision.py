"""Choosing among everything heard."""

from voicebot.domain.decision import Evidence, decide
from voicebot.domain.intent import Intent
from voicebot.domain.phrase_book import Order

ORDER = Order(
    ranks=((Intent.STOP,), (Intent.PRICE,), (Intent.CALLBACK,), (Intent.YES, Intent.NO), (Intent.NUMBER,)),
    soft=frozenset({Intent.YES, Intent.NO, Intent.PRICE, Intent.CALLBACK}),
)


def heard(intent: Intent | None, *positions: int, weak: bool = False) -> Evidence:
    return Evidence(intent, positions, "phrase", weak)


def intents(*evidence: Evidence, turns: tuple[int, ...] = (), first: tuple[Intent, ...] = ()) -> list[Intent | None]:
    return [one.intent for one in decide(evidence, ORDER, turns=turns, first=first)]


def test_higher_rank_wins_and_the_rest_follows() -> None:
    assert intents(heard(Intent.NO, 0), heard(Intent.PRICE, 1)) == [Intent.PRICE, Intent.NO]


def test_longer_phrase_eats_a_shorter_one_on_the_same_words() -> None:
    assert intents(heard(Intent.NO, 1), heard(Intent.YES, 0, 1)) == [Intent.YES]


def test_meaningless_phrase_swallows_its_words() -> None:
    assert intents(heard(Intent.PRICE, 1), heard(None, 0, 1)) == []


def test_firm_phrase_beats_a_weak_one() -> None:
    assert intents(heard(Intent.NO, 2, weak=True), heard(Intent.YES, 0))[0] is Intent.YES


def test_last_said_wins_inside_a_rank() -> None:
    assert intents(heard(Intent.NO, 0), heard(Intent.YES, 2))[0] is Intent.YES


def test_turn_takes_back_what_was_said_before_it() -> None:
    assert intents(heard(Intent.PRICE, 0), heard(Intent.YES, 2), turns=(1,)) == [Intent.YES]


def test_turn_never_takes_back_stop() -> None:
    assert intents(heard(Intent.STOP, 0), heard(Intent.YES, 2), turns=(1,))[0] is Intent.STOP


def test_raised_intent_wins_over_all_but_stop() -> None:
    number, price = heard(Intent.NUMBER, 0), heard(Intent.PRICE, 1)
    assert intents(number, price, first=(Intent.NUMBER,))[0] is Intent.NUMBER
    assert intents(number, heard(Intent.STOP, 1), first=(Intent.NUMBER,))[0] is Intent.STOP
