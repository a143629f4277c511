"""Plots as geometry: computed here, drawn as SVG by `plots.html`.

    plot = columns("calls", days, [Series(name="интересно", values=(3, 5), colour=Colour.GOOD)])

and in a template

    {% from "plots.html" import draw with context %}
    {{ draw(plot, _("Звонки по дням"), _("Сколько разговоров и чем кончились")) }}

Every plot has a title, a description and a table with the same figures; colours are classes of `plots.css`, for light
and dark. Names of series and bars are translated when they are drawn, unless they are `literal`: written by people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, isclose, log10
from typing import Final

WIDTH: Final = 480.0
"""User units; the page scales them to the width there is."""
_HEIGHT: Final = 230.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 68.0, 8.0, 12.0, 32.0
_FLOOR: Final = _HEIGHT - _BOTTOM
_ROW: Final = 44.0
_BAR: Final = 14.0
_TICKS: Final = 4
_LABELS: Final = 7
"""No more of them fit below a plot on a phone."""


class Colour(StrEnum):
    """What a shape means; the page knows the paint."""

    ACCENT = "accent"  # the thing itself
    GOOD = "good"  # interested, called
    INFO = "info"  # neutral
    WARN = "warn"  # take care
    BAD = "bad"  # refused
    MUTED = "muted"  # the base it is compared with
    BOT = "bot"  # a second side


class Unit(StrEnum):
    """How values are written."""

    NUMBER = "number"
    SHARE = "share"  # 0.12 is 12 %
    MONEY = "money"  # RUB


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """Values of one name, one for each label; None where there is none."""

    name: str
    values: Sequence[float | None]
    colour: Colour = Colour.ACCENT
    literal: bool = False
    """Whether people gave the name: it is not translated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One row of a plot."""

    name: str
    value: float
    """The bar's length, or the estimate of an interval."""
    low: float | None = None
    """Lower end of the interval."""
    high: float | None = None
    colour: Colour = Colour.ACCENT
    literal: bool = False
    note: str = ""
    """Shown behind the value as it stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """One value of an axis."""

    at: float
    """User units along the axis."""
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One rectangle, dot or line of a plot."""

    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    path: str = ""
    """Points of a line, empty for a rectangle or a dot."""
    colour: Colour
    of: int = 0
    """Which series or bar it shows."""
    label: int = -1
    """Which label; -1 for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """Everything that is drawn and told."""

    kind: str
    """columns, lines, rows or intervals."""
    name: str
    """Unique on the page: a word of Latin letters."""
    unit: Unit
    height: float
    width: float = WIDTH
    labels: tuple[str, ...] = ()
    """Of the columns, as they are shown: days, months."""
    shown_labels: tuple[tuple[float, str], ...] = ()
    """Those there is room for, with their places."""
    series: tuple[Series, ...] = ()
    bars: tuple[Bar, ...] = ()
    ticks: tuple[Tick, ...] = ()
    shapes: tuple[Shape, ...] = ()
    zero: float | None = None
    """Where nothing is, of intervals."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        values = [value for one in self.series for value in one.values] + [one.value for one in self.bars]
        return not any(values)


def columns(
    name: str, labels: Sequence[str], series: Iterable[Series], *, unit: Unit = Unit.NUMBER, stacked: bool = True
) -> Plot:
    """Upright bars, one place for each label; the series stand upon each other, or side by side."""
    shown = tuple(series)
    heights = [[one.values[at] or 0.0 for one in shown] for at in range(len(labels))]
    most = max((sum(one) if stacked else max(one, default=0.0) for one in heights), default=0.0)
    ticks, top = _upright(most, unit)
    slot = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    width = min(slot * 0.76, 44.0)
    shapes = []
    for at, values in enumerate(heights):
        left, base = _LEFT + slot * at + (slot - width) / 2, _FLOOR
        for of, value in enumerate(values):
            height = value / top * (_FLOOR - _TOP)
            part = width if stacked else width / len(values)
            x = left if stacked else left + part * of
            if value:
                shape = Shape(x=x, y=base - height, width=part, height=height, colour=shown[of].colour, of=of, label=at)
                shapes.append(shape)
            base -= height if stacked else 0.0
    return Plot(
        kind="columns",
        name=name,
        unit=unit,
        height=_HEIGHT,
        labels=tuple(labels),
        shown_labels=_thinned(labels, slot),
        series=shown,
        ticks=ticks,
        shapes=tuple(shapes),
    )


def lines(name: str, labels: Sequence[str], series: Iterable[Series], *, unit: Unit = Unit.NUMBER) -> Plot:
    """Lines over the labels; where a value is missing the line has a gap."""
    shown = tuple(series)
    ticks, top = _upright(max((value or 0.0 for one in shown for value in one.values), default=0.0), unit)
    slot = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    shapes = []
    for of, one in enumerate(shown):
        places = [
            None if value is None else (_LEFT + slot * (at + 0.5), _FLOOR - value / top * (_FLOOR - _TOP))
            for at, value in enumerate(one.values)
        ]
        for run in _runs(places):
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
            shapes.append(Shape(x=run[0][0], y=run[0][1], path=path, colour=one.colour, of=of))
        shapes += [
            Shape(x=place[0], y=place[1], colour=one.colour, of=of, label=at)
            for at, place in enumerate(places)
            if place is not None
        ]
    return Plot(
        kind="lines",
        name=name,
        unit=unit,
        height=_HEIGHT,
        labels=tuple(labels),
        shown_labels=_thinned(labels, slot),
        series=shown,
        ticks=ticks,
        shapes=tuple(shapes),
    )


def rows(name: str, bars: Iterable[Bar], *, unit: Unit = Unit.NUMBER, most: float | None = None) -> Plot:
    """Lying bars, each below its label; `most`: the value of a whole row, else the greatest one."""
    shown = tuple(bars)
    whole = most or max((one.value for one in shown), default=0.0) or 1.0
    shapes = tuple(
        Shape(
            x=0.0,
            y=_ROW * at + 22.0,
            width=max(min(one.value / whole, 1.0) * WIDTH, 0.0),
            height=_BAR,
            colour=one.colour,
            of=at,
        )
        for at, one in enumerate(shown)
    )
    return Plot(kind="rows", name=name, unit=unit, height=_ROW * max(len(shown), 1), bars=shown, shapes=shapes)


def intervals(name: str, bars: Iterable[Bar], *, unit: Unit = Unit.NUMBER) -> Plot:
    """Estimates with their intervals against nothing at all: what does not touch the zero line is shown."""
    shown = tuple(bars)
    ends = [0.0] + [end for one in shown for end in (one.low, one.high, one.value) if end is not None]
    low, high = min(ends), max(ends)
    if isclose(low, high):
        low, high = low - 1.0, high + 1.0
    margin = (high - low) * 0.06
    low, high = low - margin, high + margin

    def place(value: float) -> float:
        return 6.0 + (value - low) / (high - low) * (WIDTH - 12.0)

    shapes = []
    for at, one in enumerate(shown):
        y = _ROW * at + 31.0
        if one.low is not None and one.high is not None:
            left, right = place(one.low), place(one.high)
            shapes.append(Shape(x=left, y=y, width=right - left, height=1.0, colour=one.colour, of=at))
        shapes.append(Shape(x=place(one.value), y=y, colour=one.colour, of=at))
    return Plot(
        kind="intervals",
        name=name,
        unit=unit,
        height=_ROW * max(len(shown), 1) + 26.0,
        bars=shown,
        ticks=tuple(Tick(at=place(value), value=value) for value in _nice(low, high, whole=False)),
        shapes=tuple(shapes),
        zero=place(0.0),
    )


def _upright(most: float, unit: Unit) -> tuple[tuple[Tick, ...], float]:
    """Ticks from the floor up, and the value at the top."""
    values = _nice(0.0, most or 1.0, whole=unit is Unit.NUMBER)
    top = max(values[-1], most)
    return tuple(Tick(at=_FLOOR - value / top * (_FLOOR - _TOP), value=value) for value in values), top


def _nice(low: float, high: float, *, whole: bool) -> tuple[float, ...]:
    """A few round values from `low` to beyond or at `high`; within both when `low` is not zero."""
    rough = (high - low) / _TICKS
    power: float = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    step = max(step, 1.0) if whole else step
    first = ceil(low / step)
    last = ceil(high / step - 1e-9) if low == 0 else floor(high / step)
    return tuple(round(step * at, 10) for at in range(first, last + 1))


def _thinned(labels: Sequence[str], slot: float) -> tuple[tuple[float, str], ...]:
    every = ceil(len(labels) / _LABELS) or 1
    last = len(labels) - 1
    return tuple((_LEFT + slot * (at + 0.5), label) for at, label in enumerate(labels) if (last - at) % every == 0)


def _runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """What lies between the gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]
