"""What measures, groupings and their lines are called in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from voicebot.domain.report import Grouping, Span

LANGUAGES: Final = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    ru: str
    en: str

    def __call__(self, language: str) -> str:
        return self.en if language == "en" else self.ru


GROUPINGS: Final[Mapping[Grouping, Words]] = {
    Grouping.CAMPAIGN: Words("Кампания", "Campaign"),
    Grouping.SCRIPT: Words("Скрипт", "Script"),
    Grouping.VARIANT: Words("Кампания и вариант", "Campaign and variant"),
    Grouping.VALUE_CLASS: Words("Класс ценности", "Value class"),
    Grouping.DAY: Words("День", "Day"),
    Grouping.WEEK: Words("Неделя с", "Week of"),
    Grouping.MONTH: Words("Месяц с", "Month of"),
}
DETAILS: Final[Mapping[Grouping, Words]] = {
    Grouping.SCRIPT: Words("Версия", "Version"),
    Grouping.VARIANT: Words("Вариант", "Variant"),
}
"""Second column of those groupings."""
SPANS: Final[Mapping[Span, Words]] = {
    Span.DAY: Words("за вчера", "yesterday"),
    Span.WEEK: Words("за 7 дней", "the last 7 days"),
    Span.MONTH: Words("за 30 дней", "the last 30 days"),
}
TOTAL: Final = Words("Всего", "Total")
UNKNOWN: Final = Words("не указан", "unknown")
FIGURES: Final = Words("Показатели", "Measures")
SPLITS: Final = Words("Причины и итоги", "Reasons and ends")
DEFINITIONS: Final = Words("Как считаем", "How we count")
KIND: Final = Words("Что", "What")
VALUE: Final = Words("Значение", "Value")
CALLS: Final = Words("Звонков", "Calls")
MEASURE: Final = Words("Показатель", "Measure")
COUNTED: Final = Words("Что считаем", "What is counted")
SPLIT_KINDS: Final[Mapping[str, Words]] = {
    "reason": Words("Причина", "Reason"),
    "stage": Words("Этап, где бросили трубку", "Stage of hang-up"),
    "disposition": Words("Чем кончился разговор", "How the talk ended"),
    "cause": Words("Почему не дозвонились", "Why nobody was reached"),
    "score": Words("Оценка 0–10", "Score 0-10"),
}
REASONS: Final = {
    "price": Words("дорого", "price"),
    "service": Words("недоволен", "service"),
    "no_need": Words("уже не нужно", "no longer needed"),
    "competitor": Words("купил у других", "bought elsewhere"),
}
"""Tags that the conversation gives; all others people made up."""
_ENDS: Final = {
    "accepted": Words("согласие", "accepted"),
    "declined": Words("отказ от предложения", "declined"),
    "complaint": Words("жалоба", "complaint"),
    "wants_human": Words("просит человека", "asks for a person"),
    "callback": Words("просит перезвонить", "call back later"),
    "stop": Words("просит не звонить", "asks to be left alone"),
    "wrong_person": Words("не тот человек", "wrong person"),
    "silent": Words("молчание", "silence"),
    "unclear": Words("не поняли", "not understood"),
    "hung_up": Words("бросил трубку", "hung up"),
    "informed": Words("напомнили", "reminded"),
    "interrupted": Words("прервался", "interrupted"),
    "busy": Words("занято", "busy"),
    "no_answer": Words("нет ответа", "no answer"),
    "rejected": Words("сбросил", "rejected"),
    "refused": Words("запрет у оператора", "refused at the operator"),
    "unreachable": Words("недоступен", "unreachable"),
    "unallocated": Words("номера нет", "no such number"),
    "failed": Words("сбой связи", "trunk failed"),
}


def split_name(kind: str, value: str, language: str) -> str:
    """What a value is called; names people gave (tags, states of scripts) stay as they are."""
    if kind == "reason":
        known: Words | None = REASONS.get(value)
    else:
        known = _ENDS.get(value) if kind in ("disposition", "cause") else None
    return known(language) if known else value
