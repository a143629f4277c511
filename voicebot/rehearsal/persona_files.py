"""Personas from YAML, each file checked whole."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from voicebot.adapters.yaml_nodes import compose_text
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.outcome import ActionKind, Disposition, Group
from voicebot.rehearsal.persona import (
    Answers,
    Beep,
    Expectation,
    HangUp,
    Hum,
    KeepSilent,
    LineBehaviour,
    Persona,
    Press,
    Refuses,
    RingsOut,
    Role,
    Say,
    Step,
    TalkOver,
    Voice,
    WaitBot,
)

SHIPPED: Final = Path(__file__).parent / "personas"
"""The personas of the demo."""


def read_personas(folder: Path = SHIPPED) -> tuple[Persona, ...]:
    """All personas of a folder, by name; raises BadInput with every problem of every file."""
    if not folder.is_dir():
        raise BadInput.one(str(folder), "no such folder", repair="name a folder of persona files")
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BadInput.one(str(folder), "holds no *.yaml", repair="name a folder of persona files")
    problems: list[Problem] = []
    personas: list[Persona] = []
    for file in files:
        try:
            personas.append(read_persona(file))
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    return tuple(personas)


def read_persona(file: Path) -> Persona:
    """One persona; raises BadInput with every problem as file:line."""
    try:
        root = compose_text(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput.one(str(file), f"cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = "" if mark is None else str(mark.line + 1)
        raise BadInput.one(str(file), f"is not YAML: {getattr(error, 'problem', error)}", where=line) from error
    reader = _Reader(str(file))
    persona = reader.persona(root, file.stem)
    if reader.problems or persona is None:
        raise BadInput(reader.problems)
    return persona


class _Wrong(Exception):
    """A value is not what it must be; the message says what it must be."""


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(written: str) -> int:
        if not re.fullmatch(r"\d{1,9}", written) or not low <= int(written) <= high:
            raise _Wrong(f"must be a whole number from {low} to {high}")
        return int(written)

    return parse


def _pattern(expression: str, rule: str) -> Callable[[str], str]:
    def parse(written: str) -> str:
        if not re.fullmatch(expression, written):
            raise _Wrong(rule)
        return written

    return parse


_MILLISECONDS: Final = _whole(0, 120_000)
_SPOKEN: Final = _pattern(r"[а-яё]+(-[а-яё]+)*(,? [а-яё]+(-[а-яё]+)*)*", "must be lower-case Russian words, no digits")


@dataclass(frozen=True)
class _Shape:
    """How a step is written: `- <name>: <value>` with options beside it."""

    make: Callable[..., Step]
    field: str
    """Field the value fills."""
    parse: Callable[[str], object]
    options: Mapping[str, Callable[[str], object]]
    needs_value: bool = True


_STEPS: Final[Mapping[str, _Shape]] = {
    "wait_bot": _Shape(WaitBot, "silence_ms", _MILLISECONDS, {"timeout_ms": _MILLISECONDS}, needs_value=False),
    "say": _Shape(Say, "text", _SPOKEN, {"reaction_ms": _MILLISECONDS}),
    "talk_over": _Shape(TalkOver, "text", _SPOKEN, {"after_ms": _MILLISECONDS}),
    "hum": _Shape(Hum, "text", _SPOKEN, {"after_ms": _MILLISECONDS}, needs_value=False),
    "hang_up": _Shape(HangUp, "utterance", _whole(0, 50), {"after_ms": _MILLISECONDS}, needs_value=False),
    "beep": _Shape(Beep, "hz", _whole(300, 3400), {"length_ms": _MILLISECONDS}, needs_value=False),
    "press": _Shape(
        Press, "digit", _pattern(r"[0-9*#]", "must be one key: 0-9, * or #"), {"reaction_ms": _MILLISECONDS}
    ),
    "silence": _Shape(KeepSilent, "length_ms", _MILLISECONDS, {}),
}

_VOICE: Final[Mapping[str, Callable[[str], object]]] = {
    "name": _pattern(r"ru(\+\w+)?", "must be `ru` or `ru+<variant>`"),
    "rate": _whole(80, 300),
    "pitch": _whole(0, 99),
}


class _Reader:
    """Walks one file's nodes and gathers problems."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.problems: list[Problem] = []

    def persona(self, root: yaml.Node | None, stem: str) -> Persona | None:
        if not isinstance(root, yaml.MappingNode):
            self._wrong(root, "must be a mapping with name, description, expect ...")
            return None
        known = ("name", "description", "role", "voice", "line", "rings_back", "script", "otherwise", "expect")
        nodes = self._fields(root, known, required=("name", "description"))
        fields: dict[str, Any] = {}
        for name, read in (
            ("name", lambda node: self._value(node, _pattern(re.escape(stem), f"must be '{stem}', as the file"))),
            ("description", lambda node: self._value(node, _pattern(r".{3,}", "must say who this is"))),
            ("role", lambda node: self._choice(node, Role)),
            ("voice", self._voice),
            ("line", self._line),
            ("script", self._script),
            ("otherwise", lambda node: self._value(node, _SPOKEN)),
            ("expect", self._expectation),
        ):
            if name in nodes:
                fields[name] = read(nodes[name])
        if "rings_back" in nodes:
            fields["rings_back_after_ms"] = self._value(nodes["rings_back"], _MILLISECONDS)
        self._check_sense(root, nodes)
        return None if self.problems else Persona(**fields)

    def _check_sense(self, root: yaml.Node, nodes: Mapping[str, yaml.Node]) -> None:
        role = nodes.get("role")
        manager = isinstance(role, yaml.ScalarNode) and role.value == Role.MANAGER
        if manager and "expect" in nodes:
            self._wrong(nodes["expect"], "a manager has no outcome", "remove `expect`")
        if not manager and "expect" not in nodes:
            self._wrong(root, "`expect` is missing", "say what the call must come to")
        line = nodes.get("line")
        keys = {key.value for key, _ in line.value} if isinstance(line, yaml.MappingNode) else set[str]()
        missed = bool(keys & {"refuse", "ring_out"})
        if missed and "script" in nodes and "rings_back" not in nodes:
            self._wrong(nodes["script"], "nobody answers this line", "remove `script` or let the line answer")
        if "rings_back" in nodes and not missed:
            self._wrong(nodes["rings_back"], "it has missed no call", "let the line refuse or ring out")

    def _voice(self, node: yaml.Node) -> Voice:
        fields = self._fields(node, tuple(_VOICE))
        return Voice(**self._values(fields, _VOICE))

    def _line(self, node: yaml.Node) -> LineBehaviour | None:
        fields = self._fields(node, ("answer_after_ms", "refuse", "after_ms", "ring_out"))
        if "refuse" in fields:
            values = self._values(fields, {"refuse": _whole(400, 699), "after_ms": _MILLISECONDS})
            if "refuse" not in values:
                return None
            values["sip_code"] = values.pop("refuse")
            return Refuses(**values)
        if "ring_out" in fields:
            self._value(fields["ring_out"], _pattern("true", "can only be true"))
            return RingsOut()
        if "answer_after_ms" in fields:
            return Answers(**{"after_ms": self._value(fields["answer_after_ms"], _MILLISECONDS)})
        self._wrong(node, "must have one of answer_after_ms, refuse, ring_out")
        return None

    def _script(self, node: yaml.Node) -> tuple[Step, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, "must be a list of steps")
            return ()
        steps = (self._step(item) for item in node.value)
        return tuple(step for step in steps if step is not None)

    def _step(self, node: yaml.Node) -> Step | None:
        if isinstance(node, yaml.ScalarNode):
            shape = self._shape(node, (node.value,))
            if shape is not None and shape.needs_value:
                self._wrong(node, f"'{node.value}' needs a value", f"write `- {node.value}: ...`")
                return None
            return None if shape is None else shape.make()
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, "must be a step")
            return None
        name = str(node.value[0][0].value)
        shape = self._shape(node, (name,))
        if shape is None:
            return None
        fields = self._fields(node, (name, *shape.options))
        if not shape.needs_value and getattr(fields[name], "value", "") == "":
            del fields[name]  # `- wait_bot:` with options below it: the value stays as usual
        found = len(self.problems)
        values = self._values(fields, {name: shape.parse, **shape.options})
        if len(self.problems) > found:
            return None
        if name in values:
            values[shape.field] = values.pop(name)
        return shape.make(**values)

    def _shape(self, node: yaml.Node, names: Iterable[str]) -> _Shape | None:
        (name,) = names
        if name not in _STEPS:
            self._wrong(node, f"no step is called '{name}'", _nearest(name, _STEPS))
            return None
        return _STEPS[name]

    def _expectation(self, node: yaml.Node) -> Expectation | None:
        fields = self._fields(node, ("group", "disposition", "tags", "actions"), required=("group", "disposition"))
        found = len(self.problems)
        values: dict[str, Any] = {}
        if "group" in fields:
            values["group"] = self._choice(fields["group"], Group)
        if "disposition" in fields:
            values["disposition"] = self._choice(fields["disposition"], Disposition)
        if "tags" in fields:
            tags = [self._value(item, str) for item in self._items(fields["tags"])]
            values["tags"] = tuple(sorted(tag for tag in tags if tag))
        if "actions" in fields:
            kinds = [self._choice(item, ActionKind) for item in self._items(fields["actions"])]
            values["actions"] = tuple(sorted({kind for kind in kinds if kind}))
        return Expectation(**values) if len(self.problems) == found and len(fields) >= 2 else None

    def _fields(self, node: yaml.Node, known: tuple[str, ...], required: tuple[str, ...] = ()) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"must be a mapping of {', '.join(known)}")
            return {}
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                self._wrong(key, f"'{name}' means nothing here", _nearest(name, known))
            elif name in fields:
                self._wrong(key, f"'{name}' is given twice", "keep one")
            fields[name] = value
        for name in required:
            if name not in fields:
                self._wrong(node, f"`{name}` is missing")
        return fields

    def _values(self, fields: Mapping[str, yaml.Node], parsers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        values = {name: self._value(fields[name], parse) for name, parse in parsers.items() if name in fields}
        return {name: value for name, value in values.items() if value is not None}

    def _items(self, node: yaml.Node) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self._wrong(node, "must be a list")
        return []

    def _choice(self, node: yaml.Node, kind: type[Any]) -> Any:
        options = [str(option) for option in kind]
        written = node.value if isinstance(node, yaml.ScalarNode) else ""
        if written in options:
            return kind(written)
        self._wrong(node, f"'{written}' is none of {', '.join(options)}", _nearest(written, options))
        return None

    def _value(self, node: yaml.Node, parse: Callable[[str], Any]) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            self._wrong(node, "must be a single value")
            return None
        try:
            return parse(node.value)
        except _Wrong as error:
            self._wrong(node, f"'{node.value}' {error}")
            return None

    def _wrong(self, node: yaml.Node | None, message: str, repair: str = "") -> None:
        line = 1 if node is None else node.start_mark.line + 1
        self.problems.append(Problem(source=self._source, where=str(line), message=message, repair=repair))


def _nearest(written: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(written, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(known)}"
