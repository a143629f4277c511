"""Where the cards of a script's picture lie: columns by distance from the greeting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Final

from voicebot.domain.script import Route, Script, State

HEADER: Final = 24
"""Height of a card's title, pixels."""
LINE: Final = 15
"""Height of a line of text, pixels."""
ANYWHERE: Final = "in every state"
ASKS_AGAIN: Final = "(answers, asks again)"
"""Stands for the state a route without a target leads to."""
_WIDTH: Final = 270
_GAP_X: Final = 96
_GAP_Y: Final = 22
_TOP: Final = 52
_LEFT: Final = 24
_CHARACTERS: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Exit:
    """One way out of a card."""

    label: str
    target: str
    offset: int
    """Baseline below the card's top, pixels."""


@dataclass(kw_only=True, slots=True)
class Box:
    """One card; x and y of its upper left corner, pixels."""

    name: str
    title: str
    words: list[str]
    doings: list[str]
    exits: list[Exit] = field(default_factory=list)
    x: int = 0
    y: int = 0
    width: int = _WIDTH

    @property
    def height(self) -> int:
        """Pixels."""
        return HEADER + LINE * (len(self.words) + len(self.doings) + len(self.exits)) + 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """All cards with the size of the sheet, pixels."""

    boxes: tuple[Box, ...]
    width: int
    height: int


def lay_out(script: Script, doings: Mapping[str, list[str]]) -> Drawing:
    """Cards in columns: each state right of the first that leads to it; what ends the call in the last columns."""
    boxes = {name: _box(state, doings[name]) for name, state in script.states.items()}
    boxes[ANYWHERE] = _anywhere(script)
    columns = _columns(script, boxes)
    tallest = 0
    for index, column in enumerate(columns):
        y = _TOP
        for name in column:
            boxes[name].x, boxes[name].y = _LEFT + index * (_WIDTH + _GAP_X), y
            y += boxes[name].height + _GAP_Y
        tallest = max(tallest, y)
    ordered = tuple(boxes[name] for column in columns for name in column)
    return Drawing(boxes=ordered, width=2 * _LEFT + len(columns) * (_WIDTH + _GAP_X) - _GAP_X, height=tallest)


def _columns(script: Script, boxes: Mapping[str, Box]) -> list[list[str]]:
    # A script under repair may begin at states that are not there.
    depth = dict.fromkeys((*(name for name in script.beginnings if name in boxes), ANYWHERE), 0)
    waiting = list(depth)
    while waiting:
        name = waiting.pop(0)
        for way in boxes[name].exits:
            if way.target in boxes and way.target not in depth:
                depth[way.target] = depth[name] + 1
                waiting.append(way.target)
    for name in boxes:
        depth.setdefault(name, 1)
    talking = [name for name in depth if boxes[name].exits]
    ending = [name for name in depth if not boxes[name].exits]
    columns = [[name for name in talking if depth[name] == level] for level in range(max(depth.values()) + 1)]
    columns = [column for column in columns if column]
    half = (len(ending) + 1) // 2
    return [*columns, ending[:half], ending[half:]]


def _box(state: State, doings: list[str]) -> Box:
    said = [line.template for line in (state.notice, state.say) if line and line.template]
    title = f"{state.name} · {state.listening.kind}" if state.listens else state.name
    words = [part for text in said for part in wrap(f"«{text}»", _CHARACTERS)]
    box = Box(name=state.name, title=title, words=words, doings=wrap(", ".join(doings), _CHARACTERS + 2))
    _add_exits(box, list(state.routes()))
    return box


def _anywhere(script: Script) -> Box:
    box = Box(name=ANYWHERE, title=ANYWHERE, words=[], doings=[])
    _add_exits(box, [(intent.value, route) for intent, route in script.interrupts.items()])
    return box


def _add_exits(box: Box, routes: list[tuple[str, Route]]) -> None:
    gathered: dict[str, list[str]] = {}
    for event, route in routes:
        targets = list(dict.fromkeys(route.targets)) or [ASKS_AGAIN]
        for target in targets:
            suffix = " + value" if target == route.with_value and target != route.to else ""
            suffix = " (message)" if target == route.leave_message and target != route.to else suffix
            suffix = " (2nd time)" if target == route.if_visited and target != route.to else suffix
            gathered.setdefault(target, []).append(event + suffix)
    top = HEADER + LINE * (len(box.words) + len(box.doings) + 1)
    rows = [(label, target) for target, events in gathered.items() for label in _labels(events, target)]
    for index, (label, target) in enumerate(rows):
        box.exits.append(Exit(label=label, target=target, offset=top + LINE * index))


def _labels(events: list[str], target: str) -> list[str]:
    return wrap(", ".join(events), max(10, _CHARACTERS - 4 - len(target)))
