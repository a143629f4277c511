"""Cohorts as a table for files."""

from voicebot.adapters.reports.columns import Cell, CellKind, Table
from voicebot.adapters.reports.words import Words
from voicebot.application.desk.reports import CohortReport
from voicebot.domain.cohorts import Comeback

_COHORTS = Words("Когорты", "Cohorts")
_COMEBACKS = Words("Возвращённые", "Won back")
_MONTH = Words("Месяц", "Month")
_FIRST = Words("Месяц первого заказа", "Month of the first order")
_BUYERS = Words("Покупателей", "Customers")
_AGE = Words("Месяцев спустя", "Months later")
_REPEAT = Words("Повторная покупка", "Repeat rate")
_VALUE = Words("LTV, ₽", "LTV, RUB")
_SIDE = Words("Группа", "Group")
_PEOPLE = Words("Людей", "People")
_WAITING = Words("Срок не вышел", "Days not over")
_RETURNED = Words("Вернулись", "Came back")
_AGAIN = Words("Из них купили ещё", "Of them: bought again")
_PER_PERSON = Words("₽ с человека", "RUB a person")
CALLED_NAME = Words("звонили", "called")
CONTROL_NAME = Words("контрольная", "control")


def cohort_table(report: CohortReport, language: str) -> Table:
    """A row for each cohort and age."""
    return Table(
        name=_COHORTS(language),
        columns=(
            (_FIRST(language), CellKind.DAY),
            (_BUYERS(language), CellKind.COUNT),
            (_AGE(language), CellKind.COUNT),
            (_REPEAT(language), CellKind.SHARE),
            (_VALUE(language), CellKind.MONEY),
        ),
        rows=tuple(
            (one.month, one.buyers, age, rate, value)
            for one in report.cohorts
            for age, (rate, value) in enumerate(zip(one.repeat_rates, one.values, strict=True))
        ),
    )


def comeback_table(report: CohortReport, language: str) -> Table:
    """A row for each month and side."""
    sides = ((CALLED_NAME(language), report.called), (CONTROL_NAME(language), report.control))
    return Table(
        name=_COMEBACKS(language),
        columns=(
            (_SIDE(language), CellKind.TEXT),
            (_MONTH(language), CellKind.DAY),
            (_PEOPLE(language), CellKind.COUNT),
            (_WAITING(language), CellKind.COUNT),
            (_RETURNED(language), CellKind.SHARE),
            (_AGAIN(language), CellKind.SHARE),
            (_PER_PERSON(language), CellKind.MONEY),
        ),
        rows=tuple(_row(side, one) for side, months in sides for one in months),
    )


def _row(side: str, one: Comeback) -> tuple[Cell, ...]:
    return (side, one.month, one.people, one.waiting, one.return_rate, one.repeat_rate, one.value)
