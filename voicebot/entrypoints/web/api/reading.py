"""What requests say, read into the dataclasses that declare it; every problem is found."""

import contextlib
import dataclasses
import re
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from voicebot.application.json_input import inside, problem, storable, unknown_fields
from voicebot.domain.errors import Problem
from voicebot.entrypoints.web.api.schema import DECIMAL, Range, Text, fields_of, item_of, without_none

_T = TypeVar("_T")
_YEARS: Final = range(2000, 2101)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_NUMBER: Final = 20
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")


def read_object(kind: type[_T], found: Mapping[str, object], path: str, problems: list[Problem]) -> _T | None:
    """The dataclass that an object describes; None when something was wrong with it."""
    fields = fields_of(kind)
    before = len(problems)
    problems += unknown_fields(found, [one.name for one in fields], path)
    values: dict[str, Any] = {}
    for one in fields:
        where = inside(path, one.name)
        if one.name in found:
            values[one.name] = _value(one.kind, one.rule, found[one.name], where, problems)
        elif one.required:
            problems.append(problem(where, "is missing"))
    return None if len(problems) > before else kind(**values)


def read_words(
    kind: type[_T], pairs: Sequence[tuple[str, str]], problems: list[Problem], *, what: str = "parameter"
) -> _T | None:
    """The same of names and texts, as an address carries them."""
    fields = {one.name: one for one in fields_of(kind)}
    given: dict[str, object] = {}
    before = len(problems)
    for name, text in pairs:
        if name in given:
            problems.append(problem(name[:40], f"the {what} is given twice"))
        given[name] = _from_word(fields[name].kind, text) if name in fields else text
    return None if len(problems) > before else read_object(kind, given, "", problems)


def _from_word(kind: Any, text: str) -> object:
    """What the text would be in JSON; a text that is nothing of the kind stays one, and is refused for it."""
    inner, _ = without_none(kind)
    if inner is int and _WHOLE.fullmatch(text):
        return int(text)
    if inner is bool and text in ("true", "false"):
        return text == "true"
    return text


def _value(kind: Any, rule: Text | Range | None, value: object, path: str, problems: list[Problem]) -> Any:
    inner, nullable = without_none(kind)
    if nullable and value is None:
        return None
    if typing.get_origin(inner) is tuple:
        return _list(inner, value, path, problems)
    if dataclasses.is_dataclass(inner) and isinstance(inner, type):
        if isinstance(value, Mapping):
            return read_object(inner, value, path, problems)
        problems.append(problem(path, "must be an object"))
        return None
    try:
        if isinstance(inner, type) and issubclass(inner, StrEnum):
            return _member(inner, value)
        return _READERS[inner](value, rule)
    except ValueError as error:
        message, _, repair = str(error).partition("|")
        problems.append(problem(path, message, repair))
        return None


def _list(kind: Any, value: object, path: str, problems: list[Problem]) -> Any:
    if not isinstance(value, list):
        problems.append(problem(path, "must be a list"))
        return ()
    item, rule = item_of(kind)
    return tuple(_value(item, rule, one, f"{path}[{number}]", problems) for number, one in enumerate(value))


def _member(kind: type[StrEnum], value: object) -> StrEnum:
    if not isinstance(value, str) or value not in set(kind):
        raise ValueError(f"is none of the known values|use {', '.join(kind)}")
    return kind(value)


def _text(value: object, rule: Text | Range | None) -> str:
    rule = rule if isinstance(rule, Text) else Text()
    if not isinstance(value, str):
        raise ValueError("must be text")
    if not storable(value):
        raise ValueError("holds a zero character or half a letter")
    if not rule.least <= len(value) <= rule.most:
        raise ValueError(f"must have {rule.least} to {rule.most} characters")
    if rule.pattern and not re.fullmatch(rule.pattern, value):
        raise ValueError(f"must look like {rule.pattern}")
    return value


def _whole(value: object, rule: Text | Range | None) -> int:
    rule = rule if isinstance(rule, Range) else Range()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    if not rule.least <= value <= rule.most:
        raise ValueError(f"must be {rule.least} to {rule.most}")
    return value


def _exact(value: object, rule: Text | Range | None) -> Decimal:
    rule = rule if isinstance(rule, Range) else Range(least=0)
    if not isinstance(value, str) or not re.fullmatch(DECIMAL, value) or len(value) > _LONGEST_NUMBER:
        raise ValueError('must be a number written as text|write "0.05"')
    if not rule.least <= Decimal(value) <= rule.most:
        raise ValueError(f"must be {rule.least} to {rule.most}")
    return Decimal(value)


def _flag(value: object, _rule: Text | Range | None) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _moment(value: object, _rule: Text | Range | None) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year not in _YEARS:
        raise ValueError("must be a moment with its zone|write 2026-11-24T12:00:00+03:00")
    return found


def _day(value: object, _rule: Text | Range | None) -> date:
    found = None
    if isinstance(value, str) and _DAY.fullmatch(value):
        with contextlib.suppress(ValueError):
            found = date.fromisoformat(value)
    if found is None or found.year not in _YEARS:
        raise ValueError("must be a day|write 2026-11-24")
    return found


_READERS: Final[Mapping[Any, Any]] = {
    bool: _flag,
    int: _whole,
    str: _text,
    Decimal: _exact,
    datetime: _moment,
    date: _day,
}
