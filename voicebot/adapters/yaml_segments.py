"""Segments out of YAML files."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, TypeVar

import yaml

from voicebot.adapters.yaml_nodes import Entry, YamlFile, meant
from voicebot.domain.customer import InterestSignal, ValueClass
from voicebot.domain.errors import BadInput
from voicebot.domain.segment import (
    LAPSE_KINDS,
    LAPSE_MONTHS,
    Interested,
    LapseRule,
    Segment,
    Shrunk,
    Silent,
    contradictions,
)

_Value = TypeVar("_Value")
_MOST: Final = 10**9
_BOUNDS: Final = (
    "min_orders",
    "max_orders",
    "min_spent",
    "max_spent",
    "last_order_within_months",
    "categories",
    "value_classes",
    "no_reaction_to_last",
)
_KEYS: Final = {
    "silent": ("months",),
    "interested": ("months", "signals", "min_signals"),
    "shrunk": ("months", "share", "former_months"),
}
"""The keys of each kind of rule."""


def load_segment(path: Path) -> Segment:
    """The segment of one file; raises BadInput with every problem, each with its line."""
    file = YamlFile(path=path)
    root = file.compose()
    segment = read_segment(file, root) if root is not None else None
    if file.problems or segment is None:
        raise BadInput(sorted(file.problems, key=lambda problem: int(problem.where or 0)))
    return segment


def read_segment(file: YamlFile, root: yaml.MappingNode) -> Segment | None:
    """The segment one mapping of a file writes down; problems are noted there."""
    return _segment(_Reader(file), root)


class _Reader:
    """Values of one file's keys, each problem noted where it stands."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.entries: dict[str, Entry] = {}

    def whole(self, key: str, default: int, *, least: int = 1, most: int = _MOST) -> int:
        return self.written_whole(key, least=least, most=most) if key in self.entries else default

    def written_whole(self, key: str, *, least: int = 1, most: int = _MOST) -> int:
        entry = self.entries[key]
        written = str(entry.node.value)
        if written.isdecimal() and least <= int(written) <= most:
            return int(written)
        self.file.note(entry.line, "", f"'{key}' must be a whole number", f"from {least} to {most}")
        return least

    def maybe(self, key: str, *, most: int = _MOST) -> int | None:
        return self.written_whole(key, most=most) if key in self.entries else None

    def amount(self, key: str, *, most: Decimal = Decimal(_MOST)) -> Decimal | None:
        entry = self.entries.get(key)
        if entry is None:
            return None
        try:
            number = Decimal(str(entry.node.value))
        except InvalidOperation:
            number = Decimal(-1)
        if number.is_finite() and 0 <= number <= most:
            return number
        self.file.note(entry.line, "", f"'{key}' must be a number", f"from 0 to {most}")
        return None

    def line(self, key: str) -> int:
        return self.entries[key].line if key in self.entries else 1


def _segment(reader: _Reader, root: yaml.MappingNode) -> Segment | None:
    file = reader.file
    known = {"name", "kind", *_BOUNDS, *(key for keys in _KEYS.values() for key in keys)}
    reader.entries = file.entries(root, "", known)
    file.require(reader.entries, ("name", "kind"), 1, "")
    kind = file.one_of(reader.entries.get("kind"), "", {name: name for name in LAPSE_KINDS}, "kind")
    if kind is None:
        return None
    for other in (key for name, keys in _KEYS.items() if name != kind for key in keys if key not in _KEYS[kind]):
        if other in reader.entries:
            file.note(reader.line(other), "", f"'{other}' says nothing about the kind '{kind}'", "leave it out")
    classes = {value.value: value for value in ValueClass}
    segment = Segment(
        name=file.text(reader.entries.get("name"), ""),
        rule=_rule(kind, reader),
        min_orders=reader.whole("min_orders", 0 if kind == "interested" else 1, least=0),
        max_orders=reader.maybe("max_orders"),
        min_spent=reader.amount("min_spent"),
        max_spent=reader.amount("max_spent"),
        last_order_within_months=reader.maybe("last_order_within_months", most=600),
        categories=file.texts(reader.entries.get("categories"), ""),
        value_classes=_several(reader, "value_classes", classes),
        no_reaction_to_last=reader.whole("no_reaction_to_last", 0, least=0, most=100),
    )
    for key, message in contradictions(segment):
        file.note(reader.line(key), "", message)
    return segment


def _rule(kind: str, reader: _Reader) -> LapseRule:
    months = reader.whole("months", LAPSE_MONTHS, most=600)
    if kind == "silent":
        return Silent(months=months)
    if kind == "interested":
        signals = _several(reader, "signals", {signal.value: signal for signal in InterestSignal})
        return Interested(
            months=months,
            signals=signals or tuple(InterestSignal),
            min_signals=reader.whole("min_signals", 1),
        )
    share = reader.amount("share", most=Decimal(1))
    return Shrunk(
        months=months,
        share=Shrunk().share if share is None else share,
        former_months=reader.whole("former_months", Shrunk().former_months, most=600),
    )


def _several(reader: _Reader, key: str, values: dict[str, _Value]) -> tuple[_Value, ...]:
    entry = reader.entries.get(key)
    found: list[_Value] = []
    for written in reader.file.texts(entry, ""):
        if written in values:
            found.append(values[written])
        else:
            reader.file.note(reader.line(key), "", f"'{written}' is none of {key}", meant(written, values))
    return tuple(found)
