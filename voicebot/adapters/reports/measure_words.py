"""Titles and definitions of the measures."""

from collections.abc import Mapping
from typing import Final

from voicebot.adapters.reports.words import Words

TITLES: Final[Mapping[str, Words]] = {
    "people_dialled": Words("Людей набрали", "People dialled"),
    "people_reached": Words("Дозвонились", "Reached"),
    "reached_share": Words("Доля дозвона", "Reached share"),
    "dialled": Words("Наборов", "Attempts"),
    "answered": Words("Ответили", "Answered"),
    "answered_share": Words("Доля ответа", "Answered share"),
    "machines": Words("Автоответчиков", "Machines"),
    "rang_back": Words("Перезвонили сами", "Rang back"),
    "talks": Words("Разговоров", "Talks"),
    "interested": Words("Интересно, разговоров", "Interested, talks"),
    "interested_share": Words("Интересно", "Interested"),
    "neutral": Words("Нейтрально, разговоров", "Neutral, talks"),
    "neutral_share": Words("Нейтрально", "Neutral"),
    "negative": Words("Отказ, разговоров", "Negative, talks"),
    "negative_share": Words("Отказ", "Negative"),
    "hang_up_share": Words("Бросили трубку", "Hung up"),
    "stops": Words("В стоп-лист", "Stops"),
    "stop_share": Words("Доля стоп-листа", "Stop-list rate"),
    "codes": Words("Промокодов", "Codes issued"),
    "redeemed": Words("Заказов по коду", "Orders by code"),
    "redeemed_share": Words("Погашено", "Redeemed"),
    "revenue": Words("Выручка", "Revenue"),
    "reminder": Words("Эффект напоминания", "Reminder effect"),
    "nps": Words("NPS", "NPS"),
    "scores": Words("Оценок", "Scores"),
    "reaction": Words("Реакция менеджера, мин", "Manager's reaction, min"),
    "reaction_p90": Words("Реакция, 9 из 10, мин", "Reaction, 9 of 10, min"),
    "resolved": Words("Эскалаций закрыто", "Escalations resolved"),
    "first_contact": Words("С первого разговора", "First-contact resolution"),
    "cost": Words("Расход", "Cost"),
    "cost_per_talk": Words("Цена разговора", "Cost per talk"),
    "times_cheaper": Words("Дешевле оператора, раз", "Cheaper than an operator, times"),
}
ABOUT: Final[Mapping[str, Words]] = {
    "people_dialled": Words(
        "Люди, которых кампания набрала впервые; дальше они числятся за этим днём",
        "People whom the campaign dialled first; they belong to that day",
    ),
    "people_reached": Words(
        "Из них: поговорили",
        "Of them: talked to",
    ),
    "reached_share": Words(
        "С кем поговорили, сразу или позже / кого набрали впервые",
        "Talked to, then or later / dialled for the first time",
    ),
    "dialled": Words(
        "Все наши звонки",
        "All calls of ours",
    ),
    "answered": Words(
        "Трубку сняли, автоответчики тоже",
        "Picked up, machines too",
    ),
    "answered_share": Words(
        "Сняли трубку / наборы",
        "Picked up / attempts",
    ),
    "machines": Words(
        "Трубку снял автомат",
        "A machine picked up",
    ),
    "rang_back": Words(
        "Звонки клиентов нам",
        "Calls of customers to us",
    ),
    "talks": Words(
        "Звонки, где ответил человек, входящие тоже",
        "Calls a person picked up, incoming ones too",
    ),
    "interested": Words(
        "Группа «интересно»",
        "Group 'interested'",
    ),
    "interested_share": Words(
        "Разговоры группы «интересно» / разговоры",
        "Talks of the group 'interested' / talks",
    ),
    "neutral": Words(
        "Группа «нейтрально»",
        "Group 'neutral'",
    ),
    "neutral_share": Words(
        "Разговоры группы «нейтрально» / разговоры",
        "Talks of the group 'neutral' / talks",
    ),
    "negative": Words(
        "Группа «отказ»",
        "Group 'negative'",
    ),
    "negative_share": Words(
        "Разговоры группы «отказ» / разговоры",
        "Talks of the group 'negative' / talks",
    ),
    "hang_up_share": Words(
        "Клиент положил трубку, ничего не решив / разговоры",
        "Ended by the customer before anything was settled / talks",
    ),
    "stops": Words(
        "Попросили больше не звонить",
        "Asked never to be called again",
    ),
    "stop_share": Words(
        "Попросили не звонить / разговоры; норма до 2 %, тревога выше 5 %",
        "Asked never to be called / talks; normal below 2 %, alarm above 5 %",
    ),
    "codes": Words(
        "Выдано; код числится за днём выдачи",
        "Issued; a code belongs to the day it was issued",
    ),
    "redeemed": Words(
        "Коды из выданных, с которыми заказали",
        "Codes of those issued that were used in an order",
    ),
    "redeemed_share": Words(
        "Использованные коды / выданные",
        "Codes used / codes issued",
    ),
    "revenue": Words(
        "Сумма заказов с этими кодами, ₽",
        "Sum of the orders with these codes, RUB",
    ),
    "reminder": Words(
        "Погашено у тех, кто услышал напоминание, минус погашено у тех, до кого с ним не дозвонились",
        "Redeemed by those who heard the reminder less redeemed by those whom it did not reach",
    ),
    "nps": Words(
        "Доля оценок 9–10 минус доля 0–6, в процентах",
        "Percent of scores 9-10 less percent of 0-6",
    ),
    "scores": Words(
        "Сколько людей поставили оценку",
        "How many gave a score",
    ),
    "reaction": Words(
        "Медиана: от эскалации до того, как её взяли",
        "Median: from an escalation to a manager who took it",
    ),
    "reaction_p90": Words(
        "За столько взяли девять эскалаций из десяти",
        "Nine of ten escalations were taken within this time",
    ),
    "resolved": Words(
        "Закрыто в эти дни",
        "Resolved in these days",
    ),
    "first_contact": Words(
        "Решено в первом разговоре с менеджером / решено после разговора",
        "Settled in the first talk with a manager / resolved after a talk",
    ),
    "cost": Words(
        "Звонки по тарифу транка и СМС, ₽",
        "Calls as the trunk charges, and messages, RUB",
    ),
    "cost_per_talk": Words(
        "Расход / разговоры, ₽",
        "Cost / talks, RUB",
    ),
    "times_cheaper": Words(
        "Цена разговора оператора (VOICEBOT_OPERATOR_CONTACT_PRICE) / цена разговора; обычно 4–5",
        "Cost of an operator's talk (VOICEBOT_OPERATOR_CONTACT_PRICE) / cost per talk; usually 4-5",
    ),
}
"""Numerator and denominator of each, in words."""
