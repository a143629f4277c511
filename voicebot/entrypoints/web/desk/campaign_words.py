"""What the pages of campaigns say."""

from collections.abc import Mapping
from typing import Final

from voicebot.application.desk.campaigns import Freedom
from voicebot.application.desk.trial_calls import TrialAnswer
from voicebot.domain.campaign import CampaignKind, CampaignStatus
from voicebot.domain.customer import InterestSignal
from voicebot.domain.lead import LeadState
from voicebot.domain.lift import Measure
from voicebot.domain.segment import ExclusionReason
from voicebot.domain.trial_call import TrialResult, TrialStage

STATUSES: Final[Mapping[CampaignStatus, str]] = {
    CampaignStatus.DRAFT: "готовится",
    CampaignStatus.AWAITING_RELEASE: "ждёт подписи",
    CampaignStatus.RUNNING: "идёт",
    CampaignStatus.PAUSED: "на паузе",
    CampaignStatus.FINISHED: "закончена",
}
STATUS_COLOURS: Final[Mapping[CampaignStatus, str]] = {
    CampaignStatus.DRAFT: "",
    CampaignStatus.AWAITING_RELEASE: "warn",
    CampaignStatus.RUNNING: "good",
    CampaignStatus.PAUSED: "info",
    CampaignStatus.FINISHED: "",
}
"""Colour of the badge."""
KINDS: Final[Mapping[CampaignKind, str]] = {
    CampaignKind.ADVERTISING: "реклама",
    CampaignKind.SERVICE: "сервис",
}
KIND_CHOICES: Final[Mapping[CampaignKind, str]] = {
    CampaignKind.ADVERTISING: "Реклама: скидка, предложение. Нужны согласие на рекламу и подпись под списком",
    CampaignKind.SERVICE: "Сервис: качество, заказ, запись. Ничего не предлагаем",
}
WHEN: Final[Mapping[str, str]] = {
    "once": "Один раз, при отправке",
    "days": "По дням недели",
    "cron": "Сложнее: поля cron",
}
SMALL: Final[Mapping[str, str]] = {
    "day": "каждый день",
    "at": "в",
    "released": "подписано",
    "dialled": "набрали",
    "answered": "ответили",
    "interested": "интересно",
    "issued": "выдали код",
    "redeemed": "купили по коду",
    "voiceless": "не ответили",
    "other": "другое",
    "called": "кому звонили",
    "control": "контрольная группа",
}
"""Words that plots and sentences are put together from."""
FREEDOMS: Final[Mapping[Freedom, str]] = {
    Freedom.ALL: "Список ещё не собран: можно менять всё.",
    Freedom.WORDS: "На списке никто не ждёт: можно менять всё, кроме вида, вариантов и контрольной группы.",
    Freedom.SELECTION: "Люди ждут звонка с теми словами, под которыми подписались: менять можно отбор, время и бюджет.",
    Freedom.TIMES: "Список ждёт подписи: менять можно только время и бюджет. Остальное — в копии кампании.",
    Freedom.NOTHING: "Кампания закончена. Сделайте копию.",
}
STEPS: Final[Mapping[str, str]] = {
    "whom": "Кому",
    "say": "Что сказать",
    "when": "Когда",
    "offer": "Предложение",
    "control": "Контрольная группа",
    "check": "Проверка",
}
PEOPLE: Final[Mapping[str, str]] = {
    "silent": "Замолчали: покупали, а потом перестали",
    "interested": "Интересуются, но не покупают",
    "shrunk": "Покупают намного меньше прежнего",
    "season": "Из сезонного списка: отложенные до повода",
    "events": "Только по событиям CRM",
}
DAYS: Final[Mapping[str, str]] = {
    "mon": "пн",
    "tue": "вт",
    "wed": "ср",
    "thu": "чт",
    "fri": "пт",
    "sat": "сб",
    "sun": "вс",
}
SIGNALS: Final[Mapping[InterestSignal, str]] = {
    InterestSignal.PRICE_REQUEST: "спрашивали цену",
    InterestSignal.OFFER_OPENED: "открывали предложение",
    InterestSignal.VISIT: "заходили в магазин или на сайт",
}
EXCLUSIONS: Final[Mapping[ExclusionReason, str]] = {
    ExclusionReason.NO_CONSENT: "нет согласия на такие звонки",
    ExclusionReason.STOP_LIST: "в стоп-листе",
    ExclusionReason.OPERATOR_REFUSAL: "запретили звонки у оператора",
    ExclusionReason.NO_PHONE: "нет телефона",
    ExclusionReason.WRONG_NUMBER: "все номера чужие",
    ExclusionReason.RECENTLY_CONTACTED: "недавно звонили",
    ExclusionReason.MONTH_CAP: "уже говорили с ними в этом месяце",
    ExclusionReason.SERIES_OVER: "отложены до сезона",
    ExclusionReason.CONTROL_GROUP: "контрольная группа",
}
LEADS: Final[Mapping[LeadState, str]] = {
    LeadState.UNRELEASED: "ждут подписи",
    LeadState.QUEUED: "ждут первого звонка",
    LeadState.CLAIMED: "сейчас на линии",
    LeadState.SCHEDULED: "ждут следующего звонка",
    LeadState.DONE: "закончены",
    LeadState.BLOCKED: "звонить нельзя",
}
MEASURES: Final[Mapping[Measure, str]] = {
    Measure.BUYERS: "доля купивших",
    Measure.ORDERS: "заказов на человека",
    Measure.REVENUE: "рублей на человека",
}
TRIAL_STAGES: Final[Mapping[TrialStage, str]] = {
    TrialStage.WAITING: "ищем свободную линию",
    TrialStage.RINGING: "звоним вам: возьмите трубку",
    TrialStage.TALKING: "робот говорит с вами",
    TrialStage.OVER: "пробный звонок окончен",
}
TRIAL_RESULTS: Final[Mapping[TrialResult, str]] = {
    TrialResult.TALKED: "поговорили",
    TrialResult.AWAY: "вы не взяли трубку",
    TrialResult.BUSY: "у вас занято",
    TrialResult.NO_WAY: "не дозвонились: проверьте свой номер и транк",
    TrialResult.NO_SCRIPT: "линия не знает этого сценария: на её машине он не читается",
    TrialResult.EXPIRED: "не нашлось свободной линии: проверьте, что линии запущены",
    TrialResult.INTERRUPTED: "звонок прервался",
}
TRIAL_ANSWERS: Final[Mapping[TrialAnswer, str]] = {
    TrialAnswer.ASKED: "Звоним вам.",
    TrialAnswer.NO_PHONE: "Впишите свой телефон на странице «Мой профиль».",
    TrialAnswer.UNDER_WAY: "Пробный звонок уже идёт.",
}
RELEASE_ANSWERS: Final[Mapping[str, str]] = {
    "not_confirmed": "Отметьте, что отвечаете за звонки этим людям.",
    "nobody_ticked": "Отметьте людей в списке.",
    "no_reason": "Напишите, что поправить: без причины список не вернуть.",
    "changed": "Пока вы читали, список изменился. Посмотрите его заново и подпишите.",
    "moved": "Кампания уже в другом состоянии: подписывать или возвращать нечего.",
}
PROBLEMS: Final[Mapping[str, str]] = {
    "name": "Как назвать кампанию? Например, «Кофе, весна».",
    "too_long": "Слишком длинно: не больше %(most)s знаков.",
    "name_taken": "Кампания с таким названием уже есть. Добавьте месяц или город.",
    "whole": "Нужно целое число от %(least)s до %(most)s.",
    "number": "Нужно число от %(least)s до %(most)s.",
    "choose": "Такого здесь нет. Выберите из списка.",
    "day": "Это не дата. Напишите 31.12.2026.",
    "clock": "Это не время. Напишите 9:30.",
    "stretch": "«%(written)s» — не промежуток дня. Напишите 10:00-12:00, 15:00-19:00, по порядку.",
    "season": "Назовите повод: с чем вернулись к тем, кто отложен.",
    "no_triggers": "Назовите хотя бы одно событие CRM, например cart_abandoned.",
    "trigger": "«%(kind)s» — не событие: строчные латинские буквы, цифры и _.",
    "contradiction_max_orders": "Меньше, чем «заказов не меньше». Поменяйте одно из двух.",
    "contradiction_max_spent": "Меньше, чем «потратили не меньше». Поменяйте одно из двух.",
    "contradiction_last_order_within_months": "Должно быть больше, чем месяцев без покупки.",
    "no_days": "Отметьте хотя бы один день.",
    "cron": "Это не расписание. Пять полей cron, например 0 9 * * 1-5.",
    "cron_never": "Такой день не наступит никогда. Поправьте число или месяц.",
    "no_hours": "Ни один день не открыт. Напишите часы или снимите «свои часы».",
    "floor_above": "Меньшая скидка больше обычной. Уменьшите её.",
    "ceiling_below": "Большая скидка меньше обычной. Увеличьте её.",
    "margin_whole": "Нужно меньше 100: иначе скидок не бывает.",
    "variant_name": "Назовите вариант: буквой или словом.",
    "variant_share": "Какой части людей? Число больше нуля.",
    "variant_same": "Он ничем не отличается. Дайте ему другой сценарий или другую скидку.",
    "reminder_days": "Через сколько дней напомнить?",
    "no_script": "Сценария «%(script)s» нет. Выберите из списка.",
    "script_advertising": "Сценарий «%(script)s» рекламный, а кампания сервисная. Выберите другой.",
    "no_dialplan": "Плана набора «%(dialplan)s» нет. Выберите из списка.",
    "nobody": "Так никому не позвоним. Выберите, кому, или назовите события CRM.",
    "nothing_to_select": "По расписанию отбирать некого. Выберите «один раз».",
    "window_reversed": "Кампания кончается раньше, чем начинается. Поменяйте дни местами.",
    "window_over": "Последний день уже прошёл. Назовите день позже.",
    "schedule_never": "Такой день не наступит никогда. Выберите другое расписание.",
    "schedule_after_window": "Первый отбор будет %(day)s, после конца кампании. Продлите её или отбирайте раньше.",
    "never_opens": "В эти дни и часы нигде нельзя звонить (%(zones)s): расширьте их. Праздники закрыты.",
    "never_opens_unknown": "Тем, чей часовой пояс неизвестен, не дозвонимся: часы должны годиться всей России сразу.",
    "no_label": "Реклама по транку без договора и метки массовых звонков (126-ФЗ, ст. 44.1): %(trunks)s."
    " Впишите метку в план набора «%(dialplan)s».",
    "control_unusual": "Обычно оставляют от 5 до 7 из ста: меньше — ничего не докажет, больше — потерянные продажи.",
    "shares_sum": "Вместе доли дают %(sum)s, а нужно 100.",
    "one_variant": "Один вариант — не сравнение. Добавьте второй.",
    "variant_twice": "Вариант «%(name)s» назван дважды. Дайте каждому своё имя.",
    "variant_outside": "Скидка варианта «%(name)s» выходит за границы от %(low)s до %(high)s.",
    "reminder_late": "Код действует дней: %(days)s. Напомните раньше или продлите код.",
    "empty_segment": "Таких клиентов сейчас нет. Расширьте условия или загрузите клиентов.",
    "nobody_allowed": "Подходят %(people)s, но звонить нельзя никому: причины ниже.",
}
"""Sentences for the codes of `campaign_form` and of `domain.campaign_checks`: what is wrong, and the repair."""
ALL: Final = (
    STATUSES,
    KINDS,
    KIND_CHOICES,
    WHEN,
    SMALL,
    FREEDOMS,
    STEPS,
    PEOPLE,
    DAYS,
    SIGNALS,
    EXCLUSIONS,
    LEADS,
    MEASURES,
    TRIAL_STAGES,
    TRIAL_RESULTS,
    TRIAL_ANSWERS,
    RELEASE_ANSWERS,
    PROBLEMS,
)
"""Every table of words: each of them is translated."""
