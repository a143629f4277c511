"""What the words of the domain are called on pages."""

from collections.abc import Mapping
from typing import Final

from voicebot.application.desk.escalations import Answer
from voicebot.application.ports.messages import DeliveryState
from voicebot.domain.call import Cause, Direction, HungUpBy, Speaker
from voicebot.domain.call_query import TalkLength
from voicebot.domain.click_call import ClickResult, ClickStage
from voicebot.domain.contact_rules import Refusal
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.escalation_work import Resolution
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import ActionKind, Disposition, Group
from voicebot.entrypoints.web.desk.audit_titles import ACTORS, DEEDS
from voicebot.entrypoints.web.desk.scope_titles import SCOPES

GROUPS: Final[Mapping[Group, str]] = {
    Group.INTERESTED: "интересно",
    Group.NEUTRAL: "нейтрально",
    Group.NEGATIVE: "отказ",
    Group.NONE: "не говорили",
}
GROUP_KINDS: Final[Mapping[Group, str]] = {
    Group.INTERESTED: "good",
    Group.NEUTRAL: "info",
    Group.NEGATIVE: "bad",
    Group.NONE: "",
}
"""Colour of the badge."""
TAGS: Final[Mapping[str, str]] = {
    "price": "дорого",
    "service": "недоволен",
    "no_need": "уже не нужно",
    "competitor": "купил у других",
    "wrong_person": "не тот человек",
    "potentially_interested": "может вернуться",
}
"""Tags that conversations give; all others people made up."""
DISPOSITIONS: Final[Mapping[Disposition, str]] = {
    Disposition.ACCEPTED: "согласие",
    Disposition.DECLINED: "отказ от предложения",
    Disposition.COMPLAINT: "жалоба",
    Disposition.WANTS_HUMAN: "просит человека",
    Disposition.CALLBACK: "просит перезвонить",
    Disposition.STOP: "просит не звонить",
    Disposition.WRONG_PERSON: "не тот человек",
    Disposition.VOICEMAIL: "автоответчик",
    Disposition.SILENT: "молчание",
    Disposition.UNCLEAR: "не поняли",
    Disposition.HUNG_UP: "бросил трубку",
    Disposition.INFORMED: "напомнили",
    Disposition.BUSY: "занято",
    Disposition.NO_ANSWER: "нет ответа",
    Disposition.REJECTED: "сбросил",
    Disposition.REFUSED: "запрет у оператора",
    Disposition.UNREACHABLE: "недоступен",
    Disposition.UNALLOCATED: "номера нет",
    Disposition.FAILED: "сбой связи",
    Disposition.INTERRUPTED: "прервался",
}
INTENTS: Final[Mapping[Intent, str]] = {
    Intent.YES: "да",
    Intent.NO: "нет",
    Intent.CALLBACK: "перезвоните",
    Intent.WHO: "кто звонит",
    Intent.ROBOT: "это робот?",
    Intent.REPEAT: "повторите",
    Intent.QUESTION: "вопрос о предложении",
    Intent.HUMAN: "позовите человека",
    Intent.STOP: "не звоните",
    Intent.WRONG_PERSON: "не тот человек",
    Intent.VOICEMAIL: "автоответчик",
    Intent.PRICE: "дорого",
    Intent.SERVICE: "недоволен",
    Intent.NO_NEED: "уже не нужно",
    Intent.COMPETITOR: "купил у других",
    Intent.GOODBYE: "прощается",
    Intent.NUMBER: "оценка",
    Intent.UNKNOWN: "не понято",
}
SPEAKERS: Final[Mapping[Speaker, str]] = {
    Speaker.BOT: "Робот",
    Speaker.CUSTOMER: "Клиент",
    Speaker.MANAGER: "Менеджер",
}
CAUSES: Final[Mapping[Cause, str]] = {
    Cause.ANSWERED: "ответили",
    Cause.BUSY: "занято",
    Cause.NO_ANSWER: "нет ответа",
    Cause.REJECTED: "сбросил",
    Cause.REFUSED: "запрет у оператора",
    Cause.UNREACHABLE: "недоступен",
    Cause.UNALLOCATED: "номера нет",
    Cause.FAILED: "сбой связи",
    Cause.INTERRUPTED: "прервался",
}
DIRECTIONS: Final[Mapping[Direction, str]] = {Direction.OUT: "исходящий", Direction.IN: "входящий"}
LENGTHS: Final[Mapping[TalkLength, str]] = {
    TalkLength.NONE: "не ответили",
    TalkLength.SHORT: "до 15 секунд",
    TalkLength.MINUTE: "15–60 секунд",
    TalkLength.TALK: "1–3 минуты",
    TalkLength.LONG: "дольше 3 минут",
}
HUNG_UP_BY: Final[Mapping[HungUpBy, str]] = {
    HungUpBy.BOT: "робот",
    HungUpBy.CUSTOMER: "клиент",
    HungUpBy.NETWORK: "сеть",
}
DELIVERIES: Final[Mapping[str, str]] = {
    DeliveryState.QUEUED.value: "ждёт отправки",
    DeliveryState.SENT.value: "отправлено",
    DeliveryState.DELIVERED.value: "доставлено",
    DeliveryState.FAILED.value: "не ушло",
    DeliveryState.UNKNOWN.value: "неизвестно, ушло ли",
    DeliveryState.BLOCKED.value: "нет согласия на СМС",
}
ESCALATIONS: Final[Mapping[EscalationKind, str]] = {
    EscalationKind.MANAGER: "поговорить с клиентом",
    EscalationKind.REVIEW: "прочитать разговор",
    EscalationKind.CALLBACK: "перезвонить самим",
}
ACTIONS: Final[Mapping[str, str]] = {
    ActionKind.PROMO.value: "промокод",
    ActionKind.SMS.value: "СМС",
    ActionKind.STOP.value: "в стоп-лист",
    ActionKind.CALLBACK.value: "перезвонить",
    ActionKind.ESCALATE.value: "менеджеру",
    ActionKind.TRANSFER.value: "соединить с менеджером",
    ActionKind.REVIEW.value: "прочитать менеджеру",
    ActionKind.WRONG_NUMBER.value: "номер чужой",
}
REFUSALS: Final[Mapping[str, str]] = {
    Refusal.NOT_RELEASED.value: "список никто не подписал",
    Refusal.NOT_RUNNING.value: "кампания не идёт",
    Refusal.NO_PHONE.value: "нет номера",
    Refusal.NO_CALL_CONSENT.value: "нет согласия на звонки",
    Refusal.NO_ADVERTISING_CONSENT.value: "нет согласия на рекламу",
    Refusal.STOP_LIST.value: "в стоп-листе",
    Refusal.OPERATOR_REFUSAL.value: "запрет у оператора",
    Refusal.WRONG_NUMBER.value: "номер чужой",
    Refusal.ALREADY_ACCEPTED.value: "уже согласился",
    Refusal.NOTHING_TO_REMIND.value: "не о чем напоминать",
    Refusal.CONTROL_GROUP.value: "контрольная группа",
    Refusal.SERIES_OVER.value: "в сезонном списке",
    Refusal.NO_CALL_LABEL.value: "транк без метки звонка",
    Refusal.IN_A_CALL.value: "сейчас разговаривает",
    Refusal.OUT_OF_HOURS.value: "не в часы звонков",
    Refusal.OUT_OF_WINDOW.value: "не в дни кампании",
    Refusal.DAY_CAP.value: "лимит на день",
    Refusal.WEEK_CAP.value: "лимит на неделю",
    Refusal.MONTH_CAP.value: "лимит на месяц",
    Refusal.TOO_SOON.value: "слишком рано после другой кампании",
    Refusal.CAMPAIGN_BUDGET.value: "бюджет кампании исчерпан",
    Refusal.BUDGET_USED.value: "попытки исчерпаны",
}
RESOLUTIONS: Final[Mapping[Resolution, str]] = {
    Resolution.WON_BACK: "вернули",
    Resolution.PROMISED: "договорились",
    Resolution.REFUSED: "отказался",
    Resolution.UNREACHABLE: "не дозвонились",
    Resolution.WRONG: "не к нам",
}
CLICK_STAGES: Final[Mapping[ClickStage, str]] = {
    ClickStage.WAITING: "ищем свободную линию",
    ClickStage.MANAGER: "звоним вам: возьмите трубку",
    ClickStage.CUSTOMER: "звоним клиенту: оставайтесь на линии",
    ClickStage.TALKING: "вы говорите с клиентом",
    ClickStage.OVER: "звонок окончен",
}
CLICK_RESULTS: Final[Mapping[ClickResult, str]] = {
    ClickResult.TALKED: "поговорили",
    ClickResult.MANAGER_AWAY: "менеджер не взял трубку",
    ClickResult.GAVE_UP: "менеджер передумал",
    ClickResult.BUSY: "занято",
    ClickResult.NO_ANSWER: "не отвечает",
    ClickResult.STOPPED: "клиент в стоп-листе",
    ClickResult.IN_A_CALL: "с клиентом говорит робот",
    ClickResult.NO_PHONE: "нет номера",
    ClickResult.NO_WAY: "нет пути: проверьте транк",
    ClickResult.EXPIRED: "не нашлось свободной линии",
    ClickResult.INTERRUPTED: "звонок прервался",
}
ESCALATION_ANSWERS: Final[Mapping[Answer, str]] = {
    Answer.HELD: "Эскалация уже в работе у другого менеджера.",
    Answer.RESOLVED: "Эскалация уже закрыта.",
    Answer.NOT_HELD: "Сначала возьмите эскалацию в работу.",
    Answer.EMPTY: "Выберите итог или напишите текст: пустое не сохраняем.",
    Answer.NO_OWN_PHONE: "Впишите свой телефон на странице «Мой профиль»: на него мы позвоним сначала.",
    Answer.NO_PHONE: "У клиента нет верного номера. Поправьте его в CRM.",
    Answer.STOPPED: "Клиент в стоп-листе: звонить ему нельзя.",
    Answer.UNDER_WAY: "Звонок уже идёт: ваш или этому клиенту. Дождитесь его конца.",
}
"""What the work answers, in words of the page; «done» needs none."""
ALL: Final = (
    RESOLUTIONS,
    CLICK_STAGES,
    CLICK_RESULTS,
    ESCALATION_ANSWERS,
    GROUPS,
    TAGS,
    DISPOSITIONS,
    INTENTS,
    SPEAKERS,
    CAUSES,
    DIRECTIONS,
    LENGTHS,
    HUNG_UP_BY,
    DELIVERIES,
    ESCALATIONS,
    ACTIONS,
    REFUSALS,
    ACTORS,
    DEEDS,
    SCOPES,
)
"""Every table of titles: each of them is translated."""
