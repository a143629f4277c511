"""What answers mean, by the shipped phrase books and the real dictionary."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.russian_understanding import load_understanding
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.domain.contact_hours import DEFAULT_HOURS
from voicebot.domain.intent import Intent, ListenKind, Question, Understanding

BOOKS = Path(__file__).parents[2] / "scripts" / "phrases"
NOW = datetime(2026, 11, 18, 11, 0, tzinfo=ZoneInfo("Europe/Moscow"))
UNDERSTANDING = load_understanding(BOOKS)


@pytest.fixture(scope="module")
def understanding() -> LanguageUnderstanding:
    return UNDERSTANDING


def understood(
    text: str, context: str = "offer", *, kind: ListenKind = ListenKind.YES_NO, confidence: float = 1.0
) -> Understanding:
    question = Question(context=context, kind=kind)
    return UNDERSTANDING.understand(text, question, confidence=confidence, local_now=NOW, hours=DEFAULT_HOURS)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("да нет", Intent.NO), ("не против", Intent.YES), ("почему бы и нет", Intent.YES), ("ну давайте", Intent.YES),
        ("да нет, наверное", Intent.NO), ("не надо", Intent.NO), ("нет, спасибо, дорого", Intent.PRICE),
        ("неинтересно", Intent.NO), ("не интересно", Intent.NO), ("интиресно", Intent.YES), ("дарого", Intent.PRICE),
        ("нет, не против", Intent.YES), ("нет конечно", Intent.NO), ("не очень-то и интересно", Intent.NO),
        ("я не против но не сейчас", Intent.CALLBACK), ("дорого но ладно давайте", Intent.YES),
        ("интересно но дорого", Intent.PRICE), ("интересно но нет", Intent.NO), ("отказываться не буду", Intent.YES),
        ("нельзя сказать что не интересно", Intent.YES), ("не ну давайте", Intent.YES), ("да ну", Intent.NO),
    ],
)  # fmt: skip
def test_negation_word_order_and_turns_decide(text: str, intent: Intent) -> None:
    assert understood(text).intent is intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("мне не нужно", Intent.NO_NEED), ("не нужны мне ваши кастрюли", Intent.NO_NEED),
        ("у меня всё есть", Intent.NO_NEED), ("не надо", Intent.NO), ("не нужна мне ваша скидка", Intent.NO),
    ],
)  # fmt: skip
def test_needless_goods_are_a_reason_and_a_needless_discount_is_a_plain_no(text: str, intent: Intent) -> None:
    assert understood(text).intent is intent


@pytest.mark.parametrize("text", ["зелёный дождь за окном", "снег на улице", "собака бежит по дороге"])
def test_nonsense_is_not_understood(text: str) -> None:
    assert understood(text).intent is Intent.UNKNOWN


@pytest.mark.parametrize("text", ["от станьте от меня", "не бес покойте меня", "отстаньте-отстаньте"])
def test_words_torn_apart_or_doubled_are_put_together(text: str) -> None:
    assert understood(text).intent is Intent.STOP


def test_a_promo_code_may_be_refused_without_refusing_calls() -> None:
    assert understood("не присылайте").intent is Intent.NO
    assert understood("не присылайте мне больше рекламу").intent is Intent.STOP


def test_denied_reason_is_no_reason() -> None:
    assert understood("не дорого").intent is not Intent.PRICE
    assert understood("недорого").intent is not Intent.PRICE
    assert understood("не жалуюсь").intent not in (Intent.STOP, Intent.SERVICE)


@pytest.mark.parametrize(
    ("text", "context", "intent"),
    [
        ("не нужно", "offer", Intent.NO), ("не нужно", "reason", Intent.NO_NEED),
        ("ничего", "remedy", Intent.NO), ("занят", "greeting", Intent.CALLBACK),
        ("соедините", "transfer", Intent.YES), ("соедините с менеджером", "offer", Intent.HUMAN),
        ("завтра", "agree_time", Intent.CALLBACK), ("никогда", "agree_time", Intent.STOP),
        ("просто так", "reason", Intent.NO), ("слушаю", "greeting", Intent.YES),
    ],
)  # fmt: skip
def test_same_words_mean_different_things_after_different_questions(text: str, context: str, intent: Intent) -> None:
    assert understood(text, context).intent is intent


@pytest.mark.parametrize(
    "text",
    ["не звоните", "больше не надо звонить", "удалите мой номер", "отзываю согласие", "отстаньте", "в суд подам",
     "хватит названивать", "нет не надо мне звонить больше", "идите к чёрту", "не званите мне",
     "занесите в чёрный список", "да но больше не звоните", "ладно давайте но больше мне не звоните"],
)  # fmt: skip
@pytest.mark.parametrize("context", ["greeting", "offer", "reason", "remedy", "transfer", "nps", "agree_time"])
def test_stop_is_heard_after_every_question_and_never_taken_back(text: str, context: str) -> None:
    assert understood(text, context, confidence=0.05).intent is Intent.STOP


@pytest.mark.parametrize(
    ("text", "intent"),
    [("не звоните сегодня лучше завтра", Intent.CALLBACK), ("больше не нужно", Intent.NO_NEED),
     ("больше не хочу", Intent.NO), ("жаловаться не на что всё хорошо", Intent.YES)],
)  # fmt: skip
def test_ordinary_refusals_are_no_stop(text: str, intent: Intent) -> None:
    assert understood(text).intent is intent


def test_other_intents_heard_are_told_too() -> None:
    heard = understood("нет, спасибо, дорого")
    assert heard.also == (Intent.NO,)
    assert Intent.PRICE in understood("нашла дешевле в другом магазине").also


def test_score_counts_only_where_one_is_asked_for() -> None:
    asked = understood("восемь", "nps")
    assert (asked.intent, asked.value) == (Intent.NUMBER, 8)
    assert understood("восемь", "offer").intent is not Intent.NUMBER
    assert understood("восемь", "unheard of", kind=ListenKind.NUMBER).value == 8


def test_question_with_a_name_of_its_own_is_understood_by_its_kind() -> None:
    assert understood("завтра", "when_exactly", kind=ListenKind.TIME).intent is Intent.CALLBACK
    assert understood("качество", "tell_us_more", kind=ListenKind.OPEN).intent is Intent.SERVICE
    assert understood("давайте", "shall_we").intent is Intent.YES


def test_call_back_carries_a_moment_or_none() -> None:
    heard = understood("перезвоните завтра после шести", "greeting")
    assert heard.value == datetime(2026, 11, 19, 18, 0, tzinfo=NOW.tzinfo)
    assert understood("перезвоните попозже", "greeting").value is None


def test_low_confidence_asks_again_except_for_rights_of_the_customer() -> None:
    assert understood("давайте", confidence=0.1).intent is Intent.UNKNOWN
    assert understood("давайте", confidence=0.1).also == (Intent.YES,)
    assert understood("позовите оператора", confidence=0.1).intent is Intent.HUMAN


def test_certainty_falls_with_confidence_and_with_guessed_words() -> None:
    assert understood("давайте", confidence=0.6).score == pytest.approx(0.6)
    assert understood("удолите мой номир").score < 1.0


def test_matched_phrase_is_named() -> None:
    assert "дорогой" in understood("дорого").matched
    assert understood("трамвай").matched == ""


def test_bare_yes_does_not_decide_a_long_sentence_nobody_understood() -> None:
    assert understood("да вчера трамвай сошёл с рельсов около моста").intent is Intent.UNKNOWN


@pytest.mark.parametrize(
    "text", ["", "   ", "...", "\x00", "🙂", "да" * 5000, "не " * 3000, "<>{}|()?*^$", "q" * 10000]
)
def test_any_text_gets_an_answer(text: str) -> None:
    assert understood(text).text == text


@given(st.text(max_size=60), st.sampled_from(["greeting", "reason", "nps", "agree_time", "nowhere"]))
def test_nothing_raises(text: str, context: str) -> None:
    assert 0.0 <= understood(text, context).score <= 1.0
