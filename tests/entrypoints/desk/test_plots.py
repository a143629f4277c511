"""Plots are computed right and tell their figures in words too."""

from xml.etree import ElementTree

import pytest

from voicebot.entrypoints.web.desk.pages import LANGUAGES, build_environments
from voicebot.entrypoints.web.desk.plots import Bar, Colour, Plot, Series, Unit, columns, intervals, lines, rows

DAYS = tuple(f"{day:02}.11" for day in range(1, 31))


def drawn(plot: Plot, language: str = "ru") -> str:
    template = build_environments()[language].from_string(
        '{% from "plots.html" import draw with context %}{{ draw(plot, "Звонки", "О чём", "Пусто") }}'
    )
    return template.render(plot=plot)


def test_stacked_columns_stand_upon_each_other_and_reach_no_higher_than_the_axis() -> None:
    plot = columns("calls", ("a", "b"), (Series(name="x", values=(3, 1)), Series(name="y", values=(2, None))))
    first, second = [one for one in plot.shapes if one.label == 0]
    assert first.y == pytest.approx(second.y + second.height)
    assert first.height / second.height == pytest.approx(3 / 2)
    assert [tick.value for tick in plot.ticks] == [0, 2, 4, 6]
    assert min(one.y for one in plot.shapes) >= plot.ticks[-1].at


def test_no_more_labels_are_shown_than_there_is_room_for_and_the_last_one_always_is() -> None:
    shown = [label for _, label in columns("calls", DAYS, (Series(name="x", values=range(30)),)).shown_labels]
    assert len(shown) <= 7 and shown[-1] == "30.11"


def test_a_missing_value_is_a_gap_in_the_line() -> None:
    plot = lines("answered", DAYS[:5], (Series(name="x", values=(1, 2, None, 3, 4)),), unit=Unit.SHARE)
    assert len([one for one in plot.shapes if one.path]) == 2
    assert len([one for one in plot.shapes if not one.path]) == 4


def test_an_interval_lies_beside_the_zero_line_only_when_it_does_not_hold_zero() -> None:
    plot = intervals("lift", (Bar(name="a", value=0.05, low=0.01, high=0.09), Bar(name="b", value=-0.01)))
    (whisker,) = [one for one in plot.shapes if one.height]
    assert plot.zero is not None and whisker.x > plot.zero
    assert any(tick.value == 0 for tick in plot.ticks)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "plot",
    [
        columns("one", DAYS, (Series(name="<b>", values=range(30), literal=True), Series(name="y", values=range(30)))),
        lines("two", DAYS, (Series(name="x", values=[0.1] * 30),), unit=Unit.SHARE),
        rows("three", (Bar(name="10 % <скидка>", value=12000, literal=True, colour=Colour.GOOD),), unit=Unit.MONEY),
        intervals("four", (Bar(name="x", value=1, low=-2, high=4),)),
        rows("five", ()),
        columns("six", (), ()),
    ],
    ids=lambda one: one.kind,
)
def test_every_plot_is_well_formed_and_has_its_figures_in_a_table(plot: Plot, language: str) -> None:
    text = drawn(plot, language)
    figure = ElementTree.fromstring(text)
    assert "<b>" not in text and "style=" not in text
    if plot.empty:
        assert "Пусто" in text
        return
    svg = figure.find("svg")
    assert svg is not None and svg.find("title") is not None and svg.find("desc") is not None
    cells = len(figure.findall(".//tbody/tr"))
    assert cells == len(plot.labels) + len(plot.bars)
