"""JSON out of dataclasses: one declaration makes the schema, reads what comes in and writes what goes out."""

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeVar

from voicebot.application.json_input import inside, problem, storable, unknown_fields
from voicebot.domain.errors import Problem

_T = TypeVar("_T")
BIGGEST: Final = 2**63 - 1
"""What a bigint of the database holds."""
_YEARS: Final = range(2000, 2101)
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")
Schema = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """What a text must be."""

    least: int = 1
    """Characters."""
    most: int = 200
    pattern: str = ""
    """That the whole text follows, with ^ and $; empty for any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """What a number must be."""

    least: int = 1
    most: int = BIGGEST


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a dataclass."""

    name: str
    kind: Any
    """Its type without notes."""
    rule: Text | Range | None
    meaning: str
    required: bool
    default: Any


def fields_of(kind: type[Any]) -> tuple[Field, ...]:
    """The fields of a dataclass: `Annotated[int, Range(most=9), "what it means"]`."""
    return _fields(typing.cast(Hashable, kind))


@functools.cache
def _fields(kind: Any) -> tuple[Field, ...]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return tuple(_field(one, hints[one.name]) for one in dataclasses.fields(kind))


def _field(one: "dataclasses.Field[Any]", hint: Any) -> Field:
    kind: Any = hint
    notes: Sequence[Any] = ()
    if typing.get_origin(hint) is Annotated:
        kind, *notes = typing.get_args(hint)
    required = one.default is dataclasses.MISSING
    return Field(
        name=one.name,
        kind=kind,
        rule=next((note for note in notes if isinstance(note, Text | Range)), None),
        meaning=next((note for note in notes if isinstance(note, str)), ""),
        required=required,
        default=None if required else one.default,
    )


def schema_of(kind: Any, rule: Text | Range | None, components: dict[str, type]) -> Schema:
    """JSON Schema (2020-12) of a type; dataclasses are referred to and put into `components`."""
    inner, nullable = _without_none(kind)
    if nullable and inner is not kind:
        found = schema_of(inner, rule, components)
        if isinstance(found.get("type"), str) and "enum" not in found:
            return {**found, "type": [found["type"], "null"]}
        return {"anyOf": [found, {"type": "null"}]}
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [schema_of(one, rule, components) for one in arguments]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0], None, components)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], None, components)}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        assert components.setdefault(kind.__name__, kind) is kind, f"two schemas are called {kind.__name__}"
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [one.value for one in kind]}
    return {**_PLAIN[kind], **_bounds(rule)}


def object_schema(kind: type, components: dict[str, type], *, closed: bool) -> Schema:
    """The schema of a dataclass itself; `closed`: other fields are refused."""
    fields = fields_of(kind)
    properties = {
        one.name: schema_of(one.kind, one.rule, components)
        | ({"description": one.meaning} if one.meaning else {})
        | (usual_of(one) if closed else {})
        for one in fields
    }
    found: Schema = {"type": "object", "properties": properties, "description": _first_line(kind)}
    required = [one.name for one in fields if one.required or not closed]
    if required:
        found["required"] = required
    if closed:
        found["additionalProperties"] = False
    return found


def usual_of(field: Field) -> Schema:
    """What holds when it is left out, if anything does."""
    return {} if field.required or field.default is None else {"default": write(field.default)}


def write(value: object) -> Any:
    """The JSON of an answer."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: write(getattr(value, one.name)) for one in fields_of(type(value))}
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case StrEnum():
            return value.value
        case Mapping():
            return {str(name): write(one) for name, one in value.items()}
        case list() | tuple():
            return [write(one) for one in value]
    return value


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
    inner, _ = _without_none(kind)
    if inner is int and _WHOLE.fullmatch(text):
        return int(text)
    if inner is bool and text in ("true", "false"):
        return text == "true"
    return text


def _value(kind: Any, rule: Text | Range | None, value: object, path: str, problems: list[Problem]) -> Any:
    inner, nullable = _without_none(kind)
    if nullable and value is None:
        return None
    if typing.get_origin(inner) is tuple:
        return _list(typing.get_args(inner)[0], value, path, problems)
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
    return tuple(_value(kind, None, one, f"{path}[{number}]", problems) for number, one in enumerate(value))


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


_PLAIN: Final[Mapping[Any, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    object: {},
    type(None): {"type": "null"},
}
_READERS: Final[Mapping[Any, Any]] = {bool: _flag, int: _whole, str: _text, datetime: _moment}


def _bounds(rule: Text | Range | None) -> Schema:
    match rule:
        case Text():
            bounds: Schema = {"minLength": rule.least, "maxLength": rule.most}
            return bounds | ({"pattern": rule.pattern} if rule.pattern else {})
        case Range():
            return {"minimum": rule.least, "maximum": rule.most}
    return {}


def _without_none(kind: Any) -> tuple[Any, bool]:
    """The type, and whether None is one of its values."""
    if typing.get_origin(kind) not in (types.UnionType, typing.Union):
        return kind, False
    others = [one for one in typing.get_args(kind) if one is not type(None)]
    return (others[0] if len(others) == 1 else kind), len(others) < len(typing.get_args(kind))


def _first_line(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())
