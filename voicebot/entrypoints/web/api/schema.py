"""JSON out of dataclasses: one declaration makes the schema, reads requests (`reading`) and writes answers."""

import dataclasses
import functools
import types
import typing
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

BIGGEST: Final = 2**63 - 1
"""What a bigint of the database holds."""
DECIMAL: Final = r"^-?[0-9]{1,12}(\.[0-9]+)?$"
"""Numbers that must stay exact are written as texts; a Range bounds them too, which no schema can say."""
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
    inner, nullable = without_none(kind)
    if nullable and inner is not kind:
        found = schema_of(inner, rule, components)
        if isinstance(found.get("type"), str) and "enum" not in found:
            return {**found, "type": [found["type"], "null"]}
        return {"anyOf": [found, {"type": "null"}]}
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [schema_of(one, rule, components) for one in arguments]}
    if origin is tuple:
        item, item_rule = item_of(kind)
        return {"type": "array", "items": schema_of(item, item_rule, components)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], None, components)}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        assert components.setdefault(kind.__name__, kind) is kind, f"two schemas are called {kind.__name__}"
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [one.value for one in kind]}
    return {**_PLAIN[kind], **({} if kind is Decimal else _bounds(rule))}


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


_PLAIN: Final[Mapping[Any, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Decimal: {"type": "string", "pattern": DECIMAL},
    object: {},
    type(None): {"type": "null"},
}


def _bounds(rule: Text | Range | None) -> Schema:
    match rule:
        case Text():
            bounds: Schema = {"minLength": rule.least, "maxLength": rule.most}
            return bounds | ({"pattern": rule.pattern} if rule.pattern else {})
        case Range():
            return {"minimum": rule.least, "maximum": rule.most}
    return {}


def without_none(kind: Any) -> tuple[Any, bool]:
    """The type, and whether None is one of its values."""
    if typing.get_origin(kind) not in (types.UnionType, typing.Union):
        return kind, False
    others = [one for one in typing.get_args(kind) if one is not type(None)]
    return (others[0] if len(others) == 1 else kind), len(others) < len(typing.get_args(kind))


def item_of(kind: Any) -> tuple[Any, Text | Range | None]:
    """What a `tuple[Annotated[str, Text()], ...]` holds, and what each of them must be."""
    item = typing.get_args(kind)[0]
    if typing.get_origin(item) is not Annotated:
        return item, None
    inner, *notes = typing.get_args(item)
    return inner, next((note for note in notes if isinstance(note, Text | Range)), None)


def _first_line(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())
